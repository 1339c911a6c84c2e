"""Watches over a run that end it where it takes more than it may: time, memory, or a tap left behind."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from omnisession_conformance.engine.round_trips import LOOK_EVERY_S, LOST_S
from omnisession_conformance.environment.bounds import MB
from omnisession_conformance.environment.memory import process_bytes, tree_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.engine.round_trips import RoundTrips
    from omnisession_conformance.environment.bounds import Bounds

LOOK_RESTS = 20
"""So many times as long as a look at the memory has taken nobody looks again."""
MARK_EVERY_S = 0.5
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
    """End the run when the kit and what it started take too much memory.

    What the kit's process held before is not the run's: under pytest it holds what other tests left.
    """
    own, loop = os.getpid(), asyncio.get_running_loop()
    before = process_bytes(own)
    while True:
        began = loop.time()
        taken = tree_bytes(own, before + bounds.watched_bytes) - before
        if taken > bounds.watched_bytes:
            lose(
                f"the kit, its broker and the target took {taken / MB:.0f} MB of memory of the "
                f"{bounds.memory_mb + bounds.browser_mb:g} MB that they may; a run that needs more takes "
                "`memory` under [bounds]"
            )
            await asyncio.Event().wait()
        # Nothing else goes on meanwhile, and a browser is a tree of many threads.
        await asyncio.sleep(max(LOOK_EVERY_S, (loop.time() - began) * LOOK_RESTS))


async def watch_lag(trips: RoundTrips, lose: Callable[[str], None]) -> None:
    """End the run when the tap falls behind what is published, or hears nothing of its own any more."""
    tap, loop = trips.tap, asyncio.get_running_loop()
    while True:
        await asyncio.sleep(MARK_EVERY_S)
        began, before = loop.time(), tap.heard
        trip = asyncio.create_task(trips.make())
        try:
            while not trip.done():
                await asyncio.wait((trip,), timeout=LOOK_EVERY_S)
                if tap.heard - before > MOST_BEHIND:
                    lose(
                        f"the tap cannot keep up with what is published: {tap.heard - before} "
                        f"messages came within {loop.time() - began:.1f} s, and more wait"
                    )
                    await asyncio.Event().wait()
            if not trip.result():
                lose(f"the tap heard nothing of its own for {LOST_S:g} s")
                await asyncio.Event().wait()
        finally:
            trip.cancel()
