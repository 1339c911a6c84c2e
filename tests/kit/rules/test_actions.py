"""Outcomes of actions: that they come, where, when, and what numbers they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.kit.rules.builder import ONE_MS, START_NS, TIMERS, Tape, clean, expect
from tests.kit.rules.story import ANN, story

from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from tests.kit.rules.builder import Player


def opened(**how: Any) -> tuple[Tape, Player]:
    tape = Tape()
    return tape, tape.opened(ANN, "s-00000001", **how)


# -- one outcome for each copy -------------------------------------------------------------------------


def test_no_outcome() -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    expect(tape.judge(), "ACTION-001", blamed=copy)


def test_two_acks_for_one_copy() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    again = tape.put(done.ack.subject, done.ack.body, Party.TARGET)
    found = tape.judge()
    assert found.broken == {"ACTION-001", "ACTION-005"}, found.told()
    assert found.of("ACTION-001")[0].records[0] == again.n


def test_an_ack_and_a_nack() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    player.nack(done.copy, 4220)
    found = tape.judge()
    assert {"ACTION-001", "ACTION-002", "ACTION-005"} == found.broken, found.told()


def test_an_error_in_the_place_of_an_outcome() -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    refusal = player.refused(copy, 4001, details={"pointer": "/data"})
    expect(tape.judge(), "ACTION-001", blamed=refusal)


def test_an_error_for_a_session_that_lives_on() -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    refusal = player.refused(copy, 4041)
    clean(tape.judge())
    player.ping()
    expect(tape.judge(), "ACTION-001", blamed=refusal)


@pytest.mark.parametrize("code", [4290, 5000, 5030, 5040])
def test_errors_that_may_come_at_any_stage(code: int) -> None:
    tape, player = opened()
    more: dict[str, Any] = {"retry_after_ms": 5} if code == 4290 else {}
    player.refused(player.sends("session.noop"), code, **more)
    clean(tape.judge())


BODIES: list[dict[str, Any]] = [
    {"action_id": ""},
    {"action_id": 5},
    {"action_id": "x" * 129},
    {"client_seq": 0},
    {"client_seq": "1"},
    {"user_id": "bob-0002"},
    {"session_id": ""},
]


@pytest.mark.parametrize("members", BODIES)
def test_no_outcome_is_owed_to_what_fails_the_common_stages(members: dict[str, Any]) -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    copy.body.update(members)
    clean(tape.judge())


@pytest.mark.parametrize(
    "members",
    [
        {"v": "2.0"},
        {"type": 5},
        {"timestamp": "now"},
        {"data": None},
        {"expect": []},
        {"action_id": "x" * 128},
        {"action_id": "\U0001f600" * 128},
    ],
)
def test_an_outcome_is_owed_to_everything_else(members: dict[str, Any]) -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    copy.body.update(members)
    expect(tape.judge(), "ACTION-001", blamed=copy)


def test_no_outcome_is_owed_to_bytes_above_the_limit() -> None:
    tape, player = opened(limits={**Tape().player("x", "y").limits, "action": 250})
    copy = player.sends("session.noop")
    copy.body["pad"] = "x" * 200
    clean(tape.judge())
    copy.body["pad"] = ""
    assert len(copy.encoded()) <= 250
    expect(tape.judge(), "ACTION-001", blamed=copy)


@pytest.mark.parametrize("reply", ["session.x.y.state", "inbox.1", "chat.messages"])
def test_no_outcome_is_owed_to_a_forged_reply(reply: str) -> None:
    tape, player = opened()
    player.sends("session.noop", reply=reply)
    clean(tape.judge())


def test_an_outcome_is_owed_without_a_reply_subject() -> None:
    tape, player = opened()
    copy = player.sends("session.noop", reply="")
    expect(tape.judge(), "ACTION-001", blamed=copy)


def test_no_outcome_is_owed_before_the_open_was_answered() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    request = player.asks("session.open", player.open_data())
    player.sends("session.noop")
    player.gets(request, "session.opened", player.opened_data())
    player.states("open")
    clean(tape.judge())


def test_no_outcome_is_owed_where_the_session_is_closed_at_the_same_time() -> None:
    tape, player = opened()
    player.sends("session.noop")
    player.close()
    clean(tape.judge())


def test_no_outcome_is_owed_by_a_server_that_was_stopped() -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    stopped = START_NS + (copy.ms + 1) * ONE_MS
    clean(tape.judge(outages=((stopped, stopped + ONE_MS),)))


def test_no_outcome_is_owed_to_a_session_that_may_have_expired() -> None:
    tape, player = opened(
        timers={**TIMERS, "heartbeat_ms": 500, "resume_window_ms": 1_000},
        asked_timers={"heartbeat_ms": 500, "resume_window_ms": 1_000},
    )
    tape.wait(400)
    player.heartbeat()
    tape.wait(2_000)
    player.sends("session.noop")
    clean(tape.judge())


def test_an_outcome_in_another_session_of_the_user() -> None:
    tape, player = opened()
    other = tape.opened(ANN, "s-00000002")
    done = player.acts("session.noop")
    stray = other.pushed("action.ack", {**done.ack.data, "position": other.position()})
    expect(tape.judge(), "ACTION-001", blamed=stray, pointer="/data/action_id")


def test_an_outcome_of_bytes_that_only_a_lenient_decoder_reads() -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    player.count = 1
    player.ack(copy)
    copy.raw = copy.encoded()[:-1] + b",}"
    clean(tape.judge())


@pytest.mark.parametrize(("ms", "late"), [(2_200, False), (2_300, True)])
def test_a_late_outcome(ms: int, late: bool) -> None:
    tape, player = opened()
    copy = player.sends("session.noop")
    tape.wait(ms)
    player.count = 1
    ack, _ = player.ack(copy)
    found = tape.judge()
    if late:
        expect(found, "ACTION-001", blamed=ack)
    else:
        clean(found)


def test_a_copy_that_was_refused_before_the_open_has_no_late_outcome() -> None:
    tape = Tape()
    player = tape.player(ANN, "s-00000001")
    copy = player.sends("session.noop")
    player.refused(copy, 4041)
    player.open()
    tape.wait(5_000)
    again = tape.put(copy.subject, copy.body, copy.party, reply=tape.inbox())
    player.count = 1
    player.ack(again)
    clean(tape.judge())


# -- both places ---------------------------------------------------------------------------------------


def test_only_on_the_inbox() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    tape.remove(done.ack)
    found = tape.judge()
    assert found.broken == {"ACTION-001", "ACTION-002"}, found.told()
    assert found.of("ACTION-002")[0].records[0] == done.inbox.n


def test_only_on_control() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    tape.remove(done.inbox)
    expect(tape.judge(), "ACTION-002", blamed=done.copy)


def test_another_position_on_the_inbox() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    done.inbox.data["position"]["seq"] = 0
    observations = expect(tape.judge(), "ACTION-002", blamed=done.inbox)
    assert observations[0].seen == "in data, another position"


def test_twice_on_the_inbox() -> None:
    tape, player = opened()
    done = player.acts("session.noop")
    again = tape.put(done.inbox.subject, done.inbox.body, Party.TARGET)
    expect(tape.judge(), "ACTION-002", blamed=again)


# -- numbers -------------------------------------------------------------------------------------------


def test_another_number_than_the_next() -> None:
    told = story()
    nack = next(e for e in told.tape.find("action.nack") if e.data["error"]["code"] == 4091)
    for entry in told.tape.find("action.nack"):
        if entry.data["error"]["code"] == 4091:
            entry.data["error"]["details"]["expected"] += 1
    expect(told.tape.judge(), "ACTION-012", blamed=nack, pointer="/data/error/details/expected")


def test_an_action_that_is_applied_ahead_of_the_count() -> None:
    tape, player = opened()
    copy = player.sends("session.noop", number=3)
    ack, _ = player.ack(copy)
    for entry in tape.find("action.ack"):
        entry.data["position"]["last_action_seq"] = 3
    found = tape.judge()
    assert "ACTION-012" in found.broken
    assert found.of("ACTION-012")[0].records[0] == ack.n


@pytest.mark.parametrize(("ms", "late"), [(1_000, False), (1_100, True)])
def test_a_gap_that_is_told_late(ms: int, late: bool) -> None:
    tape, player = opened()
    copy = player.sends("session.noop", number=2)
    tape.wait(ms)
    nack, _ = player.nack(copy, 4091, details={"expected": 1})
    found = tape.judge()
    if late:
        expect(found, "ACTION-012", blamed=nack)
    else:
        clean(found)


def test_a_gap_where_there_is_none() -> None:
    tape, player = opened()
    player.acts("session.noop")
    nack, _ = player.nack(player.sends("session.noop", number=2), 4091, details={"expected": 2})
    expect(tape.judge(), "ACTION-012", blamed=nack, pointer="/data/error/code")


def test_actions_that_were_held_are_right() -> None:
    tape, player = opened()
    second = player.sends("session.noop", number=2)
    first = player.sends("session.noop", number=1)
    for copy in (first, second):
        player.count = copy.body["client_seq"]
        player.ack(copy)
    clean(tape.judge())
