"""Bytes keep their order, however late they are, and wait or vanish when they are told to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.environment.proxy.faults import (
    CLEAR,
    Delay,
    Doubled,
    HalfOpen,
    Hold,
    Way,
    together,
)
from omnisession_conformance.environment.proxy.line import END, Line
from omnisession_conformance.environment.proxy.operations import Side


def line(way: Way, seed: int = 0) -> Line:
    one = Line(Chance(seed))
    one.way = way
    return one


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 30), st.integers(0, 30)), max_size=30),
    st.integers(0, 9),
)
def test_none_overtakes_another_and_none_is_too_early(
    steps: list[tuple[int, int, int]], seed: int
) -> None:
    one, now = line(CLEAR, seed), 0.0
    came: list[tuple[bytes | None, float]] = []
    earliest: list[float] = []
    for n, (pause_ms, delay_ms, jitter_ms) in enumerate(steps):
        now += pause_ms / 1000
        one.way = Way(delay_ms, jitter_ms)
        one.put(b"%d " % n, now)
        earliest.append(now + delay_ms / 1000)
        came += [(data, now) for data in one.take(now)]
    while (due := one.next_s) is not None:
        now = max(now, due)
        came += [(data, now) for data in one.take(now)]
    assert [data for data, _ in came] == [b"%d " % n for n in range(len(steps))]
    assert all(at >= due for (_, at), due in zip(came, earliest, strict=True))


def test_jitter_is_drawn_and_can_be_had_again() -> None:
    def dues(seed: int) -> list[float | None]:
        told: list[float | None] = []
        for n in range(5):
            one = line(Way(10, 10), seed + n)
            one.put(b"a", 0)
            told.append(one.next_s)
        return told

    assert dues(1) == dues(1)
    assert len(set(dues(1))) == 5
    assert all(due is not None and 0.01 <= due <= 0.02 for due in dues(1))


def test_what_is_held_waits_and_counts() -> None:
    one = line(Way(held=True))
    one.put(b"abc", 0)
    assert (list(one.take(9)), one.next_s, one.size, one.clear) == ([], None, 3, False)
    one.way = CLEAR
    assert (list(one.take(9)), one.size, one.clear) == ([b"abc"], 0, True)


def test_what_is_lost_is_lost_and_so_is_an_end() -> None:
    one = line(Way(lost=True))
    one.put(b"abc", 0)
    one.put(END, 0)
    one.way = CLEAR
    assert list(one.take(9)) == []


def test_an_end_comes_in_its_turn() -> None:
    one = line(Way(10))
    one.put(b"abc", 0)
    one.put(END, 0)
    assert list(one.take(0.005)) == []
    assert list(one.take(0.01)) == [b"abc", END]


def test_what_is_wrong_at_once_adds_up() -> None:
    wrong = [Delay(1, 2, 3), Delay(10, 20), Hold(to_broker=False), HalfOpen(to_client=False)]
    assert together(wrong, Side.BROKER) == Way(11, 3, held=False, lost=True)
    assert together(wrong, Side.CLIENT) == Way(22, 3, held=True, lost=False)
    assert together([Doubled()], Side.BROKER) == CLEAR
    assert together([Doubled()], Side.CLIENT) == Way(lost=True)
    assert together([], Side.CLIENT) == CLEAR
