"""Waiting for a condition that is looked at again whenever something has changed, and at no other time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Changes:
    """What has changed is told; who waits looks."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Say that something has changed."""
        for one in self._waiting:
            if not one.done():
                one.set_result(None)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Return when a condition holds, at once where it does already."""
        while not holds():
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
