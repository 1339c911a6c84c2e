"""What a case saw wrong while broker or kit stood still for seconds counts when it is seen again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, cast

import pytest
from tests.kit.core.records import record
from tests.kit.core.running import REQUIREMENT, case, run, verdict_of
from tests.kit.core.stalling import stand_still

from omnisession_conformance.engine.case import Phase
from omnisession_conformance.engine.clock import Clock
from omnisession_conformance.engine.round_trips import RoundTrips
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.traffic.log import Log

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.traffic.tap import Tap

LONG_S, SHORT_S = 1.2, 0.3
turns: dict[str, int] = {}


def say(w: Context, *, good: bool) -> None:
    w.check(REQUIREMENT, good=good, expected="one", seen="one" if good else "none")


async def once(w: Context) -> None:
    turns["once"] = turns.get("once", 0) + 1
    if turns["once"] == 1:
        await stand_still(w.run.clock, LONG_S)
    say(w, good=turns["once"] > 1)


async def seen_again(w: Context) -> None:
    turns["seen"] = turns.get("seen", 0) + 1
    if turns["seen"] == 1:
        await stand_still(w.run.clock, LONG_S)
    say(w, good=False)


async def always(w: Context) -> None:
    await stand_still(w.run.clock, LONG_S)
    say(w, good=False)


async def stopped(w: Context) -> None:
    await stand_still(w.run.clock, LONG_S)
    say(w, good=True)
    w.require(good=False, reason="its session is over")


async def shortly(w: Context) -> None:
    await stand_still(w.run.clock, SHORT_S)
    say(w, good=False)


@pytest.mark.dear
def test_what_was_seen_wrong_counts_when_it_is_seen_again() -> None:
    turns.clear()
    cases = [case(f, Phase.LOUD) for f in (once, seen_again, always, stopped, shortly)]
    outcome = run(*cases)
    assert outcome.lost is None
    assert verdict_of(outcome, "once") == (Status.PASS, "")
    assert verdict_of(outcome, "seen_again")[0] is Status.FAIL
    assert verdict_of(outcome, "shortly")[0] is Status.FAIL
    status, reason = verdict_of(outcome, "always")
    assert status is Status.INCONCLUSIVE
    assert "the broker or the kit stood still for 1." in reason
    assert verdict_of(outcome, "stopped")[0] is Status.INCONCLUSIVE


class HangingTap:
    """Hears itself when the broker goes on."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()

    async def hears_itself(self, *, within_s: float) -> bool:
        async with asyncio.timeout(within_s):
            await self.goes_on.wait()
        return True


def test_a_round_trip_that_is_late_tells_since_when() -> None:
    async def go() -> None:
        tap, clock = HangingTap(), Clock()
        trips = RoundTrips(cast("Tap", tap), clock)
        tap.goes_on.set()
        assert await trips.make()
        back = time.monotonic_ns()
        assert clock.stalls == []
        tap.goes_on.clear()
        trip = asyncio.create_task(trips.make())
        async with asyncio.timeout(10):
            while not clock.blames_nobody(10):
                await asyncio.sleep(0)
        tap.goes_on.set()
        assert await trip
        ((began, ended),) = clock.stalls
        assert began <= back <= ended
        assert 0.5 < clock.stood_still_s(ended, ended) <= (ended - began) / 1e9
        assert clock.stood_still_s(ended + 1, ended + 2) == 0

    asyncio.run(go())


def test_what_is_heard_by_the_end_of_a_round_trip_came() -> None:
    async def go() -> None:
        log = Log()

        async def late() -> None:
            record(log, "a.subject")

        log.before_giving_up = late

        def find() -> str | None:
            return "it" if log.on("a.subject") else None

        assert await log.wait(("a.subject",), find, timeout_s=0) == "it"
        assert await log.wait(("b",), lambda: None, timeout_s=0) is None
        assert len(log.records) == 2, "it is made once for each wait that would end in vain"

    asyncio.run(go())
