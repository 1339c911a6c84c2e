"""Actions that are kept pending: taken at any time, sent in order, kept until the place counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.client.acts import (
    acks,
    actions,
    comes_back,
    error,
    keeping,
    numbers,
    pending,
    refused,
    resumed,
    taken,
    view,
)
from tests.client.bench import LIMITS, TIMINGS, USER, position

from omnisession_client.effects import CancelTimer, NewSession, Taken
from omnisession_client.report import report
from omnisession_reference.wire import tok

if TYPE_CHECKING:
    from omnisession_client.values import Mode

RATE, GAP = 4290, 4091
BASE = TIMINGS.retry_base_ms


def test_many_are_under_way_at_a_time() -> None:
    bench = keeping().live()
    sent = [actions(bench.dispatch(f"x{number}"))[0] for number in (1, 2, 3)]
    assert [one.subject for one in sent] == [f"user.actions.{tok(USER)}"] * 3
    assert pending(bench) == [("x1", 1), ("x2", 2), ("x3", 3)]
    assert numbers(bench.effects) == pending(bench)


@pytest.mark.parametrize("mode", ["pure", "hybrid", "optimistic"])
def test_a_report_has_what_its_mode_has(mode: Mode) -> None:
    bench = keeping(mode=mode).live()
    bench.dispatch("x1")
    told = report(bench.state)
    assert (told["pending"] is None) == (mode == "pure")
    assert (told["view"] is None) == (mode != "optimistic")


def test_a_final_nack_is_told_that_comes_when_its_action_is_counted() -> None:
    bench = keeping().live()
    for name in ("x1", "x2"):
        bench.dispatch(name)
    bench.beats(1, las=2)
    assert pending(bench) == []
    for number, name in enumerate(("x1", "x1", "of another"), 1):
        data = {"action_id": name, "client_seq": number, **position(1, 2), **error(4030)}
        bench.hears("control", bench.envelope("action.nack") | {"data": data})
    assert refused(bench) == [{"action_id": "x1", "code": 4030}]


def test_what_a_later_broker_does_not_take_is_left_with_its_session() -> None:
    bench = keeping().live()
    bench.dispatch("x1", content="x" * 400)
    bench.dispatch("x2")
    bench.lost()
    bench.ready(max_payload=500)
    effects = resumed(bench, 1)
    assert actions(effects) == []
    assert NewSession() in effects
    bench.ready(max_payload=500)
    assert numbers(bench.opens()) == [("x2", 1)]
    assert refused(bench) == [{"action_id": "x1", "reason": "too_large"}]


def test_a_later_broker_may_take_less_than_what_is_done() -> None:
    bench = keeping().live()
    bench.dispatch("x1", content="x" * 400)
    bench.lost()
    bench.ready(max_payload=500)
    assert NewSession() not in resumed(bench, 1, las=1)
    assert (pending(bench), refused(bench)) == ([], [])


# -- until the place counts it


def test_an_ack_ahead_of_the_stream_takes_nothing_out() -> None:
    bench = keeping().live()
    bench.dispatch("x1")
    assert CancelTimer("outcome x1") in acks(bench, "x1", 1, 2)
    assert pending(bench) == [("x1", 1)]
    bench.hears("events", bench.added(2, las=1))
    assert pending(bench) == []


def test_a_position_that_was_told_before_counts_when_it_is_reached() -> None:
    bench = keeping().live()
    bench.dispatch("x1")
    acks(bench, "x1", 1, 3)
    bench.hears("events", bench.added(2))
    assert pending(bench) == [("x1", 1)]
    bench.hears("events", bench.added(3))
    assert pending(bench) == []


@pytest.mark.parametrize("by", ["heartbeat", "pong", "outcome", "state", "resume"])
def test_whatever_tells_a_position_counts(by: str) -> None:
    bench = keeping().live()
    bench.dispatch("x1")
    bench.dispatch("x2")
    if by == "heartbeat":
        bench.beats(1, las=1)
    elif by == "pong":
        bench.rings("ping")
        bench.answers("session.pong", **position(1, las=1))
    elif by == "outcome":
        bench.outcome("action.ack", "x1", 1, 1, status="applied")
    elif by == "state":
        bench.hears("state", bench.shown(2, las=1))
    else:
        assert numbers(comes_back(bench, 1, las=1)) == [("x2", 2)]
    assert pending(bench) == [("x2", 2)]


def test_a_final_nack_takes_that_one_out_alone() -> None:
    bench = keeping().live()
    for name in ("x1", "x2", "x3"):
        bench.dispatch(name)
    bench.outcome("action.nack", "x2", 2, 1, **error(4030) | position(1))
    assert pending(bench) == [("x1", 1), ("x3", 3)]
    assert refused(bench) == [{"action_id": "x2", "code": 4030}]
    assert numbers(bench.dispatch("x4")) == [("x4", 4)]


def test_a_final_nack_of_what_is_counted_already_is_told_once() -> None:
    bench = keeping().live()
    bench.dispatch("x1")
    bench.beats(1, las=1)
    assert (pending(bench), refused(bench)) == ([], [])
    for _ in range(2):
        bench.outcome("action.nack", "x1", 1, 1, **error(4040))
    bench.outcome("action.nack", "of another", 1, 1, **error(4040))
    assert refused(bench) == [{"action_id": "x1", "code": 4040}]


# -- at any time


def test_what_is_dispatched_before_the_session_waits_for_it() -> None:
    bench = keeping()
    bench.begin()
    assert taken(bench.dispatch("x1")) == [Taken("x1", None)]
    bench.ready()
    bench.dispatch("x2")
    assert pending(bench) == [("x1", None), ("x2", None)]
    assert numbers(bench.opens(las=4)) == [("x1", 5), ("x2", 6)]


@pytest.mark.parametrize("want", ["session.resume", "session.sync"])
def test_what_is_dispatched_while_a_recovery_is_under_way_follows_it(want: str) -> None:
    bench = keeping().live()
    bench.hears("events", b"{" if want == "session.sync" else bench.added(3))
    assert actions(bench.dispatch("x1")) == []
    if want == "session.sync":
        effects = bench.answers("session.syncing", **position(1), kinds=["chat"], reason="request")
    else:
        effects = resumed(bench, 1)
    assert numbers(effects) == [("x1", 1)]


def test_what_proves_to_be_none_is_refused_then_and_takes_no_number() -> None:
    bench = keeping("chat", "url")
    bench.begin()
    for name, type_, data in (
        ("x1", "url.create", {"target_url": "https://example.org"}),
        ("x2", "chat.send", {"content": "x" * LIMITS["action"]}),
        ("x3", "chat.send", {"content": "hi"}),
    ):
        assert taken(bench.dispatch(name, type_, **data)) == [Taken(name, None)]
    bench.ready()
    assert numbers(bench.opens()) == [("x3", 1)]
    told = [("x1", "unknown_type"), ("x2", "too_large")]
    assert [(one["action_id"], one["reason"]) for one in refused(bench)] == told
    assert pending(bench) == [("x3", 1)]
    assert len(view(bench)["url"]["urls"]) == 0


@pytest.mark.parametrize("live", [True, False])
def test_what_is_known_to_be_none_is_refused_at_once(*, live: bool) -> None:
    bench = keeping()
    bench.live() if live else bench.begin()
    assert taken(bench.dispatch("x1", content=7)) == [Taken("x1", "invalid")]
    for number in range(32):
        assert taken(bench.dispatch(f"y{number}")) == [Taken(f"y{number}", None)]
    assert taken(bench.dispatch("x2")) == [Taken("x2", "full")]
    assert [one["reason"] for one in refused(bench)] == ["invalid", "full"]
    bench.stops()
    assert taken(bench.dispatch("x3")) == [Taken("x3", "closed")]


LOCALS = [
    ("chat.edit", {"message_id": "local:x1", "content": "x"}, "local_id"),
    ("chat.delete", {"message_id": "local:x1"}, "local_id"),
    ("chat.send", {"content": "local:x1", "note": "local:"}, None),
    ("chat.send", {"content": "x", "more": [{"reply_id": "local:x1"}]}, "local_id"),
    ("chat.send", {"content": "x", "id": 7}, None),
]


@pytest.mark.parametrize(("type_", "data", "reason"), LOCALS)
def test_what_names_a_local_id_is_refused(
    type_: str, data: dict[str, Any], reason: str | None
) -> None:
    bench = keeping()
    bench.begin()
    bench.dispatch("x1")
    assert taken(bench.dispatch("x2", type_, **data)) == [Taken("x2", reason)]
