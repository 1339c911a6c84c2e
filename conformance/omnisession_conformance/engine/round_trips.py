"""Whether the broker passes messages on at all, by those that the kit sends to itself.

A broker that stands still for seconds holds back what a target has said long ago. Before something counts
as missing the kit makes one round trip, and looks again.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.engine.clock import BLAME_LAG_S

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.engine.clock import Clock
    from omnisession_conformance.traffic.tap import Tap

LOST_S = 30.0
"""A machine may be busy and a broker hang; what is away for longer than this is lost."""
LOOK_EVERY_S = 0.1


@dataclass(slots=True)
class RoundTrips:
    """Round trips over the tap, and what the clock is told of them.

    `far` makes one over the nodes between kit and target, where there are any.
    """

    tap: Tap
    clock: Clock
    far: Callable[[], Awaitable[bool]] | None = None
    _back_ns: int = field(default_factory=time.monotonic_ns)
    """When the last one was back: from then on the broker may have stood still."""

    async def make(self) -> bool:
        """Make one, and tell the clock how late it is for as long as it is; False where it is lost."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        mark = asyncio.create_task(self._there_and_back())
        try:
            while not mark.done():
                await asyncio.wait((mark,), timeout=LOOK_EVERY_S)
                self.clock.late_by(loop.time() - began)
            heard = mark.result()
        finally:
            mark.cancel()
        now = time.monotonic_ns()
        if (took_s := loop.time() - began) > BLAME_LAG_S:
            self.clock.stood_still(self._back_ns, now, took_s)
        self._back_ns = now
        return heard

    async def _there_and_back(self) -> bool:
        # One after the other: what a node passes on once it goes on is heard before the mark is back.
        reached = self.far is None or await self.far()
        return await self.tap.hears_itself(within_s=LOST_S) and reached

    async def confirm(self) -> None:
        """Return when all that the broker had so far has been heard; the run ends where it is lost."""
        if not await self.make():
            await self.tap.settle()
