"""The lines of a results stream: what a run says about itself, one frozen value a line.

The order of a whole stream: header, target, case ends as they happen, then
checks, requirements and the footer, because verdicts settle at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from omnisession_conformance.protocol.excuses import code_of
from omnisession_conformance.protocol.lacks import Lack  # noqa: TC001 - the codec reads it
from omnisession_conformance.protocol.verdict import (
    SWEEP,
    CaseOutcome,
    CheckId,
    Observation,
    Outcome,
    RunStatus,
    Status,
    Verdict,
)

SCHEMA = "https://omnisession.dev/schemas/kit/results.schema.json"
Problem = Literal["stale", "unknown", "unmatched", "expired", "duplicate"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked to run: ids of requirements, names of cases and profiles, in order.

    `of` is the number of requirements that bind what is tested; `filtered` is true where any of them
    was left out by a filter. With `pair` a server and a client were judged together, and the cases are
    the scenarios of the two.
    """

    filtered: bool
    requirements: tuple[str, ...]
    cases: tuple[str, ...]
    profiles: tuple[str, ...]
    of: int
    pair: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: which kit runs what; `started_at` in milliseconds since the Unix epoch.

    `seed` is what the run drew by, None where nothing was drawn or an earlier kit did not draw.
    """

    line: ClassVar[str] = "header"

    kit: str
    protocol: str
    run_id: str
    started_at: int
    command: str
    selection: Selection
    seed: int | None = None
    schema: str = SCHEMA


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """Who was tested; `name`, `version` and `broker` are None as long as nobody told them.

    `actions` are the types that it lists, None where nobody told or an older kit did not write them;
    `weakened` says what settings of the run keep from being judged, in sentences; `hooks` what could be
    done to it (`restart`, `stop`), None where an older kit did not write that.

    Where a transcript was judged, `url` is its file. A run that tests more than one has a line of each
    `role`.
    """

    line: ClassVar[str] = "target"

    mode: Literal["attach", "spawn", "transcript"]
    url: str
    command: str | None = None
    name: str | None = None
    version: str | None = None
    profiles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict[str, int])
    broker: str | None = None
    role: str = "server"
    actions: tuple[str, ...] | None = None
    weakened: tuple[str, ...] = ()
    hooks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CaseEnd:
    """A case is over after `ms` milliseconds.

    `again` marks the second run of one that a slow machine had left undecided; it counts alone.
    """

    line: ClassVar[str] = "case"

    name: str
    area: str
    phase: str
    outcome: CaseOutcome
    ms: float
    reason: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One observation that stands behind a verdict; `records` are numbers in the transcript."""

    outcome: Outcome
    why: str = ""
    expected: str | None = None
    seen: str | None = None
    pointer: str | None = None
    records: tuple[int, ...] = ()
    case: str | None = None

    @classmethod
    def of(cls, observation: Observation) -> Self:
        """The finding of an observation."""
        return cls(
            outcome=observation.outcome,
            why=observation.why,
            expected=observation.expected,
            seen=observation.seen,
            pointer=observation.pointer,
            records=observation.records,
            case=observation.case,
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """A message that explains a finding.

    `t_ms` counts from the start of the run; `blamed` marks the messages that the finding names, the
    others led there; `text` is the redacted body, cut to a readable length. Of a pair both are targets:
    `party` says which of the two it was.
    """

    n: int
    t_ms: float
    party: Literal["kit", "target", "client", "server"] = field(metadata={"json": "from"})
    subject: str
    reply: str
    type: str
    summary: str
    text: str
    blamed: bool


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The settled verdict of one check, with what explains it.

    `excuse` is the code of what excuses it, as the list of excuses has it; "" in files of older kits,
    too. `expected` is the reason that a baseline gives for its failure, None where none expects it.
    `lacks` is what the target tells not to have, where `reason` says that in words.
    """

    line: ClassVar[str] = "check"

    check: str
    status: Status
    level: str
    observed: int
    rerun: str
    reason: str = ""
    excused: bool = False
    excuse: str = ""
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    expected: str | None = None
    lacks: Lack | None = None

    @classmethod
    def of(cls, verdict: Verdict, rerun: str, evidence: tuple[Evidence, ...] = ()) -> Self:
        """The line of a verdict."""
        return cls(
            check=str(verdict.check),
            status=verdict.status,
            level=verdict.level,
            observed=verdict.observed,
            rerun=rerun,
            reason=verdict.reason,
            excused=verdict.excused,
            excuse=code_of(verdict.excuse),
            findings=tuple(Finding.of(o) for o in verdict.observations),
            evidence=evidence,
            lacks=verdict.lacks,
        )

    @property
    def id(self) -> CheckId:
        """The check's id, read."""
        return CheckId.parse(self.check)

    @property
    def mandatory(self) -> bool:
        """Whether its requirement is a MUST or a MUST NOT."""
        return self.level.startswith("MUST")

    @property
    def keeps(self) -> bool:
        """Whether it keeps a run from passing: a broken MUST, or one that was not tested."""
        untested = self.status is Status.NOT_RUN and self.mandatory and not self.excused
        return self.status is Status.FAIL or untested

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases at work when it was seen: its own, or those that a sweep's findings name."""
        if self.id.source != SWEEP:
            return (self.id.source,)
        return tuple(dict.fromkeys(f.case for f in self.findings if f.case))


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """The verdict of one requirement, the worst of its checks, with what a report says of it.

    `reason` is that of its worst check; `excused` is true where it was not run for reasons outside
    the target only, `expected` where a baseline expects every check that keeps it from passing.
    """

    line: ClassVar[str] = "requirement"

    id: str
    status: Status
    level: str
    profile: str
    area: str
    title: str = ""
    text: str = ""
    spec: str = ""
    reason: str = ""
    excused: bool = False
    excuse: str = ""
    checks: tuple[str, ...] = ()
    expected: bool = False

    @property
    def mandatory(self) -> bool:
        """Whether it is a MUST or a MUST NOT."""
        return self.level.startswith("MUST")


@dataclass(frozen=True, slots=True)
class BaselineProblem:
    """An entry of the baseline that does not hold, on a line of its file; `text` says the way out."""

    check: str
    at: int
    problem: Problem
    text: str


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """The file of expected failures that a run was given, how many it has, and what is wrong with them."""

    line: ClassVar[str] = "baseline"

    file: str
    entries: int
    problems: tuple[BaselineProblem, ...] = ()


Counts = Mapping[Status, int]


@dataclass(frozen=True, slots=True)
class Footer:
    """The last line, without which no verdict holds; `wall_ms` is the length of the run.

    `records` counts what the tap saw by who sent it: kit, target, foreign; `messages` is their sum;
    `expected_failures` counts the checks that would keep the run from passing, were they not expected;
    in a `strict` run what was not tested does that, whatever excuses it;
    `lacking` says what is missing of what the configuration expects the target to declare.
    """

    line: ClassVar[str] = "footer"

    run_status: RunStatus
    exit_code: int
    reason: str
    checks: Counts
    requirements: Counts
    conformant: bool
    filtered: bool
    wall_ms: float
    messages: int
    records: Mapping[str, int]
    expected_failures: int = 0
    strict: bool = False
    lacking: tuple[str, ...] = ()


Line = Header | TargetInfo | CaseEnd | CheckResult | RequirementResult | BaselineResult | Footer
LINES: Mapping[str, type[Line]] = {
    cls.line: cls
    for cls in (
        Header,
        TargetInfo,
        CaseEnd,
        CheckResult,
        RequirementResult,
        BaselineResult,
        Footer,
    )
}
JsonObject = dict[str, Any]
