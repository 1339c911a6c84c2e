"""Stretches of time, asked again and again: whether one meets them, and how much of it they cover."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Stretches:
    """Stretches, from and to in ns; those that meet count as one."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        """Take them in any order."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(stretches):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)
        lengths = (end - start for start, end in zip(self._starts, self._ends, strict=True))
        self._before = [0, *accumulate(lengths)]
        """How long all before each of them are together."""

    def meets(self, from_ns: int, to_ns: int) -> bool:
        """Whether a stretch of time has a moment in common with one of them."""
        place = bisect_left(self._ends, from_ns)
        return place < len(self._starts) and self._starts[place] <= to_ns

    def within(self, from_ns: int, to_ns: int) -> int:
        """How much of a stretch of time they cover, in ns."""
        return max(0, self._upto(to_ns) - self._upto(from_ns))

    def _upto(self, moment: int) -> int:
        place = bisect_right(self._starts, moment)
        if not place:
            return 0
        return self._before[place] - max(0, self._ends[place - 1] - moment)
