"""A loop whose time passes only while nothing is to be done: waiting costs nothing, and lasts exactly."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Skips the time in which a loop would sleep."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0)
        if not ready:
            self.now_s += timeout or 0
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop with a time of its own, which begins at 0."""

    def __init__(self) -> None:
        self._skipping = _Selector()
        super().__init__(self._skipping)

    def time(self) -> float:
        """The virtual time in seconds."""
        return self._skipping.now_s

    def stand_still(self, for_s: float) -> None:
        """Let time pass in which nothing has its turn."""
        self._skipping.now_s += for_s


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
