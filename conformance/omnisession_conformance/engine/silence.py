"""What of a target was never heard, so that a run does not wait for it in full again and again.

A server that answers no ping makes every case wait for two seconds, most of them more than once. What was
missed a few times in its full time, and never came, is waited for shortly from then on: a message that is
not there after two seconds is not there after a quarter of one either, so nothing is called missing that
would have been found. Now and then the full time is waited all the same; where it comes after all, the
cases that had waited shortly are run again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

ENOUGH = 3
"""Misses, each of them in full, after which nobody counts on a thing any more."""
IN_FULL_EVERY = 10
SHORT_S = 0.25


@dataclass(slots=True)
class Silence:
    """Counts by name what was waited for in vain; a name that was heard once is waited for in full."""

    doubted: set[str] = field(default_factory=set[str])
    """Cases that waited shortly for what came after all: what they missed says nothing."""
    _missed: Counter[str] = field(default_factory=Counter[str])
    _heard: set[str] = field(default_factory=set[str])
    _shortened: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def wait_s(
        self, names: tuple[str, ...], full_s: float, case: str, *, passed_s: float = 0.0
    ) -> float:
        """How long a case should wait for something that goes by some names, in seconds.

        What was asked for `passed_s` ago, along with something that was missed already, has had that time.
        """
        if self._missed[names[-1]]:
            full_s = max(full_s - passed_s, 0.0)
        dumb = [name for name in names if self._is_dumb(name)]
        for name in dumb:
            self._shortened[name].add(case)
        return min(full_s, SHORT_S) if dumb else full_s

    def hurried(self, case: str) -> bool:
        """Whether a case waited shortly for something, so that it may have to run again."""
        return case in self.doubted or any(case in cases for cases in self._shortened.values())

    def doubts(self, names: tuple[str, ...]) -> bool:
        """Whether nothing was heard so far under one of some names."""
        return not self._heard.issuperset(names)

    def _is_dumb(self, name: str) -> bool:
        missed = self._missed[name]
        return name not in self._heard and missed >= ENOUGH and missed % IN_FULL_EVERY != 0

    def heard(self, names: tuple[str, ...]) -> None:
        """Note that it came."""
        for name in names:
            if name not in self._heard:
                self._heard.add(name)
                self.doubted |= self._shortened.pop(name, set())

    def missed(self, names: tuple[str, ...]) -> None:
        """Note that it did not come while the kit itself was on time."""
        self._missed.update(names)
