"""Open, sync, resume, ping, close, and the life of a session in between."""

from __future__ import annotations

from typing import Any

import pytest
from tests.reference.bench import START, Bench, Body, control, token

from omnisession_reference.core import Settings
from omnisession_reference.protocol import LIMITS, longest_window_ms


def code_of(answer: Body) -> int:
    assert answer["type"] == "error", answer
    return answer["data"]["error"]["code"]


def try_open(bench: Bench, **members: Any) -> Body:
    data: Body = {
        "protocol": ["1.0"],
        "kinds": ["articles"],
        "features": [],
        "auth": {"scheme": "bearer", "token": token("ann")},
        "client": {"name": "bench", "version": "1"},
    }
    return bench.request("ann", "s", "session.open", **{**data, **members})


def test_open_answers_with_the_place_before_the_states() -> None:
    bench = Bench()
    opened = bench.open("ann", "s", ["digests", "events"], heartbeat_ms=300)
    assert opened["position"] == {"epoch": START, "seq": 0, "last_action_seq": 0}
    assert (opened["kinds"], opened["features"]) == (["articles"], ["digests", "events"])
    kinds = ["articles", "chat", "url", "user"]
    assert opened["profiles"] == ["core", *kinds, "events", "digests"]
    assert opened["timers"]["heartbeat_ms"] == 300
    assert "session.noop" in opened["actions"]
    [state] = bench.stream("ann", "s")
    assert (state["seq"], state["reason"], len(state["digest"])) == (1, "open", 64)
    assert [sent.subject for sent in bench.sent] == ["_INBOX.ann.1", "session.ann.s.state"]


def test_what_is_not_served_is_left_out_in_the_order_asked() -> None:
    bench = Bench()
    answer = try_open(bench, kinds=["chat", "articles", "x-none"], features=["x", "events"])
    assert answer["data"]["kinds"] == ["chat", "articles"]
    assert answer["data"]["features"] == ["events"]


def test_a_server_of_fewer_kinds_serves_only_these() -> None:
    only = Settings(kinds=("articles",))
    bench = Bench(settings=only)
    opened = try_open(bench, kinds=["chat", "articles"])["data"]
    assert (opened["kinds"], opened["profiles"][:2]) == (["articles"], ["core", "articles"])
    assert not [name for name in opened["actions"] if name.startswith(("chat.", "url.", "user."))]
    assert code_of(try_open(Bench(settings=only), kinds=["chat"])) == 4220


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"kinds": ["x-none"]}, 4220),
        ({"kinds": []}, 4220),
        ({"protocol": ["9.0"]}, 4003),
        ({"protocol": []}, 4003),
        ({"auth": None}, 4010),
        ({"auth": {"scheme": "bearer", "token": ""}}, 4010),
        ({"auth": {"scheme": "bearer", "token": token("ann", secret="another" * 9)}}, 4010),
        ({"auth": {"scheme": "bearer", "token": token("ann", exp=1)}}, 4011),
        ({"auth": {"scheme": "bearer", "token": token("bob")}}, 4031),
        ({"auth": {"scheme": "basic", "token": token("ann")}}, 4001),
        ({"client": None}, 4001),
        ({"kinds": "articles"}, 4001),
    ],
)
def test_an_open_that_is_refused_opens_nothing(members: Body, code: int) -> None:
    bench = Bench()
    assert code_of(try_open(bench, **members)) == code
    assert code_of(bench.request("ann", "s", "session.ping")) == 4041
    assert bench.stream("ann", "s") == []


def test_a_second_open_shows_the_session_as_it_is() -> None:
    bench = Bench()
    first = bench.open("ann", "s", ["events"], heartbeat_ms=300)
    bench.article("ann", "s", 1)
    again = bench.open("ann", "s", ["digests"], heartbeat_ms=900)
    assert again == {**first, "position": {"epoch": START, "seq": 2, "last_action_seq": 1}}
    state = bench.stream("ann", "s")[-1]
    assert (state["seq"], state["reason"], len(state["data"]["articles"])) == (3, "open", 1)
    assert "digest" not in state


def test_sync_publishes_the_kinds_asked() -> None:
    bench = Bench()
    bench.open("ann", "s")
    asked: list[Body] = [{}, {"kinds": []}, {"kinds": ["articles"]}]
    for members in asked:
        answer = bench.request("ann", "s", "session.sync", **members)
        state = bench.stream("ann", "s")[-1]
        assert (answer["type"], answer["data"]["kinds"]) == ("session.syncing", ["articles"])
        assert (state["seq"], state["reason"]) == (answer["data"]["position"]["seq"] + 1, "sync")
    assert code_of(bench.request("ann", "s", "session.sync", kinds=["chat"])) == 4220
    assert bench.ping("ann", "s")["seq"] == 4


def test_resume_replays_what_was_published_as_it_was() -> None:
    bench = Bench()
    epoch = bench.open("ann", "s", ["events"])["position"]["epoch"]
    for number in range(1, 6):
        bench.article("ann", "s", number)
        bench.clock.move(5)
    published = bench.stream("ann", "s")
    for seq in (0, 3, 5, 0):
        answer = bench.request("ann", "s", "session.resume", epoch=epoch, seq=seq)["data"]
        assert (answer["mode"], answer["position"]["seq"]) == ("replay", 6)
        assert answer["messages"] == published[seq:]
    answer = bench.request("ann", "s", "session.resume", epoch=epoch, seq=6)["data"]
    assert (answer["mode"], answer["messages"]) == ("current", [])
    assert bench.stream("ann", "s") == published


@pytest.mark.parametrize(("epoch", "seq"), [(START, 101), (START + 1, 1), (START - 1, 1)])
def test_resume_from_elsewhere_is_a_snapshot(epoch: int, seq: int) -> None:
    bench = Bench()
    bench.open("ann", "s")
    answer = bench.request("ann", "s", "session.resume", epoch=epoch, seq=seq)["data"]
    assert (answer["mode"], answer["position"]["seq"], answer["messages"]) == ("snapshot", 1, [])
    assert [(s["seq"], s["reason"]) for s in bench.stream("ann", "s")] == [(1, "open"), (2, "sync")]


def test_a_long_absence_gets_a_snapshot() -> None:
    bench = Bench()
    bench.open("ann", "s", ["events"])
    for number in range(1, 300):
        bench.act("ann", "s", number, "article.select", article_id=None)
    answer = bench.request("ann", "s", "session.resume", epoch=START, seq=1)["data"]
    assert answer["mode"] == "snapshot"


def test_close_is_the_last_word() -> None:
    bench = Bench()
    bench.open("ann", "s", heartbeat_ms=200, resume_window_ms=1_000)
    bench.open("bob", "b")
    assert bench.request("ann", "s", "session.close")["type"] == "session.closed"
    before = len(bench.sent)
    bench.act("bob", "b", 1, "article.publish", article_id=bench.article("bob", "b", 1))
    bench.clock.move(longest_window_ms())
    assert not [s for s in bench.sent[before:] if s.subject.startswith("session.ann.")]
    for type_ in ("session.sync", "session.ping", "session.close"):
        assert code_of(bench.request("ann", "s", type_)) == 4101
    assert code_of(bench.request("ann", "s", "session.resume", epoch=1, seq=0)) == 4101
    assert code_of(try_open(bench)) == 4101


def test_only_silence_ends_a_session() -> None:
    bench = Bench()
    for session in ("silent", "acting"):
        bench.open("ann", session, heartbeat_ms=200, resume_window_ms=1_000)
    for number in range(1, 9):
        bench.clock.move(200)
        bench.act("ann", "acting", number, "session.noop")
    assert bench.ping("ann", "silent")["code"] == 4101
    assert bench.ping("ann", "acting")["last_action_seq"] == 8


def test_heartbeats_tell_the_head_in_order_with_it() -> None:
    bench = Bench()
    bench.open("ann", "s", ["digests"], heartbeat_ms=200)
    bench.open("bob", "b", coalesce_ms=50)
    bench.clock.move(190)
    bench.act("bob", "b", 1, "article.publish", article_id=bench.article("bob", "b", 1))
    bench.act("bob", "b", 2, "article.publish", article_id=bench.article("bob", "b", 2))
    bench.clock.move(410)
    beats = [push["data"] for push in bench.pushes("ann", "s")]
    head = bench.stream("ann", "s")[-1]
    assert len(beats) == 3
    assert beats[-1]["position"]["seq"] == head["seq"]
    assert beats[-1]["digests"] == {"articles": head["digest"]}


def published_by_bob(bench: Bench, number: int) -> str:
    """Two actions of bob, `number` and the one after it."""
    made = bench.article("bob", "b", number)
    bench.act("bob", "b", number + 1, "article.publish", article_id=made)
    return made


def test_changes_of_others_are_merged_for_a_while() -> None:
    bench = Bench()
    bench.open("bob", "b", ["events"])
    bench.open("ann", "s", coalesce_ms=50)
    published_by_bob(bench, 1)
    bench.clock.move(40)
    published_by_bob(bench, 3)
    assert len(bench.stream("ann", "s")) == 1
    bench.clock.move(10)
    assert [len(s["data"]["articles"]) for s in bench.stream("ann", "s")] == [0, 2]
    bench.clock.move(1_000)
    assert len(bench.stream("ann", "s")) == 2


def test_nothing_held_back_is_overtaken_by_a_pong_or_an_outcome() -> None:
    bench = Bench()
    bench.open("bob", "b")
    bench.open("ann", "s", coalesce_ms=50)
    published_by_bob(bench, 1)
    assert bench.ping("ann", "s")["seq"] == 2
    published_by_bob(bench, 3)
    assert bench.act("ann", "s", 1, "session.noop")["position"]["seq"] == 3
    assert len(bench.stream("ann", "s")[-1]["data"]["articles"]) == 2


def test_with_coalesce_0_others_are_told_before_the_ack() -> None:
    bench = Bench()
    bench.open("ann", "s", coalesce_ms=0)
    bench.open("bob", "b")
    published_by_bob(bench, 1)
    told = [s.subject for s in bench.sent[-4:-1]]
    assert told == ["session.ann.s.state", "session.bob.b.state", "session.bob.b.control"]


def test_a_user_may_have_so_many_sessions_and_no_more() -> None:
    bench = Bench()
    for number in range(LIMITS["sessions"]):
        bench.open("ann", f"s{number}")
    assert code_of(try_open(bench)) == 4291
    bench.open("ann", "s0")
    bench.open("bob", "b")
    bench.request("ann", "s1", "session.close")
    bench.open("ann", "s")


def test_what_is_not_known_or_not_asked_is_answered_right() -> None:
    bench = Bench()
    bench.open("ann", "s")
    assert code_of(bench.request("ann", "s", "x.unknown")) == 4002
    for own in ("session.heartbeat", "action.ack", "session.closing", "session.opened", "error"):
        body = control(own, "ann", "s")
        assert bench.deliver("session.ann.s.control", body, "_INBOX.a") == []
    assert bench.ping("ann", "s")["seq"] == 1


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"v": "2.0"}, 4003, None),
        ({"v": 1}, 4001, "/v"),
        ({"timestamp": "now"}, 4001, "/timestamp"),
        ({"data": []}, 4001, "/data"),
        ({"data": {"epoch": 1}}, 4001, "/data/seq"),
        ({"data": {"epoch": True, "seq": 1}}, 4001, "/data/epoch"),
        ({"user_id": "bob"}, 4031, None),
        ({"session_id": "other"}, 4031, None),
    ],
)
def test_requests_that_break_a_rule(change: Body, code: int, pointer: str | None) -> None:
    bench = Bench()
    bench.open("ann", "s")
    body = control("session.resume", "ann", "s", epoch=1, seq=0) | change
    [answer] = bench.deliver("session.ann.s.control", body, "_INBOX.a")
    assert (answer.body["user_id"], answer.body["session_id"]) == ("ann", "s")
    assert code_of(answer.body) == code
    assert answer.body["data"]["error"].get("details", {}).get("pointer") == pointer


def test_a_higher_minor_version_and_unknown_members_are_taken() -> None:
    bench = Bench()
    bench.open("ann", "s")
    body = control("session.ping", "ann", "s", y=None) | {"v": "1.9", "x": [1]}
    [answer] = bench.deliver("session.ann.s.control", body, "_INBOX.a")
    assert answer.body["type"] == "session.pong"


def test_a_request_without_reply_subject_has_its_effect() -> None:
    bench = Bench()
    bench.open("ann", "s")
    body = control("session.close", "ann", "s")
    assert bench.deliver("session.ann.s.control", body) == []
    assert bench.ping("ann", "s")["code"] == 4101


def test_a_stop_is_told_to_every_session() -> None:
    bench = Bench()
    bench.open("ann", "s")
    bench.open("bob", "b")
    bench.core.control.announce_stop(500)
    for user, session in (("ann", "s"), ("bob", "b")):
        [push] = bench.pushes(user, session)
        assert push["type"] == "session.closing"
        assert push["data"] == {"code": 5030, "reconnect": True, "after_ms": 500}
