"""A loop that stands still, as that of a kit on a starved machine does."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisession_conformance.engine.clock import Clock


async def stand_still(clock: Clock, for_s: float = 0.8) -> None:
    """Hold the whole loop for a while, and return when the clock has noted it."""
    noted = len(clock.stalls)
    time.sleep(for_s)  # noqa: ASYNC251 - what holds the loop is what this is about
    async with asyncio.timeout(10):
        while len(clock.stalls) == noted:
            await asyncio.sleep(0)
