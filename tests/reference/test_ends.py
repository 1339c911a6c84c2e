"""Sessions that end with their token, and opens that renew them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.reference.bench import START, Bench, Body, HandClock, action, token

from omnisession_reference.core import Settings

ENDING = Settings(end_with_token=True)
HOUR_MS = 3_600_000


def opened(bench: Bench, lasts_s: float | None, *permissions: str) -> Body:
    exp: Any = 10**300 if lasts_s is None else START / 1_000 + lasts_s
    data: Body = {
        "protocol": ["1.0"],
        "kinds": ["articles"],
        "features": [],
        "auth": {"scheme": "bearer", "token": token("ann", *permissions, exp=exp)},
        "client": {"name": "bench", "version": "1"},
    }
    return bench.request("ann", "s", "session.open", **data)


def told(answer: Body) -> int | None:
    return answer["data"]["expires_at"]


def code_of(answer: Body) -> int | None:
    return answer["data"]["error"]["code"] if answer["type"] == "error" else None


def closings(bench: Bench) -> list[Body]:
    return [s.body["data"] for s in bench.sent if s.body["type"] == "session.closing"]


def warnings(bench: Bench) -> list[tuple[int, int]]:
    """When a session was warned, and of which end, both from the start."""
    return [
        (s.body["timestamp"] - START, s.body["data"]["expires_at"] - START)
        for s in bench.sent
        if s.body["type"] == "auth.expiring"
    ]


def pinged(bench: Bench) -> Body:
    return bench.request("ann", "s", "session.ping")


def test_a_session_ends_at_the_end_that_it_told() -> None:
    bench = Bench(settings=ENDING)
    assert told(opened(bench, 5)) == START + 5_000
    bench.clock.move(4_999)
    assert closings(bench) == []
    bench.clock.move(1)
    assert closings(bench) == [{"code": 4011, "reconnect": False, "after_ms": 0}]
    said = len(bench.sent)
    bench.clock.move(60_000)
    assert len(bench.sent) == said
    assert code_of(pinged(bench)) in (4041, 4101)


def test_what_it_holds_is_refused_before_the_push() -> None:
    bench = Bench(settings=ENDING)
    opened(bench, 5)
    bench.clock.move(4_999)
    bench.deliver("user.actions.ann", action("ann", "s", 9, "session.noop"), "_INBOX.ann.x")
    said = len(bench.sent)
    bench.clock.move(1)
    types = [s.body["type"] for s in bench.sent[said:] if s.subject.endswith(".control")]
    assert types == ["action.nack", "session.closing"]


def test_a_token_of_the_same_rights_moves_the_end_both_ways() -> None:
    bench = Bench(settings=ENDING)
    opened(bench, 5, "a", "b")
    assert told(opened(bench, 90, "b", "a", "a")) == START + 90_000
    bench.clock.move(6_000)
    assert pinged(bench)["type"] == "session.pong"
    assert told(opened(bench, 8, "a", "b")) == START + 8_000
    assert told(opened(bench, None, "a", "b")) == START + 8_000
    bench.clock.move(2_000)
    assert len(closings(bench)) == 1


def test_a_token_of_other_rights_is_refused_and_moves_nothing() -> None:
    bench = Bench(settings=ENDING)
    opened(bench, 20, "a")
    for rights in ((), ("b",), ("a", "b")):
        assert code_of(opened(bench, 5, *rights)) == 4030
        assert code_of(opened(bench, 90, *rights)) == 4030
    assert told(opened(bench, 20, "a")) == START + 20_000
    bench.clock.move(19_999)
    assert closings(bench) == []


def test_without_the_setting_nothing_is_told_and_nothing_ends() -> None:
    bench = Bench()
    assert told(opened(bench, 5)) is None
    assert told(opened(bench, 9, "other")) is None
    bench.clock.move(10_000)
    assert pinged(bench)["type"] == "session.pong"


def test_a_token_without_an_end_that_anybody_comes_to_tells_none() -> None:
    bench = Bench(settings=ENDING)
    assert told(opened(bench, None)) is None
    assert told(opened(bench, 5, "other")) is None


@pytest.mark.parametrize(
    ("lasts_s", "warned_s"), [(1, 0.5), (4, 2), (20, 10), (120, 60), (121, 61), (3_600, 3_540)]
)
def test_a_session_is_warned_once_when_half_of_the_time_or_a_minute_is_left(
    lasts_s: float, warned_s: float
) -> None:
    bench = Bench(settings=ENDING)
    opened(bench, lasts_s)
    due, end = int(warned_s * 1_000), int(lasts_s * 1_000)
    for until in (*range(60_000, due - 1, 60_000), due - 1):
        bench.clock.move(until - bench.clock.elapsed)
        pinged(bench)
    assert warnings(bench) == []
    bench.clock.move(1)
    assert warnings(bench) == [(due, end)]
    bench.clock.move(end + 5_000 - due)
    assert warnings(bench) == [(due, end)]
    assert len(closings(bench)) == 1


def test_each_end_that_a_session_is_told_is_warned_of() -> None:
    bench = Bench(settings=ENDING)
    opened(bench, 10)
    bench.clock.move(4_000)
    opened(bench, 24)  # later, before it was warned of the first
    opened(bench, 24)
    bench.clock.move(9_999)
    assert warnings(bench) == []
    bench.clock.move(1)
    assert warnings(bench) == [(14_000, 24_000)]
    opened(bench, 24)
    opened(bench, None)
    bench.clock.move(1_000)
    opened(bench, 17)  # earlier
    bench.clock.move(5_000)
    assert warnings(bench) == [(14_000, 24_000), (16_000, 17_000)]
    assert len(closings(bench)) == 1


def test_nobody_is_warned_of_what_is_over_or_has_no_end() -> None:
    bench = Bench(settings=ENDING)
    opened(bench, 10)
    bench.request("ann", "s", "session.close")
    bench.clock.move(20_000)
    assert warnings(bench) == []
    endless = Bench(settings=ENDING)
    opened(endless, None)
    endless.clock.move(90_000)
    untold = Bench()
    opened(untold, 10)
    untold.clock.move(20_000)
    assert warnings(endless) == warnings(untold) == []


def test_a_warning_that_was_slept_through_is_given_unless_the_end_was_too() -> None:
    for slept_ms, said in ((560_000, 1), (700_000, 0)):
        bench = Bench(settings=ENDING)
        opened(bench, 600)
        bench.clock.move(2_500)
        bench.clock.set_ms = slept_ms
        bench.clock.move(1_000)
        assert len(warnings(bench)) == said
        assert len(closings(bench)) == 1 - said


def test_a_session_ends_within_a_second_after_its_end_was_slept_through() -> None:
    """The steady clock stands still meanwhile; so it is where the time of day is set forward."""
    bench = Bench(settings=ENDING)
    opened(bench, 600)
    bench.clock.move(2_500)
    bench.clock.set_ms = HOUR_MS
    bench.clock.move(499)
    assert closings(bench) == []
    bench.clock.move(1)
    assert closings(bench) == [{"code": 4011, "reconnect": False, "after_ms": 0}]


def test_a_clock_that_is_set_back_is_the_one_that_counts() -> None:
    """What is opened by it does not end at once, and what is open lives on until its end comes."""
    bench = Bench(settings=ENDING)
    opened(bench, 5)
    bench.clock.set_ms = -HOUR_MS
    bench.clock.move(6_000)
    assert closings(bench) == []
    assert told(opened(bench, 20 - HOUR_MS / 1_000)) == START + 20_000 - HOUR_MS
    bench.clock.move(13_999)
    assert closings(bench) == []
    bench.clock.move(1)
    assert len(closings(bench)) == 1


def test_only_ends_are_looked_at_and_once_a_second() -> None:
    looks = {lasts: Counting() for lasts in (None, 60)}
    for lasts, clock in looks.items():
        bench = Bench(settings=ENDING, clock=clock)
        opened(bench, lasts)
        clock.looks = 0
        bench.clock.move(10_000)
    # Whether the session is over is asked before it is asked how long it is not.
    assert {lasts: clock.looks for lasts, clock in looks.items()} == {None: 0, 60: 20}


class Counting(HandClock):
    """Counts how often the time of day is asked for."""

    looks = 0

    def wall_ms(self) -> int:
        self.looks += 1
        return super().wall_ms()
