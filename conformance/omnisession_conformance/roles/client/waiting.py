"""Waiting for what gate and puppet see or do themselves: whoever waits looks again at each of these."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from omnisession_conformance.environment.proxy.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Bell:
    """One for a case: its gate and its puppet ring it, for what a client does and for what they do."""

    def __init__(self) -> None:
        self._changes = Changes()
        self._error: Exception | None = None

    def ring(self) -> None:
        """Say that something has happened."""
        self._changes.tell()

    def fail(self, error: Exception) -> None:
        """Raise this to whoever waits, now and later: the kit's own part has failed."""
        self._error = self._error or error
        self.ring()

    def check(self) -> None:
        """Raise what has failed, if anything has."""
        if self._error is not None:
            raise self._error

    async def until(self, find: Callable[[], T | None], *, within_s: float) -> T | None:
        """Return what is found as soon as it is, None when the time is over.

        `find` is called at once, and after everything that happens; false counts as nothing.
        """
        found: T | None = None

        def holds() -> bool:
            nonlocal found
            self.check()
            found = find()
            return bool(found)

        try:
            async with asyncio.timeout(within_s):
                await self._changes.until(holds)
        except TimeoutError:
            holds()
        return found or None
