"""Tells subscribers what the tap hears, beside the cases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.events import Heard

if TYPE_CHECKING:
    from omnisession_conformance.engine.events import Announcer
    from omnisession_conformance.traffic.log import Log

TELL_EVERY_S = 0.01
TOLD_AT_ONCE = 120
"""Messages of one go: few enough, at some 30 µs each to write, not to be felt by what runs beside."""

TOLD_AT_THE_END = 2_000
"""Messages of one go when nothing runs beside any more: few enough for a signal not to wait for them."""


@dataclass(slots=True)
class Messages:
    """Tells what is in the log, a few messages at a time while cases wait for the target."""

    log: Log
    announcer: Announcer
    told: int = 0

    async def tell(self) -> None:
        """Tell until cancelled."""
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            self._tell(TOLD_AT_ONCE)

    def tell_rest(self) -> None:
        """Tell all that is left; where this is broken off, what was told by then is whole."""
        while self.told < len(self.log.records):
            self._tell(TOLD_AT_THE_END)

    def _tell(self, most: int) -> None:
        part = self.log.records[self.told : self.told + most]
        if part:
            self.told += len(part)
            self.announcer.tell(Heard(part))
