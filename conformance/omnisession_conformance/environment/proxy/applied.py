"""A fault that is in force: it ends by itself after its time, or by hand before that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.environment.proxy.changes import Changes
    from omnisession_conformance.environment.proxy.faults import Fault


class Applied:
    """What `Proxy.apply` gives back."""

    def __init__(self, fault: Fault, changes: Changes, finish: Callable[[], None] | None) -> None:
        self.fault = fault
        self.over = finish is None
        """Whether it has ended; a cut has from the beginning."""
        self._changes = changes
        self._finish = finish
        self._timer: asyncio.TimerHandle | None = None
        for_ms = getattr(fault, "for_ms", None)
        if finish is not None and for_ms is not None:
            self._timer = asyncio.get_running_loop().call_later(for_ms / 1000, self.end)

    def end(self) -> None:
        """End it now; once is enough."""
        self.forget()
        if not self.over and self._finish is not None:
            self.over = True
            self._finish()
            self._changes.tell()

    def forget(self) -> None:
        """Leave it as it is for good, since the proxy ends."""
        if self._timer is not None:
            self._timer.cancel()

    async def ended(self) -> None:
        """Return when it is over."""
        await self._changes.until(lambda: self.over)
