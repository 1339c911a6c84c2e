"""What changed from one run to another, by check and by requirement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results.summary import OBSERVED, UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.results.stream import Results

BAD = UNDECIDED | {Status.FAIL}
UNTESTED = frozenset({Status.NOT_RUN, Status.NOT_CLAIMED})


class Change(StrEnum):
    """What became of a check or a requirement, the worst first."""

    NEW_FAILURE = "new_failure"
    """It fails, or cannot be judged any more, and was not so before."""
    NEW_WARNING = "new_warning"
    NOT_TESTED = "newly_not_tested"
    """It was observed, or failed, and now nobody knows."""
    GONE = "gone"
    """It was observed, or failed, and is no part of the second run."""
    FIXED = "fixed"
    NEW = "new"
    """It is no part of the first run."""
    OTHER = "other"
    """Its verdict is another one, and none of the above."""


WORSE = frozenset({Change.NEW_FAILURE, Change.NEW_WARNING, Change.NOT_TESTED, Change.GONE})


@dataclass(frozen=True, slots=True)
class Changed:
    """One check or requirement whose verdict changed; None where a run does not have it."""

    id: str
    change: Change
    before: Status | None
    after: Status | None
    reason: str = ""
    """Why it is what it is now."""

    @property
    def worse(self) -> bool:
        """Whether something was lost by it."""
        return self.change in WORSE


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that changed between two runs, in the order of the later one."""

    checks: tuple[Changed, ...]
    requirements: tuple[Changed, ...]

    @property
    def worse(self) -> bool:
        """Whether anything got worse."""
        return any(one.worse for one in (*self.checks, *self.requirements))


def compare(before: Results, after: Results) -> Difference:
    """Tell what changed; runs that were cut short count as they are, with nothing green in them."""
    before, after = before.settled(), after.settled()
    return Difference(
        _changed(
            {c.check: c.status for c in before.checks},
            {
                c.check: (c.status, _why(c.reason, [f.why for f in c.findings]))
                for c in after.checks
            },
        ),
        _changed(
            {r.id: r.status for r in before.requirements},
            {r.id: (r.status, r.reason) for r in after.requirements},
        ),
    )


def _why(reason: str, findings: list[str]) -> str:
    return reason or next(filter(None, findings), "")


def _changed(
    before: Mapping[str, Status], after: Mapping[str, tuple[Status, str]]
) -> tuple[Changed, ...]:
    found: list[Changed] = []
    for id_ in dict.fromkeys((*after, *before)):
        was = before.get(id_)
        now, reason = after.get(id_, (None, ""))
        change = change_of(was, now)
        if change is not None:
            found.append(Changed(id_, change, was, now, reason))
    return tuple(found)


def change_of(was: Status | None, now: Status | None) -> Change | None:
    """What became of one verdict; None where nothing did."""
    if was is now:
        return None
    if now is None or now in UNTESTED:
        return _lost(was, now)
    if now is Status.FAIL or (now in UNDECIDED and was not in BAD):
        return Change.NEW_FAILURE
    if was is None:
        return Change.NEW
    if was in BAD and now in OBSERVED:
        return Change.FIXED
    return Change.NEW_WARNING if (was, now) == (Status.PASS, Status.WARN) else Change.OTHER


def _lost(was: Status | None, now: Status | None) -> Change:
    if was is None:
        return Change.NEW
    # What nobody had tested is no loss.
    if was in UNTESTED:
        return Change.OTHER
    return Change.GONE if now is None else Change.NOT_TESTED
