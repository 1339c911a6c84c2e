"""Stretches in which nobody can be blamed are noted: the kit's own loop, and a target that was away."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.kit.core.stalling import stand_still

from omnisession_conformance.engine.case import Case
from omnisession_conformance.engine.clock import BLAME_LAG_S, STALL_S, Clock
from omnisession_conformance.engine.run import Run
from omnisession_conformance.engine.stops import KitTooSlow
from omnisession_conformance.environment.fixture import Fixture, FixtureConfig
from omnisession_conformance.environment.target import AttachedTarget
from omnisession_conformance.roles.server.context import Context
from omnisession_conformance.traffic.ledger import Ledger

HELD_S = BLAME_LAG_S + STALL_S


async def hold_the_loop(clock: Clock) -> tuple[int, int]:
    watch = asyncio.create_task(clock.watch())
    await asyncio.sleep(0)  # the watch begins
    assert not clock.blames_nobody(1)
    before = time.monotonic_ns()
    await stand_still(clock, HELD_S)
    after = before + round(HELD_S * 1e9)
    watch.cancel()
    return before, after


def test_a_loop_that_stood_still_is_noted() -> None:
    clock = Clock()

    async def run() -> None:
        before, after = await hold_the_loop(clock)
        assert clock.blames_nobody(1)
        [(start, end)] = [s for s in clock.stalls if s[1] - s[0] > HELD_S * 0.8e9]
        # Together they cover the time in which nothing could be heard or sent.
        assert start <= before + 30_000_000
        assert end >= after
        assert clock.margin_s > HELD_S * 0.8

    asyncio.run(run())


def test_a_stall_is_known_to_what_has_its_turn_before_the_watch() -> None:
    clock = Clock()

    async def run() -> None:
        watch = asyncio.create_task(clock.watch())
        await asyncio.sleep(0)
        assert not clock.blames_nobody(1)
        time.sleep(HELD_S)  # noqa: ASYNC251 - see above
        assert clock.blames_nobody(1)
        watch.cancel()
        await asyncio.gather(watch)
        # Without a watch there is no lag to speak of.
        assert not clock.blames_nobody(1)

    asyncio.run(run())


def test_a_target_that_is_away_is_noted() -> None:
    target = AttachedTarget()
    run = Run("ktag", "", {}, target, Fixture(FixtureConfig(), "ktag"), Ledger("ktag", False))
    assert run.outages() == ()
    target.gone_ns = 5
    assert [start for start, _ in run.outages()] == [5]
    run.target_is_back()
    [(start, end)] = run.outages()
    assert start == 5 < end <= time.monotonic_ns()
    assert target.gone_ns is None


async def _nothing(context: Context) -> None:
    del context


def test_a_kit_that_was_too_slow_says_so() -> None:
    run = Run("k", "", {}, AttachedTarget(), Fixture(FixtureConfig(), "k"), Ledger("k", False))
    context = Context(run, Case("one", ("CTRL-016",), _nothing))
    context.in_time(good=True, reason="in time")
    with pytest.raises(KitTooSlow, match="silent for 900 ms"):
        context.in_time(good=False, reason="silent for 900 ms")
