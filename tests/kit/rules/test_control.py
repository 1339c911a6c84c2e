"""Requests and their answers, pongs, and the end of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.kit.model.values import article
from tests.kit.rules.builder import ONE_MS, START_NS, Tape, clean, error, expect
from tests.kit.rules.story import ANN, BOB, story

from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from tests.kit.rules.builder import Entry, Player


def opened(**how: object) -> tuple[Tape, Player]:
    tape = Tape()
    return tape, tape.opened(ANN, "s-00000001", **how)


def ns(entry: Entry) -> int:
    return START_NS + entry.ms * ONE_MS


# -- answers -----------------------------------------------------------------------------------------------


def test_no_answer() -> None:
    told = story()
    told.tape.remove(told.pong[1])
    expect(told.tape.judge(), "CTRL-001", blamed=told.pong[0])


def test_two_answers() -> None:
    told = story()
    again = told.tape.put(told.pong[1].subject, told.pong[1].body, Party.TARGET)
    told.tape.move(again, behind=told.pong[1])
    expect(told.tape.judge(), "CTRL-001", blamed=again)


def test_an_answer_and_an_error() -> None:
    told = story()
    refused = told.a1.refused(told.pong[0], 5000)
    told.tape.move(refused, behind=told.pong[1])
    expect(told.tape.judge(), "CTRL-001", blamed=refused)


@pytest.mark.parametrize(("ms", "late"), [(2_200, False), (2_300, True)])
def test_a_late_answer(ms: int, late: bool) -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    tape.wait(ms)
    answer = player.gets(request, "session.pong", {"position": player.position()})
    found = tape.judge()
    if late:
        expect(found, "CTRL-001", blamed=answer)
    else:
        clean(found)


def test_an_answer_that_came_while_the_kit_stood_still() -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    tape.wait(9_000)
    answer = player.gets(request, "session.pong", {"position": player.position()})
    expect(tape.judge(), "CTRL-001", blamed=answer)
    clean(tape.judge(stalls=((ns(request) + ONE_MS, ns(request) + 8_000 * ONE_MS),)))


def test_an_answer_that_never_came_although_the_kit_stood_still() -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    tape.wait(100)
    expect(
        tape.judge(stalls=((ns(request), ns(request) + 500 * ONE_MS),)), "CTRL-001", blamed=request
    )
    clean(tape.judge(stalls=((ns(request), ns(request) + 1_000 * ONE_MS),)))


GARBAGE = [b"", b"{", b"[]", b"7", b'"x"', b"\xff\xfe", b"null", b'{"a":' * 300]


@pytest.mark.parametrize("raw", GARBAGE)
def test_garbage_is_owed_an_answer(raw: bytes) -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    request.raw = raw
    expect(tape.judge(), "CTRL-001", blamed=request)


@pytest.mark.parametrize(
    "reply", ["", "session.x.y.state", "inbox.1", "_INBOXx.1", "chat.messages"]
)
def test_no_answer_is_owed_without_an_inbox(reply: str) -> None:
    tape, player = opened()
    player.asks("session.ping", reply=reply)
    clean(tape.judge())


def test_no_answer_is_owed_at_the_end_of_the_run() -> None:
    tape, player = opened()
    player.asks("session.ping")
    tape.wait(-2_000)
    clean(tape.judge())


def test_no_answer_is_owed_while_the_target_is_stopped() -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    expect(tape.judge(), "CTRL-001", blamed=request)
    clean(tape.judge(outages=((ns(request) + ONE_MS, ns(request) + 2 * ONE_MS),)))


def test_no_answer_is_owed_after_the_word_that_the_server_stops() -> None:
    tape, player = opened()
    player.pushed("session.closing", {"code": 5030, "reconnect": True, "after_ms": 0})
    tape.wait(50)
    player.asks("session.ping")
    tape.wait(3_000)
    player.refused(player.asks("session.ping"), 4041)
    clean(tape.judge())


@pytest.mark.parametrize(("code", "reconnect", "right"), [(4101, True, False), (4101, False, True)])
def test_the_code_of_a_session_that_may_come_back(code: int, reconnect: bool, right: bool) -> None:
    tape, player = opened()
    player.pushed("session.closing", {"code": code, "reconnect": reconnect, "after_ms": 0})
    assert ("CTRL-017" not in tape.judge().broken) is right


def test_two_requests_with_one_inbox() -> None:
    tape, player = opened()
    first = player.asks("session.ping")
    second = player.asks("session.ping", reply=first.reply)
    player.gets(first, "session.pong", {"position": player.position()})
    player.gets(second, "session.pong", {"position": player.position()})
    clean(tape.judge())


# -- the servers own types ---------------------------------------------------------------------------------


@pytest.mark.parametrize("type_", ["session.heartbeat", "action.ack", "session.closing", "error"])
def test_the_servers_own_types_are_ignored(type_: str) -> None:
    tape, player = opened()
    request = player.asks(type_)
    clean(tape.judge())
    answer = player.refused(request, 4002)
    expect(tape.judge(), "CTRL-014", blamed=answer)


def test_a_text_with_two_types_is_not_judged() -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    request.raw = b'{"type":"session.ping","type":"session.pong"}'
    clean(tape.judge())
    player.refused(request, 4000)
    clean(tape.judge())


# -- pongs -------------------------------------------------------------------------------------------------


def test_a_pong_below_the_states_of_an_answered_request() -> None:
    tape, player = opened()
    _, answer = player.ping()
    answer.data["position"]["seq"] = 0
    found = tape.judge()
    observations = expect(found, "CTRL-007", blamed=answer, pointer="/data/position")
    assert observations[0].expected == "at least 1:1 (last action 0)"


def test_a_pong_below_an_ack() -> None:
    told = story()
    _, pong = told.pong
    pong.data["position"]["seq"] = 2
    found = told.tape.judge()
    assert found.broken - {"ORDER-005"} == {"CTRL-007"}, found.told()
    assert found.of("CTRL-007")[0].records[0] == pong.n


def test_a_pong_that_does_not_count_an_acked_action() -> None:
    tape, player = opened()
    player.acts("session.noop")
    _, pong = player.ping()
    pong.data["position"]["last_action_seq"] = 0
    expect(tape.judge(), "CTRL-007", blamed=pong, pointer="/data/position")


def test_a_pong_below_the_effect_of_an_action_in_another_session() -> None:
    tape, ann = opened(features=("events",))
    bob = tape.opened(BOB, "s-00000002", features=("events",))
    done = ann.acts(
        "article.update",
        {"article_id": "x", "changes": {}},
        events=[("article.updated", {"article": article("x")})],
    )
    _, pong = bob.ping()
    clean(tape.judge())
    pong.data["position"]["seq"] = 1
    expect(tape.judge(), "CTRL-007", blamed=pong, pointer="/data/position")
    # Without the ack before the ping nothing says that the pong has to cover it.
    tape.move(done.inbox, behind=pong)
    tape.move(done.ack, behind=pong)
    clean(tape.judge())


def test_a_pong_may_be_seen_before_what_it_names() -> None:
    tape, player = opened(features=("events",))
    event = player.event("x-acme.one", {})
    _, pong = player.ping()
    tape.move(event, behind=pong)
    clean(tape.judge())


def test_a_pong_that_names_what_never_comes() -> None:
    tape, player = opened()
    _, pong = player.ping()
    pong.data["position"]["seq"] = 40
    expect(tape.judge(), "CTRL-007", blamed=pong, pointer="/data/position")


# -- the end -----------------------------------------------------------------------------------------------


def in_order(tape: Tape) -> None:
    """Show that this server's answers keep their order, by enough pongs close to states."""
    other = tape.opened("cyd-0003", "s-00000003")
    for _ in range(12):
        other.sync()
        other.ping()


@pytest.mark.parametrize("what", ["heartbeat", "state"])
def test_a_message_after_closed(what: str) -> None:
    tape, player = opened()
    in_order(tape)
    player.close()
    late = player.heartbeat() if what == "heartbeat" else player.state("articles")
    expect(tape.judge(), "CTRL-011", blamed=late)


def test_a_message_that_may_have_been_overtaken_by_closed() -> None:
    """With answers on another connection a message may be seen a moment after `session.closed`."""
    tape, player = opened()
    in_order(tape)
    other = tape.opened(BOB, "s-00000002", features=("events",))
    event = other.event("x-acme.one", {})
    tape.move(event, behind=other.ping()[1])
    player.close()
    player.state("articles")
    clean(tape.judge())
    tape.wait(400)
    late = player.heartbeat()
    expect(tape.judge(), "CTRL-011", blamed=late)


REQUESTS = ["session.open", "session.sync", "session.resume", "session.ping", "session.close"]


@pytest.mark.parametrize("type_", REQUESTS)
def test_a_request_after_closed(type_: str) -> None:
    data = {"session.resume": {"epoch": 1, "seq": 1}}
    tape, player = opened()
    player.close()
    request = player.asks(type_, data.get(type_))
    answer = player.refused(request, 4101)
    clean(tape.judge())
    answer.data["error"] = error(4041)
    expect(tape.judge(), "CTRL-012", blamed=answer, pointer="/data/error/code")
    answer.data["error"] = error(4001, details={"pointer": "/data"})
    clean(tape.judge())


def test_a_second_close_that_succeeds() -> None:
    tape, player = opened()
    player.close()
    _, answer = player.close()
    expect(tape.judge(), "CTRL-012", blamed=answer, pointer="/type")


@pytest.mark.parametrize("code", [4041, 4101])
def test_a_closed_session_may_be_forgotten_after_its_window(code: int) -> None:
    tape, player = opened()
    player.close()
    tape.wait(121_000)
    player.refused(player.asks("session.ping"), code)
    clean(tape.judge())


def test_a_closed_session_may_be_forgotten_by_a_server_that_was_started_anew() -> None:
    tape, player = opened()
    _, closed = player.close()
    tape.wait(500)
    player.refused(player.asks("session.ping"), 4041)
    assert tape.judge().broken == {"CTRL-012"}
    clean(tape.judge(outages=((ns(closed) + ONE_MS, ns(closed) + 2 * ONE_MS),)))


# -- identity ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "right"), [(4031, True), (4001, True), (4041, False)])
def test_ids_of_another_session_in_the_body(code: int, right: bool) -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    request.body["session_id"] = "s-00000002"
    answer = player.refused(request, code)
    found = tape.judge()
    if right:
        assert "SEC-003" not in found.broken
    else:
        expect(found, "SEC-003", blamed=answer)


def test_a_request_for_another_session_that_is_answered() -> None:
    tape, player = opened()
    request = player.asks("session.ping")
    request.body["user_id"] = BOB
    answer = player.gets(request, "session.pong", {"position": player.position()})
    expect(tape.judge(), "SEC-003", blamed=answer, pointer="/type")
