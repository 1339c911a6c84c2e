"""The kill matrix: what became of every fault, variant and null target, and what that proves. Pure."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.roles import DEPLOYMENT, SERVER
from omnisession_conformance.selftest.judging import (
    Outcome,
    judge_fault,
    judge_generated,
    judge_null,
    judge_variant,
    others,
    uncovered,
)
from omnisession_conformance.selftest.marking import rerun, started
from omnisession_conformance.selftest.plan import DURABLE, INSTANCES, nodes_for, of_instances
from omnisession_conformance.selftest.trial import (
    FAULT_VARIABLE,
    GENERATING,
    VARIANT_VARIABLE,
    Kind,
    Remark,
    Scope,
    TrialResult,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.engine.role import NullTarget
    from omnisession_conformance.protocol.registry import Registry
    from omnisession_conformance.selftest.listing import Fault, Listing, Variant

    Results = Mapping[tuple[Kind, str, Scope], TrialResult]


GENERATED_PART = 0.7
"""The part of all faults of its areas that generated traffic has to see by itself."""
SAMPLED_PART = 0.4
"""The same of a sample, of which the part swings: it tells whether generation sees at all."""


class Verdict(StrEnum):
    """What a self-test came to, in one word."""

    PROVED = "proved"
    SELECTED_PROVED = "selected_proved"
    """Of a self-test of a part, which proves no more than that part."""
    NOT_PROVED = "not_proved"
    NO_VERDICT = "no_verdict"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault: whether its requirement was found broken, and what else was.

    `others` is None where the fault was not given the whole suite. `rerun` is the command that judges
    the faulty server again.
    """

    name: str
    requirement: str
    level: str
    sentence: str
    outcome: Outcome
    reason: str
    others: tuple[str, ...] | None
    ms: int
    rerun: str


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One variant: whether it was left alone, and the checks that were not.

    `part` is the share of the suite that it met, empty for all of it.
    """

    name: str
    warns: tuple[str, ...]
    sentence: str
    outcome: Outcome
    reason: str
    part: str
    remarks: tuple[Remark, ...]
    ms: int
    rerun: str


@dataclass(frozen=True, slots=True)
class NullRow:
    """One null target: whether nothing was passed."""

    name: str
    sentence: str
    outcome: Outcome
    reason: str
    ms: int
    rerun: str


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One requirement that must have a fault, or has one."""

    id: str
    level: str
    title: str
    faults: tuple[str, ...]
    uncovered: bool


@dataclass(frozen=True, slots=True)
class About:
    """The self-test as such; `subject` is the command of the target, without secrets."""

    kit: str
    protocol: str
    started_at: int
    command: str
    subject: str
    seed: int
    jobs: int
    whole: bool
    filtered: bool
    role: str = SERVER
    on: str | None = None
    """The variant on top of which faults were tried, None where that was the plain server."""
    programs: int | None = None
    """By how many generated programs each was tried, None where it was tried by the suite."""
    wall_ms: int = 0
    trials: int = 0
    interrupted: str | None = None
    control: str | None = None
    """What is wrong with the plain server, if anything is."""
    rerun: str = ""
    """The command that checks the plain server."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole result of a self-test."""

    about: About
    requirements: tuple[RequirementRow, ...]
    faults: tuple[FaultRow, ...]
    variants: tuple[VariantRow, ...]
    nulls: tuple[NullRow, ...]

    @property
    def uncovered(self) -> tuple[RequirementRow, ...]:
        """The requirements that have no fault and must."""
        return tuple(r for r in self.requirements if r.uncovered)

    @property
    def not_run(self) -> int:
        """How much was not tried."""
        rows = (*self.faults, *self.variants, *self.nulls)
        return sum(row.outcome is Outcome.NOT_RUN for row in rows)

    @property
    def verdict(self) -> Verdict:
        """What it proves."""
        if self.about.interrupted is not None:
            return Verdict.INTERRUPTED
        if self.about.control is not None:
            return Verdict.NO_VERDICT
        others = (*self.variants, *self.nulls)
        if self.uncovered or not (self.enough_faults and all(row.outcome.good for row in others)):
            return Verdict.NOT_PROVED
        return Verdict.SELECTED_PROVED if self.about.filtered else Verdict.PROVED

    @property
    def seen(self) -> tuple[FaultRow, ...]:
        """The faults of which something was seen, whatever requirement was blamed."""
        return tuple(r for r in self.faults if r.outcome in (Outcome.CAUGHT, Outcome.BY_ANOTHER))

    @property
    def enough_faults(self) -> bool:
        """Whether so many faults were caught as must be: all, and most of them by generated traffic."""
        if self.about.programs is None:
            return all(row.outcome.good for row in self.faults)
        return len(self.seen) >= self.generated_part * len(self.faults)

    @property
    def generated_part(self) -> float:
        """The part of the faults that generated traffic has to see."""
        return GENERATED_PART if self.about.whole else SAMPLED_PART

    @property
    def exit_code(self) -> Exit:
        """The exit code of the command."""
        return _EXITS[self.verdict]

    def count(self, rows: Sequence[FaultRow | VariantRow | NullRow]) -> Mapping[Outcome, int]:
        """How many rows there are of each outcome."""
        return Counter(row.outcome for row in rows)


_EXITS = {
    Verdict.PROVED: Exit.CONFORMANT,
    Verdict.SELECTED_PROVED: Exit.CONFORMANT,
    Verdict.NOT_PROVED: Exit.NOT_CONFORMANT,
    Verdict.NO_VERDICT: Exit.NO_VERDICT,
    Verdict.INTERRUPTED: Exit.INTERRUPTED,
}


@dataclass(frozen=True, slots=True)
class Reruns:
    """Makes the commands that repeat a trial; `options` choose target and configuration.

    `command` is that of a target of another `role` than a server.
    """

    options: tuple[str, ...] = ()
    on: str | None = None
    programs: int | None = None
    command: tuple[str, ...] = ()
    role: str = SERVER

    def plain(self) -> str:
        """The command that checks the target as it is."""
        return self._line(self._beside())

    def fault(self, fault: Fault, *, whole: bool = False) -> str:
        """The command that judges a faulty target by the requirement that it breaks, or by all."""
        selecting: Sequence[str] = () if whole else self._selecting(fault)
        if of_instances(fault):
            selecting = ("--instances", str(INSTANCES), *selecting)
        if (nodes := nodes_for(fault)) > 1:
            selecting = ("--nodes", str(nodes), *selecting)
        return self._line({**self._beside(), FAULT_VARIABLE: fault.name}, selecting)

    def _beside(self) -> dict[str, str]:
        return {VARIANT_VARIABLE: self.on} if self.on else {}

    def _selecting(self, fault: Fault) -> Sequence[str]:
        if self.programs is None:
            return ("--only", fault.requirement)
        return GENERATING

    def variant(self, variant: Variant, remarks: Sequence[Remark]) -> str:
        """The command that judges a variant by the first check that flagged it."""
        selecting: Sequence[str] = remarks[0].rerun if remarks else ()
        if variant.profile == DURABLE:
            selecting = ("--instances", str(INSTANCES), *selecting)
        return self._line({VARIANT_VARIABLE: variant.name}, selecting)

    def null(self, target: NullTarget) -> str:
        """The command that judges a null target."""
        words = shlex.join(target.command)
        if self.role == DEPLOYMENT:
            return f"{started(words)}omnisession check"
        option = "--server-cmd" if self.role == SERVER else "--client-cmd"
        profile = ("--profile", target.profile) if target.profile else ()
        return shlex.join(("omnisession", "check", option, words, *profile))

    def _line(self, marks: Mapping[str, str], selecting: Sequence[str] = ()) -> str:
        before, words = rerun(marks, self.options, self.command, self.role)
        return before + shlex.join(("omnisession", "check", *words, *selecting))


def build(
    about: About,
    registry: Registry,
    chosen: Listing,
    demanded: Sequence[str],
    results: Results,
    reruns: Reruns,
) -> Matrix:
    """Put the results of all trials together."""
    faults = tuple(_fault(f, registry, results, reruns) for f in chosen.faults)
    broken: dict[str, list[str]] = {}
    for fault in chosen.faults:
        broken.setdefault(fault.requirement, []).append(fault.name)
    control = next((r for r in results.values() if r.trial.kind is Kind.CONTROL), None)
    lacking = frozenset(uncovered(demanded, broken, control))
    requirements = tuple(
        RequirementRow(r.id, r.level, r.title, tuple(broken.get(r.id, ())), r.id in lacking)
        for r in registry
        if r.id in broken or r.id in lacking
    )
    return Matrix(
        replace(about, trials=len(results), rerun=reruns.plain()),
        requirements,
        faults,
        tuple(_variant(v, results, reruns) for v in chosen.variants),
        tuple(_null(n, results, reruns) for n in chosen.nulls),
    )


def _fault(fault: Fault, registry: Registry, results: Results, reruns: Reruns) -> FaultRow:
    requirement = registry[fault.requirement]
    narrow = results.get((Kind.FAULT, fault.name, Scope.REQUIREMENT))
    whole = results.get((Kind.FAULT, fault.name, Scope.WHOLE))
    generated = results.get((Kind.FAULT, fault.name, Scope.GENERATED))
    if generated is None:
        outcome, reason = judge_fault(requirement, narrow, whole)
    else:
        outcome, reason = judge_generated(requirement, generated)
    return FaultRow(
        fault.name,
        fault.requirement,
        requirement.level,
        fault.sentence,
        outcome,
        reason,
        None if whole is None else others(whole, fault.requirement),
        sum(r.ms for r in (narrow, whole, generated) if r is not None),
        reruns.fault(fault, whole=outcome is Outcome.HIDDEN),
    )


def _variant(variant: Variant, results: Results, reruns: Reruns) -> VariantRow:
    tried = (results.get((Kind.VARIANT, variant.name, scope)) for scope in Scope)
    result = next((r for r in tried if r is not None), None)
    outcome, reason, remarks = judge_variant(variant.warns, result)
    return VariantRow(
        variant.name,
        variant.warns,
        variant.sentence,
        outcome,
        reason,
        "" if result is None else result.trial.part,
        remarks,
        0 if result is None else result.ms,
        reruns.variant(variant, remarks),
    )


def _null(target: NullTarget, results: Results, reruns: Reruns) -> NullRow:
    result = results.get((Kind.NULL, target.name, Scope.WHOLE))
    outcome, reason = judge_null(result, target.profile)
    ms = 0 if result is None else result.ms
    return NullRow(target.name, target.sentence, outcome, reason, ms, reruns.null(target))
