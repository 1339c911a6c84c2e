"""Pending actions that are sent again: after a nack, for want of an outcome, after a cut."""

from __future__ import annotations

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
)
from tests.client.bench import TIMINGS, position, timer

from omnisession_client.effects import Taken

RATE, GAP = 4290, 4091
BASE = TIMINGS.retry_base_ms


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
