"""Observations, how cases and runs end, and the verdicts they add up to.

A *check* is `REQ-ID@case` or `REQ-ID@sweep`, the unit of baselines. The verdict of a check is settled
from its observations once the run is over; the verdict of a requirement is the worst of its checks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.protocol.excuses import Excuse
    from omnisession_conformance.protocol.lacks import Lack

SWEEP = "sweep"
KEPT = 20
"""Violations that a sweep keeps of one requirement: enough to see a pattern, not the same fault ten
thousand times."""
TEXT_LIMIT = 600
"""Longest text of what was expected or seen: what people can compare at a glance."""

ENDED_AT_FAILURE = "the run ended at the first failure, --fail-fast"
"""Why a check was not run that came behind it."""


def shortened(text: str) -> str:
    """A text as an observation shows it: cut where it is too long, with its length."""
    return text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}… ({len(text)} characters)"


class Outcome(StrEnum):
    """What one observation found."""

    OK = "ok"
    BROKEN = "broken"
    ABSENT = "absent"
    """Something that must come did not come in its time."""
    LATE = "late"
    """It did not come in its time, while the machine was too slow to blame the target."""
    KIT_FAULT = "kit_fault"


class Status(StrEnum):
    """The seven verdicts, worst first; NOT_CLAIMED stands apart."""

    FAIL = "FAIL"
    HARNESS = "HARNESS"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_RUN = "NOT_RUN"
    WARN = "WARN"
    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    NOT_CLAIMED = "NOT_CLAIMED"


class RunStatus(StrEnum):
    """How a run ended: only a complete one has a verdict."""

    COMPLETE = "complete"
    ABORTED = "aborted"
    """The target or the tap was lost, or there was none."""
    INTERRUPTED = "interrupted"


class CaseOutcome(StrEnum):
    """How a case ended, which says nothing about what it observed."""

    DONE = "done"
    STOPPED = "stopped"
    """It found that it could not go on, and said why."""
    CUT = "cut"
    """Its time was over, or the run was."""
    CRASHED = "crashed"
    """The case itself is at fault."""


_WORST_FIRST = tuple(Status)


def worst(statuses: Iterable[Status]) -> Status:
    """Fold the statuses of a requirement's checks into its own; NOT_CLAIMED only if all are.

    Raises ValueError on an empty iterable: a requirement without a check has no verdict.
    """
    return min(statuses, key=_WORST_FIRST.index)


@dataclass(frozen=True, slots=True, order=True)
class CheckId:
    """`REQ-ID@source`, where the source is a case name or `sweep`."""

    requirement: str
    source: str

    def __str__(self) -> str:
        return f"{self.requirement}@{self.source}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `REQ-ID@source`; ValueError names what is wrong."""
        requirement, at, source = text.partition("@")
        if not (requirement and at and source):
            raise ValueError(f"'{text}' is no check: write REQ-ID@case or REQ-ID@sweep")
        return cls(requirement, source)


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that a case or a rule saw.

    `expected` and `seen` are short texts for people; `records` are numbers of log records, the one
    to blame first; `case` is the case during which a sweep saw it.
    """

    check: CheckId
    outcome: Outcome
    why: str = ""
    expected: str | None = None
    seen: str | None = None
    pointer: str | None = None
    records: tuple[int, ...] = ()
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The settled verdict of one check.

    `observed` counts the observations of the target behind it; a NOT_RUN with an `excuse` has a reason
    on the closed list of those outside the target, and does not make the run non-conformant; `lacks` is
    what the target tells not to have, where that is the reason.
    """

    check: CheckId
    status: Status
    level: str
    observed: int
    reason: str = ""
    excuse: Excuse | None = None
    observations: tuple[Observation, ...] = ()
    lacks: Lack | None = None

    @classmethod
    def lacking(cls, check: CheckId, level: str, lack: Lack, excuse: Excuse | None = None) -> Self:
        """One about what the target tells not to have: not run with an excuse, else not claimed."""
        status = Status.NOT_CLAIMED if excuse is None else Status.NOT_RUN
        return cls(check, status, level, 0, lack.words, excuse, lacks=lack)

    @property
    def excused(self) -> bool:
        """Whether it was not run for a reason outside the target."""
        return self.excuse is not None

    def cut_short(self, reason: str) -> Verdict:
        """The verdict once the run was cut short: what was green is no longer known."""
        if self.status in (Status.PASS, Status.WARN):
            return replace(self, status=Status.NOT_RUN, reason=reason, excuse=None)
        return self

    def not_heard(self, reason: str) -> Verdict:
        """The verdict of a run in which not everything was heard: what was seen says nothing."""
        if self.status is Status.NOT_CLAIMED:
            return self
        return Verdict(self.check, Status.NOT_RUN, self.level, 0, reason)


def settle(
    check: CheckId,
    level: str,
    observations: Iterable[Observation],
    *,
    observed: int = 0,
    not_run: str | None = None,
    excuse: Excuse | None = None,
) -> Verdict:
    """Settle one check from its observations (kit principle: no observation, no PASS).

    `observed` counts good observations that were not kept one by one (sweeps); `not_run` is the
    reason why the check could not be made, used when nothing broken was seen; `excuse` is what excuses
    it then.
    """
    all_seen = tuple(observations)
    bad = tuple(o for o in all_seen if o.outcome in (Outcome.BROKEN, Outcome.ABSENT))
    count = observed + sum(o.outcome is Outcome.OK for o in all_seen) + len(bad)

    def verdict(status: Status, shown: tuple[Observation, ...], reason: str = "") -> Verdict:
        why = excuse if status is Status.NOT_RUN else None
        return Verdict(check, status, level, count, reason, why, shown)

    if bad:
        return verdict(Status.FAIL if level.startswith("MUST") else Status.WARN, bad)
    if faults := tuple(o for o in all_seen if o.outcome is Outcome.KIT_FAULT):
        return verdict(Status.HARNESS, faults, faults[0].why)
    if late := tuple(o for o in all_seen if o.outcome is Outcome.LATE):
        return verdict(Status.INCONCLUSIVE, late, late[0].why)
    if not_run is not None:
        return verdict(Status.NOT_RUN, (), not_run)
    if count == 0:
        return verdict(Status.NOT_RUN, (), "nothing that it judges was seen in this run")
    return verdict(Status.PASS, ())
