"""Watches over a run that end it where it takes more than it may: time, memory, or a tap left behind."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from omnisession_conformance.environment.bounds import MB
from omnisession_conformance.environment.memory import tree_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.engine.clock import Clock
    from omnisession_conformance.environment.bounds import Bounds
    from omnisession_conformance.traffic.tap import Tap

LOOK_EVERY_S = 0.1
MARK_EVERY_S = 0.5
MARK_LOST_S = 30.0
"""A machine may be busy and a broker hang; what is away for longer than this is lost."""
MOST_BEHIND = 20_000
"""Messages that may come before one of the tap's own that was published before them or beside them: what a
right server sends in its whole run, and a second's work."""


async def watch_time(
    bounds: Bounds, left_s: Callable[[float], float], lose: Callable[[str], None]
) -> None:
    """End the run when the time for its cases is over; `left_s` says how far a time of the run is."""
    while (left := left_s(bounds.cases_s)) > 0:
        await asyncio.sleep(left)
    lose(
        f"the run took longer than {bounds.timeout_s:g} s, with the time for its reports; "
        "--timeout gives it more"
    )
    await asyncio.Event().wait()


async def watch_memory(bounds: Bounds, lose: Callable[[str], None]) -> None:
    """End the run when the kit and what it started take too much memory."""
    while True:
        taken = tree_bytes(os.getpid(), bounds.watched_bytes)
        if taken > bounds.watched_bytes:
            lose(
                f"the kit, its broker and the target took {taken / MB:.0f} MB of memory of the "
                f"{bounds.memory_mb:g} MB that they may; a run that needs more takes `memory` "
                "under [bounds]"
            )
            await asyncio.Event().wait()
        await asyncio.sleep(LOOK_EVERY_S)


async def watch_lag(tap: Tap, clock: Clock, lose: Callable[[str], None]) -> None:
    """End the run when the tap falls behind what is published; until then, tell the clock how far."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(MARK_EVERY_S)
        began, before = loop.time(), tap.heard
        mark = asyncio.create_task(tap.hears_itself(within_s=MARK_LOST_S))
        try:
            while not mark.done():
                await asyncio.wait((mark,), timeout=LOOK_EVERY_S)
                clock.late_by(loop.time() - began)
                if tap.heard - before > MOST_BEHIND:
                    lose(
                        f"the tap cannot keep up with what is published: {tap.heard - before} "
                        f"messages came within {loop.time() - began:.1f} s, and more wait"
                    )
                    await asyncio.Event().wait()
            if not mark.result():
                lose(f"the tap heard nothing of its own for {MARK_LOST_S:g} s")
                await asyncio.Event().wait()
        finally:
            mark.cancel()
