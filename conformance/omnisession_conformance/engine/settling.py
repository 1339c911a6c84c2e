"""What a case or the rules have seen becomes the verdict on a check."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase
from omnisession_conformance.engine.sweep import Sweep
from omnisession_conformance.protocol.verdict import (
    CaseOutcome,
    CheckId,
    Observation,
    Outcome,
    Status,
    Verdict,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.engine.events import CaseResult
    from omnisession_conformance.engine.role import Role, RunFacts
    from omnisession_conformance.protocol.excuses import Excuse
    from omnisession_conformance.traffic.record import Record

DECIDED = frozenset({Outcome.BROKEN, Outcome.ABSENT, Outcome.KIT_FAULT})
"""What an observation says for sure."""
FEW = 3
"""Where more cases than that could not do their part, it is the target that keeps them from it."""
_UNOBSERVED = "the case ended without observing it"


def is_undecided(result: CaseResult) -> bool:
    """Whether a case saw nothing wrong and something late or cut off, so that nothing can be said.

    What it saw while its target was busy, or a list was full, says nothing either, unless it is seen again.
    """
    outcomes = {o.outcome for o in result.observations}
    if (
        result.disturbed
        and result.end in (CaseOutcome.DONE, CaseOutcome.STOPPED)
        and not result.again
    ):
        return True
    if result.end is CaseOutcome.CRASHED or outcomes & DECIDED:
        return False
    return result.late or result.crowded or Outcome.LATE in outcomes


def kept_from_their_part(results: Iterable[CaseResult]) -> frozenset[str]:
    """The few cases beside others that a step kept from their part, in a run with nothing wrong.

    Where a step has failed for good, what judges that step says so. If nothing does, it failed for a
    moment: on a busy machine, where a client took longer to come back than the case could wait.
    Nothing wrong means by what the cases saw: the rules judge the records later, and do not count here.
    A run of so few cases that they may be all of them says nothing of a moment, and repeats none.
    """
    all_ = list(results)
    if len(all_) <= FEW or any(
        o.outcome in DECIDED for result in all_ for o in result.observations
    ):
        return frozenset()
    stopped = [
        result.case.name
        for result in all_
        if result.end is CaseOutcome.STOPPED
        and result.case.phase is Phase.QUIET
        and not (result.excuse is not None or result.not_offered or result.crowded)
    ]
    return frozenset(stopped if len(stopped) <= FEW else ())


def sweep_records(
    role: Role[Any, Any, Any],
    records: Sequence[Record],
    facts: RunFacts,
    into: Sweep | None = None,
) -> Sweep:
    """Judge records, those of strangers left out, by the rules of a role.

    Where they cannot be read at all, that is the verdict on everything that rules judge.
    """
    sweep = Sweep(role.side) if into is None else into
    try:
        trace = role.read(records, facts)
    except Exception:  # noqa: BLE001 - a fault of the kit is a verdict, not the end of the report
        every = dict.fromkeys(r for rule in role.rules for r in rule.requirements)
        sweep.failed(every, f"reading the log:\n{traceback.format_exc(limit=-4)}")
        return sweep
    for rule in role.rules:
        rule.judge(trace, sweep)
    return sweep


def settle_sweep(check: CheckId, level: str, sweep: Sweep, silence: Excuse | None) -> Verdict:
    """Settle the sweep check of a requirement from what the rules found.

    `silence` excuses it where they met nothing that it judges.
    """
    seen = sweep.seen[check.requirement]
    broken = sweep.violations.get(check.requirement, ())
    if check.requirement in sweep.cut:
        return settle(check, level, broken, not_run="there was no time left to judge it")
    return settle(check, level, broken, observed=seen, excuse=silence)


def settle_case(
    check: CheckId,
    level: str,
    result: CaseResult | None,
    not_reached: str,
    silence: Excuse | None = None,
) -> Verdict:
    """Settle the check of a case from how that ended; None where it did not run, `not_reached` says why.

    `silence` excuses a drawn case that met nothing of the requirement.
    """
    if result is None:
        return settle(check, level, (), not_run=not_reached)
    mine = [o for o in result.observations if o.check == check]
    if result.end is CaseOutcome.CRASHED:
        fault = Observation(check, Outcome.KIT_FAULT, why=f"the kit failed:\n{result.reason}")
        return settle(check, level, [*mine, fault])
    if result.end is CaseOutcome.DONE:
        if result.case.drawn:
            return settle(check, level, mine, excuse=silence)
        return settle(check, level, mine, not_run=None if mine else _UNOBSERVED)
    if result.late:
        mine.append(Observation(check, Outcome.LATE, why=result.reason, case=check.source))
    # A case that stopped early has not seen all it wanted: what it saw wrong counts, what was right not.
    verdict = settle(check, level, mine, not_run=result.reason, excuse=result.excuse)
    if result.not_offered and verdict.status is Status.NOT_RUN:
        return replace(verdict, status=Status.NOT_CLAIMED)
    return verdict
