"""Stretches in which nobody can be blamed are noted: the kit's own loop, and a target that was away."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from tests.kit.core.virtual import VirtualLoop

from omnisession_conformance.engine.case import Case
from omnisession_conformance.engine.clock import BLAME_LAG_S, STALL_S, TICK_S, Clock
from omnisession_conformance.engine.run import Run
from omnisession_conformance.engine.stops import KitTooSlow
from omnisession_conformance.environment.access import Access
from omnisession_conformance.environment.fixture import Fixture
from omnisession_conformance.environment.target import AttachedTarget
from omnisession_conformance.environment.users import FixtureConfig
from omnisession_conformance.roles.server.context import Context
from omnisession_conformance.traffic.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

HELD_S = BLAME_LAG_S + STALL_S


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualLoop]:
    """A loop in virtual time, which the monotonic clock of the process follows."""
    loop = VirtualLoop()
    monkeypatch.setattr(time, "monotonic_ns", lambda: round(loop.time() * 1e9))
    yield loop
    loop.close()


def test_a_loop_that_stood_still_is_noted(loop: VirtualLoop) -> None:
    clock = Clock()

    async def run() -> None:
        watch = asyncio.create_task(clock.watch())
        await asyncio.sleep(1.0 + TICK_S / 2)
        assert not clock.blames_nobody(1)
        assert clock.stalls == []
        usual_s = clock.margin_s
        began_s = loop.time()
        loop.stand_still(HELD_S)
        await asyncio.sleep(TICK_S)
        assert clock.blames_nobody(1)
        # It covers the time in which nothing could be heard or sent, and one tick before it at most.
        [(start, end)] = clock.stalls
        assert began_s - TICK_S <= start / 1e9 <= began_s
        assert began_s + HELD_S <= end / 1e9 <= began_s + HELD_S + TICK_S
        assert HELD_S - TICK_S <= clock.margin_s - usual_s <= HELD_S
        watch.cancel()

    loop.run_until_complete(run())


def test_a_stall_is_known_to_what_has_its_turn_before_the_watch(loop: VirtualLoop) -> None:
    clock = Clock()

    async def run() -> None:
        watch = asyncio.create_task(clock.watch())
        await asyncio.sleep(0)  # the watch begins
        assert not clock.blames_nobody(1)
        loop.stand_still(HELD_S)
        assert clock.blames_nobody(1)
        assert clock.stalls == []
        watch.cancel()
        await asyncio.gather(watch)
        # Without a watch there is no lag to speak of.
        assert not clock.blames_nobody(1)

    loop.run_until_complete(run())


def test_a_target_that_is_away_is_noted() -> None:
    target = AttachedTarget()
    run = Run(Access(), target, Fixture(FixtureConfig()), Ledger(shared_broker=False))
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
    run = Run(Access(), AttachedTarget(), Fixture(FixtureConfig()), Ledger(shared_broker=False))
    context = Context(run, Case("one", ("CTRL-016",), _nothing))
    context.in_time(good=True, reason="in time")
    with pytest.raises(KitTooSlow, match="silent for 900 ms"):
        context.in_time(good=False, reason="silent for 900 ms")
