"""The bytes on their way to one side: some wait, none overtakes another. Knows no clock and no socket."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.faults import CLEAR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from omnisession_conformance.environment.proxy.faults import Way

END = None
"""The end of the one who writes, which comes in its turn as well."""


class Line:
    """One way of a connection; times are seconds of whichever clock."""

    def __init__(self, chance: Random) -> None:
        self.way: Way = CLEAR
        self.size = 0
        """How many bytes wait."""
        self._waiting: deque[tuple[float, bytes | None]] = deque()
        self._chance = chance

    @property
    def clear(self) -> bool:
        """Whether bytes need not wait at all."""
        return not self._waiting and self.way == CLEAR

    @property
    def next_s(self) -> float | None:
        """When the next bytes are due; None where nothing will be by itself."""
        return None if self.way.held or not self._waiting else self._waiting[0][0]

    def put(self, data: bytes | None, now_s: float) -> None:
        """Take bytes, or `END`."""
        way = self.way
        if way.lost:
            return
        late_ms = way.delay_ms
        if way.jitter_ms:
            late_ms += self._chance.uniform(0, way.jitter_ms)
        self._waiting.append((now_s + late_ms / 1000, data))
        self.size += len(data or b"")

    def take(self, now_s: float) -> Iterator[bytes | None]:
        """Give what is due, in its order: what is due earlier than bytes before it waits for them."""
        while self._waiting and not self.way.held and self._waiting[0][0] <= now_s:
            data = self._waiting.popleft()[1]
            self.size -= len(data or b"")
            yield data

    def lose(self) -> None:
        """Lose what waits."""
        self._waiting.clear()
        self.size = 0
