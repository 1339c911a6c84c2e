"""From the verdicts of checks to those of requirements, the counts and the exit code."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.excuses import EXCUSES, Excuse, code_of, of_code
from omnisession_conformance.protocol.lacks import in_one
from omnisession_conformance.protocol.verdict import RunStatus, Status, worst
from omnisession_conformance.results.lines import (
    BaselineResult,
    CheckResult,
    Footer,
    RequirementResult,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from omnisession_conformance.protocol.registry import Registry, Requirement

OBSERVED = frozenset({Status.PASS, Status.FAIL, Status.WARN})
UNDECIDED = frozenset({Status.HARNESS, Status.INCONCLUSIVE})
NOT_OBSERVABLE = "cannot be observed from outside"
NO_CHECK = "no check of this kit observes it"

_BROKEN = Exit.NOT_CONFORMANT


def summarise(
    checks: Iterable[CheckResult],
    registry: Registry,
    *,
    selected: Collection[str] | None = None,
) -> tuple[RequirementResult, ...]:
    """The verdicts of requirements, in the registry's order.

    `selected` names the requirements to tell of (None: all). One without any check is NOT_RUN:
    excused where the registry says why no check can exist, else a fault of the kit that makes the
    run non-conformant. Raises UnknownRequirementError for a check of an unknown requirement.
    """
    fed: dict[str, list[CheckResult]] = {}
    for check in checks:
        fed.setdefault(registry[check.id.requirement].id, []).append(check)
    return tuple(
        fold(_blank(requirement), fed.get(requirement.id, ()))
        for requirement in registry
        if requirement.id in fed or selected is None or requirement.id in selected
    )


def _blank(requirement: Requirement) -> RequirementResult:
    excluded = requirement.excluded
    return RequirementResult(
        id=requirement.id,
        status=Status.NOT_RUN,
        level=requirement.level,
        profile=requirement.profile,
        area=requirement.area,
        title=requirement.title,
        text=requirement.text,
        spec=requirement.spec,
        reason=NO_CHECK if excluded is None else f"{NOT_OBSERVABLE}: {excluded}",
        excused=excluded is not None,
        excuse="" if excluded is None else code_of(Excuse.NOT_OBSERVABLE),
    )


def fold(requirement: RequirementResult, checks: Sequence[CheckResult]) -> RequirementResult:
    """The requirement with the worst verdict of its checks and the reason of the first such.

    A check that was not run for a reason outside the target has no say where another one observed the
    requirement, and a sweep that had nothing to judge has none at all; they are still listed.
    """
    if not checks:
        return requirement
    telling = [c for c in checks if c.excuse != Excuse.NOTHING_SEEN] or list(checks)
    counted = [c for c in telling if not (c.status is Status.NOT_RUN and c.excused)]
    if not any(c.status in OBSERVED for c in counted):
        counted = telling
    keeping = [c for c in counted if c.keeps]
    expected = bool(keeping) and all(c.expected is not None for c in keeping)
    status = worst(c.status for c in counted)
    if expected and any(c.status in UNDECIDED for c in counted):
        # An expected failure must not hide what could not be judged.
        status, expected = worst(c.status for c in counted if c not in keeping), False
    decisive = [c for c in counted if c.status is status]
    if status is Status.NOT_RUN:
        # What is not excused is what the reader has to look after.
        decisive.sort(key=lambda c: c.excused)
    return replace(
        requirement,
        status=status,
        reason=_reason(decisive),
        excused=status is Status.NOT_RUN and all(c.excused for c in decisive),
        excuse=decisive[0].excuse if status is Status.NOT_RUN else "",
        expected=expected,
        checks=tuple(c.check for c in checks),
    )


def _reason(decisive: Sequence[CheckResult]) -> str:
    """The reason of the first check; where the target has none of several things, all of them."""
    first = decisive[0]
    if first.lacks is None:
        return first.reason
    lacks = in_one(check.lacks for check in decisive if check.lacks is not None)
    others = dict.fromkeys(check.reason for check in decisive if check.lacks is None)
    return "; ".join((lacks, *others))


def cut_short(check: CheckResult, reason: str) -> CheckResult:
    """The check once the run was cut short: what was green is no longer known."""
    if check.status in (Status.PASS, Status.WARN):
        return replace(check, status=Status.NOT_RUN, reason=reason, excused=False, excuse="")
    return check


def exit_code(
    run_status: RunStatus,
    requirements: Collection[RequirementResult],
    baseline: BaselineResult | None = None,
    lacking: Sequence[str] = (),
    *,
    strict: bool = False,
) -> Exit:
    """The exit code of a run, by precedence: what was cut short has no verdict, then the worst.

    Expected failures do not count; entries of the baseline that do not hold count as failures, and so
    does what is missing of what the target was expected to declare. See `untested` for `strict`.
    """
    statuses = {r.status for r in requirements}
    by_precedence = (
        (run_status is RunStatus.INTERRUPTED, Exit.INTERRUPTED),
        (run_status is RunStatus.ABORTED, Exit.NO_VERDICT),
        (any(r.status is Status.FAIL and not r.expected for r in requirements), _BROKEN),
        (baseline is not None and bool(baseline.problems), _BROKEN),
        (bool(lacking), _BROKEN),
        (bool(statuses & UNDECIDED), Exit.NO_VERDICT),
        (any(untested(r, strict=strict) for r in requirements), _BROKEN),
        (not statuses & OBSERVED, Exit.NOTHING_RAN),
    )
    return next((code for applies, code in by_precedence if applies), Exit.CONFORMANT)


def untested(requirement: RequirementResult, *, strict: bool = False) -> bool:
    """Whether it is mandatory and was not run for no good reason, so that nothing is proved.

    Where a run is `strict` few reasons are good: it has to show all that can be observed.
    """
    if requirement.status is not Status.NOT_RUN or requirement.expected:
        return False
    if strict:
        excuse = of_code(requirement.excuse)
        return bool(requirement.checks) and (excuse is None or EXCUSES[excuse].strict)
    return requirement.mandatory and not requirement.excused


def count(statuses: Iterable[Status]) -> dict[Status, int]:
    """How many there are of each status, all of them named, worst first."""
    found = Counter(statuses)
    return {status: found[status] for status in Status}


def close(
    checks: Sequence[CheckResult],
    requirements: Sequence[RequirementResult],
    *,
    run_status: RunStatus = RunStatus.COMPLETE,
    reason: str = "",
    filtered: bool = False,
    pair: bool = False,
    wall_ms: float,
    records: Mapping[str, int],
    baseline: BaselineResult | None = None,
    strict: bool = False,
    lacking: tuple[str, ...] = (),
) -> Footer:
    """The footer of a run: exit code, counts, and whether the target may be called conformant.

    A pair is judged by what its scenarios come to, which proves no conformance of either.
    """
    code = exit_code(run_status, requirements, baseline, lacking, strict=strict)
    expected = sum(c.keeps and c.expected is not None for c in checks)
    return Footer(
        run_status=run_status,
        exit_code=int(code),
        reason=reason,
        checks=count(c.status for c in checks),
        requirements=count(r.status for r in requirements),
        conformant=code is Exit.CONFORMANT and not (filtered or pair or expected),
        filtered=filtered,
        wall_ms=wall_ms,
        messages=sum(records.values()),
        records=dict(records),
        expected_failures=expected,
        strict=strict,
        lacking=lacking,
    )
