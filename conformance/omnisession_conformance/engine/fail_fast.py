"""Ends a run after the first case that failed, where that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import (
    ENDED_AT_FAILURE,
    SWEEP,
    CheckId,
    Outcome,
    Status,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from omnisession_conformance.engine.events import CaseResult
    from omnisession_conformance.engine.plan import Plan
    from omnisession_conformance.engine.silence import Silence
    from omnisession_conformance.protocol.registry import Registry

_BROKEN = (Outcome.BROKEN, Outcome.ABSENT)


@dataclass(slots=True)
class FailFast:
    """Looks for the first failure that a second look would not take back.

    `expected` are checks whose failure is none. Where it was not asked for nothing is ever found.
    """

    asked: bool = False
    expected: frozenset[CheckId] = field(default_factory=frozenset[CheckId])
    reached: bool = False
    """Whether there was one: no further case begins, those that run beside it come to their end."""

    def look(self, result: CaseResult, plan: Plan, levels: Registry, silence: Silence) -> None:
        """Look at how a case ended that is not to run again."""
        if not self.asked or self.reached or silence.hurried(result.case.name):
            return
        self.reached = any(
            observation.outcome in _BROKEN
            and self._counts(observation.check, plan.checks, levels)
            and observation.check not in plan.settled
            for observation in result.observations
        )

    def _counts(self, check: CheckId, judged: Collection[CheckId], levels: Registry) -> bool:
        mandatory = check.requirement in levels and levels[check.requirement].level.startswith(
            "MUST"
        )
        return mandatory and check in judged and check not in self.expected

    def settled(self, verdict: Verdict, *, ran: bool) -> Verdict:
        """The verdict of a check that the plan had left open, once the run has ended.

        What was seen wrong stays. A case that did not run, and a sweep that found nothing in a part of the
        messages, say nothing.
        """
        nothing_wrong = verdict.status in (Status.PASS, Status.NOT_RUN)
        if not self.reached or (ran and not (verdict.check.source == SWEEP and nothing_wrong)):
            return verdict
        return replace(verdict, status=Status.NOT_RUN, reason=ENDED_AT_FAILURE, excuse=None)
