"""Actions that are kept pending: taken at any time, sent in order, kept until the place counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
from tests.client.bench import LIMITS, TIMINGS, USER, position, timer

from omnisession_client.effects import CancelTimer, Taken
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


# -- again


def test_what_may_succeed_later_goes_again_with_all_that_have_no_outcome() -> None:
    bench = keeping().live()
    first = [actions(bench.dispatch(name))[0].raw for name in ("x1", "x2", "x3")]
    bench.outcome("action.nack", "x1", 1, 1, **error(RATE, retryable=True) | position(1))
    effects = bench.outcome("action.nack", "x2", 2, 1, **error(GAP, retryable=True) | position(1))
    assert timer(bench.effects, "again") == (0, BASE)
    assert timer(effects, "again") is None, "one wait is enough"
    assert [sent.raw for sent in actions(bench.rings("again"))] == first
    bench.outcome("action.nack", "x1", 1, 1, **error(RATE, retryable=True) | position(1))
    assert timer(bench.effects, "again") == (0, 2 * BASE)


def test_what_the_server_wants_later_is_not_sent_earlier() -> None:
    bench = keeping().live()
    bench.dispatch("x1")
    bench.dispatch("x2")
    bench.outcome("action.nack", "x2", 2, 1, **error(GAP, retryable=True) | position(1))
    told = error(RATE, retryable=True, retry_after_ms=9_000) | position(1)
    effects = bench.outcome("action.nack", "x1", 1, 1, **told)
    assert timer(effects, "again") == (9_000, 9_000 + BASE)
    bench.now += 3_000
    assert numbers(comes_back(bench, 1)) == [("x2", 2)]
    bench.now += 6_000
    assert [name for name, _ in numbers(bench.rings("again"))] == ["x1", "x2"]


def test_what_has_no_outcome_in_time_goes_again_after_a_wait_for_ever() -> None:
    bench = keeping().live()
    [first] = actions(bench.dispatch("x1"))
    for copy in range(40):
        assert actions(bench.rings("outcome x1")) == []
        bound = min(TIMINGS.retry_max_ms, BASE << copy)
        assert timer(bench.effects, "again") == (0, bound)
        assert [sent.raw for sent in actions(bench.rings("again"))] == [first.raw]
    assert (bench.sessions, refused(bench)) == (1, [])


def test_a_timer_that_rings_too_late_does_nothing() -> None:
    bench = keeping().live()
    bench.dispatch("x1")
    bench.rings("outcome x1")
    bench.dispatch("x2")
    acks(bench, "x1", 1, 2)
    for name in ("again", "outcome x1", "outcome of none"):
        assert bench.rings(name) == []


def test_a_number_that_the_server_misses_is_left_behind_with_its_session() -> None:
    bench = keeping().live()
    bench.dispatch("x1")
    for _ in range(50):
        bench.outcome("action.nack", "x1", 1, 1, **error(GAP, retryable=True) | position(1))
        bench.rings("again")
        if bench.sessions > 1:
            break
    assert pending(bench) == [("x1", None)]
    assert numbers(bench.opens(las=7)) == [("x1", 8)]


@pytest.mark.parametrize("acked", [True, False])
def test_everything_comes_again_after_a_cut_in_its_order(*, acked: bool) -> None:
    bench = keeping().live()
    first = [actions(bench.dispatch(name))[0].raw for name in ("x1", "x2")]
    if acked:
        acks(bench, "x1", 1, 5)
    bench.lost()
    assert bench.dispatch("x3") == [Taken("x3", None)]
    assert actions(bench.ready()) == []
    effects = resumed(bench, 1)
    assert numbers(effects) == [("x1", 1), ("x2", 2), ("x3", 3)]
    assert [sent.raw for sent in actions(effects)][:2] == first


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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["act", "cut", "ack", "count", "nack", "refuse"]), max_size=25))
def test_numbers_rise_and_copies_are_the_same_bytes(moves: list[str]) -> None:
    bench = keeping().live()
    known: dict[int, bytes] = {}
    for turn, move in enumerate(moves):
        first = next(iter(bench.state.pending), None)
        name, number = (first.doing.action_id, first.number or 0) if first else ("x", 0)
        if move == "act":
            bench.dispatch(f"x{turn}")
        elif move == "cut":
            comes_back(bench, 1, bench.state.counted)
        elif move == "count" and first:
            bench.beats(1, las=number)
        elif move == "ack" and first:
            acks(bench, name, number, 9)
        elif first:
            again = error(RATE if move == "nack" else 4030, retryable=move == "nack")
            bench.outcome("action.nack", name, number, 1, **again | position(1))
            bench.rings("again")
    for sent in actions(bench.effects):
        assert known.setdefault(sent.body["client_seq"], sent.raw) == sent.raw
    assert list(known) == sorted(known)
    given_out = [number for _, number in pending(bench)]
    assert given_out == sorted(set(given_out), key=lambda number: number or 0)
