"""What cases use as a means, and never works on a target: who is to blame for what they saw then.

A target that refuses a type of actions always, as one that failed, is told so under the requirement of that
type, by the plain case for it. Others that only use the type would say the same under requirements that are
about something else, which nobody has looked at: those are not run. They are when the plain case has failed
in this run, so that the target is not conformant whatever becomes of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import SWEEP, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.verdict import CheckId, Observation


@dataclass(frozen=True, slots=True)
class NeverWorks:
    """Something that was refused in a run whenever it was tried: by which records, as which check says."""

    name: str
    check: CheckId
    records: frozenset[int]

    def blamed(self, observation: Observation) -> bool:
        """Whether what was seen wrong is a refusal of it."""
        return bool(observation.records) and observation.records[0] in self.records


def blamed_once(verdicts: Sequence[Verdict], never: Sequence[NeverWorks]) -> tuple[Verdict, ...]:
    """The verdicts, without what only says again that something never works."""
    failed = {v.check for v in verdicts if v.status is Status.FAIL}
    for one in never:
        if one.check in failed:
            verdicts = [_without(verdict, one) for verdict in verdicts]
    return tuple(verdicts)


def _without(verdict: Verdict, never: NeverWorks) -> Verdict:
    seen = verdict.status in (Status.FAIL, Status.WARN) and verdict.check.source != SWEEP
    if not seen or verdict.check.requirement == never.check.requirement:
        return verdict
    left = tuple(o for o in verdict.observations if not never.blamed(o))
    if left:
        return replace(verdict, observations=left)
    reason = f"{never.name} does not work at all, see {never.check}"
    return replace(verdict, status=Status.NOT_RUN, reason=reason, observations=())
