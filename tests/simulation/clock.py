"""Virtual time: nothing waits, and what is due at one moment comes in the order in which it was set."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_730_000_000_000
"""When every world begins, in milliseconds since the Unix epoch."""


MOST_AT_ONCE = 20_000
"""So many alarms may ring in one moment: more of them set each other, and time stands still."""
ONE_MOMENT_MS = 1e-6


class StandsStillError(Exception):
    """One alarm sets another one for the same moment, again and again."""


@dataclass(slots=True)
class Alarm:
    """A callback that waits for its time."""

    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        """Forget the callback."""
        self.cancelled = True


class VirtualClock:
    """The time of a world: it stands still until it is moved."""

    def __init__(self) -> None:
        self.passed_ms = 0.0
        # Numbers keep the order of those that ring at one moment.
        self.waiting: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return START + int(self.passed_ms)

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Alarm:
        """Call back after a while."""
        return self.call_at(self.passed_ms + delay_ms, callback)

    def call_at(self, at_ms: float, callback: Callable[[], None]) -> Alarm:
        """Call back at a time; at once where it is over, but not before this returns."""
        alarm = Alarm(callback)
        heapq.heappush(self.waiting, (max(at_ms, self.passed_ms), next(self._numbers), alarm))
        return alarm

    def move(self, milliseconds: float) -> None:
        """Let time pass, and call back whoever waits for a part of it. Raises StandsStillError."""
        until, rang = self.passed_ms + milliseconds, 0
        while self.waiting and self.waiting[0][0] <= until:
            at_ms, _, alarm = heapq.heappop(self.waiting)
            if alarm.cancelled:
                continue
            rang = rang + 1 if at_ms - self.passed_ms < ONE_MOMENT_MS else 0
            if rang > MOST_AT_ONCE:
                raise StandsStillError
            self.passed_ms = at_ms
            alarm.callback()
        self.passed_ms = until


class ProcessClock:
    """The time of one process: what it waits for ends with it."""

    def __init__(self, world: VirtualClock) -> None:
        self._world = world
        self._is_over = False

    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return self._world.now_ms()

    def wall_ms(self) -> int:
        """The same: nobody sets the time of a world."""
        return self.now_ms()

    def elapsed_ms(self) -> float:
        """Milliseconds of a steady clock."""
        return self._world.passed_ms

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Alarm:
        """Call back after a while, if the process still lives then."""
        return self._world.call_later(delay_ms, lambda: None if self._is_over else callback())

    def end(self) -> None:
        """The process has ended."""
        self._is_over = True
