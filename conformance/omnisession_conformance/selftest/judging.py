"""What the results of trials mean. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from omnisession_conformance.protocol.registry import Requirement
    from omnisession_conformance.selftest.trial import Remark, TrialResult

_CONVICTING = (Status.FAIL, Status.WARN)


class Outcome(StrEnum):
    """What became of a fault, a variant or a null target, or of the demand for a fault."""

    CAUGHT = "caught"
    """The requirement that the fault breaks was found broken."""
    HIDDEN = "hidden"
    """So it was when judged alone, and in the whole suite it was not."""
    BY_ANOTHER = "by_another"
    """The fault was seen, and another requirement was blamed."""
    MISSED = "missed"
    CLEAN = "clean"
    """A server that keeps the protocol was left alone."""
    FLAGGED = "flagged"
    HELD = "held"
    """Nothing was passed where there was no server, or what was only declared failed."""
    GREEN = "green"
    """Something was, or nothing failed."""
    FAILED = "failed"
    """The trial came to no result."""
    NOT_RUN = "not_run"

    @property
    def good(self) -> bool:
        """Whether it speaks for the kit."""
        return self in (Outcome.CAUGHT, Outcome.CLEAN, Outcome.HELD)


def judge_fault(
    requirement: Requirement, narrow: TrialResult | None, whole: TrialResult | None
) -> tuple[Outcome, str]:
    """What became of a fault, judged by its requirement alone and perhaps by the whole suite.

    Returns the outcome and what there is to say about it.
    """
    if narrow is None:
        return Outcome.NOT_RUN, ""
    if narrow.trouble is not None:
        return Outcome.FAILED, narrow.trouble
    alone = narrow.convicts(requirement.id, mandatory=requirement.mandatory)
    if whole is None:
        return (Outcome.CAUGHT if alone else Outcome.NOT_RUN), ""
    return _judge_whole(requirement, whole, alone=alone)


def judge_generated(requirement: Requirement, result: TrialResult) -> tuple[Outcome, str]:
    """What became of a fault that was tried by generated traffic alone."""
    if result.trouble is not None:
        return Outcome.FAILED, result.trouble
    if result.convicts(requirement.id, mandatory=requirement.mandatory):
        return Outcome.CAUGHT, ""
    if found := others(result, requirement.id):
        return Outcome.BY_ANOTHER, f"found were {', '.join(found)}"
    return Outcome.MISSED, f"{result.passed} steps were judged"


def _judge_whole(
    requirement: Requirement, whole: TrialResult, *, alone: bool
) -> tuple[Outcome, str]:
    if whole.trouble is not None:
        return Outcome.FAILED, f"in the whole suite: {whole.trouble}"
    if whole.convicts(requirement.id, mandatory=requirement.mandatory):
        return Outcome.CAUGHT, "" if alone else "only by the whole suite"
    told = f"{requirement.id} is {whole.statuses.get(requirement.id, Status.NOT_RUN)}"
    if alone:
        return Outcome.HIDDEN, f"{told} in the whole suite"
    if found := others(whole, requirement.id):
        return Outcome.BY_ANOTHER, f"{told}; broken are {', '.join(found)}"
    return Outcome.MISSED, f"{told}, and nothing else is broken"


def others(result: TrialResult, requirement: str) -> tuple[str, ...]:
    """The other requirements that were found broken."""
    return tuple(
        i for i, status in result.statuses.items() if status in _CONVICTING and i != requirement
    )


def judge_variant(
    warns: Collection[str], result: TrialResult | None
) -> tuple[Outcome, str, tuple[Remark, ...]]:
    """What became of a variant: the outcome, what there is to say, and the checks that flagged it."""
    if result is None:
        return Outcome.NOT_RUN, "", ()
    found = tuple(r for r in result.remarks if flags(r, warns))
    if result.failed is not None:
        return Outcome.FAILED, result.failed, found
    if result.lost is not None:
        return Outcome.FLAGGED, f"the run was cut short: {result.lost}", found
    if found:
        return Outcome.FLAGGED, "", found
    if result.passed == 0:
        return Outcome.FAILED, "no check passed", ()
    first = result.trial.again
    return Outcome.CLEAN, f"alone; beside other trials: {first}" if first else "", ()


def variant_trouble(warns: Collection[str], result: TrialResult) -> str | None:
    """Why a variant is not clean, if it is not."""
    outcome, reason, remarks = judge_variant(warns, result)
    if outcome is Outcome.CLEAN:
        return None
    return reason or _first(remarks)


def flags(remark: Remark, warns: Collection[str]) -> bool:
    """Whether a check blames a server that keeps the protocol, or cannot judge it."""
    if remark.status is Status.WARN:
        return remark.requirement not in warns
    if remark.status is Status.NOT_RUN:
        # A SHOULD that was not seen keeps no server from passing.
        return remark.mandatory
    return True


def judge_null(result: TrialResult | None, profile: str = "") -> tuple[Outcome, str]:
    """What became of a null target: the outcome and what there is to say about it.

    One that only declares a profile has to fail by that; of others nothing may pass.
    """
    if result is None:
        return Outcome.NOT_RUN, ""
    if result.failed is not None:
        return Outcome.FAILED, result.failed
    why = _why_green(result, profile)
    return (Outcome.GREEN, why) if why else (Outcome.HELD, "")


def _why_green(result: TrialResult, profile: str) -> str:
    if profile:
        return "" if Status.FAIL in result.statuses.values() else f"nothing of {profile} failed"
    if result.passed:
        return f"{result.passed} checks passed"
    return "" if result.exit_code == 3 else f"the exit code is {result.exit_code}, not 3"


def control_trouble(result: TrialResult) -> str | None:
    """What is wrong with the plain server, if anything is: then nothing can be proved with it."""
    if result.trouble is not None:
        return result.trouble
    blamed = [r for r in result.remarks if flags(r, ())]
    if blamed:
        return _first(blamed)
    if result.passed or _claims_nothing(result):
        return None
    return "no check passed"


def _claims_nothing(result: TrialResult) -> bool:
    """Whether all that was asked for is of profiles that the plain server does not claim."""
    return bool(result.statuses) and set(result.statuses.values()) == {Status.NOT_CLAIMED}


def _first(blamed: Sequence[Remark]) -> str:
    first = blamed[0]
    more = f"; and {len(blamed) - 1} more" if len(blamed) > 1 else ""
    return f"{first.check} is {first.status}: {first.reason}{more}"


def uncovered(
    demanded: Collection[str], broken: Collection[str], control: TrialResult | None
) -> tuple[str, ...]:
    """Requirements that must have a fault and have none; those that the server does not claim need none."""

    def claimed(requirement: str) -> bool:
        status = None if control is None else control.statuses.get(requirement)
        return status is not Status.NOT_CLAIMED

    return tuple(r for r in demanded if r not in broken and claimed(r))
