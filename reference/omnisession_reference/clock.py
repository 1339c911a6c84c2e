"""Time, as a seam: the event loop's in the server, a hand-driven one in tests."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol


class Alarm(Protocol):
    """A callback that waits for its time."""

    def cancel(self) -> None:
        """Forget the callback."""
        ...


class Clock(Protocol):
    """What the server asks of time."""

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch; never steps back."""
        ...

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch, as told now: it steps back when it is set back.

        Tokens are judged by it alone, when they are shown and when they end.
        """
        ...

    def elapsed_ms(self) -> float:
        """Milliseconds of a steady clock, for measuring spans."""
        ...

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Alarm:
        """Call back after a while."""
        ...


class LoopClock:
    """The running event loop's time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._last_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch; never steps back."""
        self._last_ms = max(self._last_ms, self.wall_ms())
        return self._last_ms

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch, as the machine tells them now."""
        return time.time_ns() // 1_000_000

    def elapsed_ms(self) -> float:
        """Milliseconds of the loop's steady clock."""
        return self._loop.time() * 1_000

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Alarm:
        """Call back after a while, between two messages."""
        return self._loop.call_later(delay_ms / 1_000, callback)
