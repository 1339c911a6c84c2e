"""Cases in which the kit or its broker stood still for a second or more.

A session with a short window is over when a broker passes its pings on seconds later, and then a right
server refuses what a case asks of it. What such a case saw wrong says nothing, unless it is seen again.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import CaseOutcome, Outcome

if TYPE_CHECKING:
    from collections.abc import Generator

    from omnisession_conformance.engine.clock import Clock
    from omnisession_conformance.engine.events import CaseResult

DOUBT_S = 1.0
"""Shorter than any window that cases open a session with."""
WHY = "the broker or the kit stood still for {seconds:.1f} s in the case"
_WRONG = frozenset({Outcome.BROKEN, Outcome.ABSENT})


@dataclass(slots=True)
class Doubts:
    """When each case ran last, held against the clock."""

    clock: Clock
    _spans: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    @contextlib.contextmanager
    def running(self, case: str) -> Generator[None]:
        """Note when a case begins and ends."""
        began = time.monotonic_ns()
        try:
            yield
        finally:
            self._spans[case] = (began, time.monotonic_ns())

    def about(self, result: CaseResult) -> bool:
        """Whether what a case saw wrong, or could not do, may come from a time that stood still.

        What its target's end has shown is sure: it has no span.
        """
        wrong = any(seen.outcome in _WRONG for seen in result.observations)
        unsure = result.end is not CaseOutcome.DONE and result.excuse is None
        return (wrong or unsure) and self._stood_still_s(result) >= DOUBT_S

    def judged(self, result: CaseResult) -> CaseResult:
        """The result as it counts: what was wrong in a doubtful one was not to be told."""
        if not self.about(result):
            return result
        why = WHY.format(seconds=self._stood_still_s(result))
        seen = [
            replace(one, outcome=Outcome.LATE, why=why) if one.outcome in _WRONG else one
            for one in result.observations
        ]
        late = result.end is not CaseOutcome.DONE
        return replace(result, observations=tuple(seen), late=late or result.late)

    def forget(self, case: str) -> None:
        """Take what a case saw for sure, whatever stood still."""
        self._spans.pop(case, None)

    def _stood_still_s(self, result: CaseResult) -> float:
        span = self._spans.get(result.case.name)
        return 0.0 if span is None else self.clock.stood_still_s(*span)
