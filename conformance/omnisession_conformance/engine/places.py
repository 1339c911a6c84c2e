"""How many cases run beside each other."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator


class Places:
    """Places for cases, so many at a time.

    A case that waits for what the target has never sent to anybody may give its place to another one: it
    costs neither target nor kit anything while it waits.
    """

    def __init__(self) -> None:
        self._free: asyncio.Semaphore | None = None
        self._held: set[str] = set()

    @contextlib.asynccontextmanager
    async def place(self, case: str, free: asyncio.Semaphore) -> AsyncGenerator[None]:
        """Hold a place for the length of a case, or until it is given up."""
        await free.acquire()
        self._free = free
        self._held.add(case)
        try:
            yield
        finally:
            self.give_up(case)

    def give_up(self, case: str) -> None:
        """Let another case have the place of this one, if it holds any."""
        if case in self._held and self._free is not None:
            self._held.remove(case)
            self._free.release()
