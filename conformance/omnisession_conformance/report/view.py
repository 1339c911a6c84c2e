"""What the HTML report shows, ready to be filled into its template: plain texts, nothing escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.areas import area_title
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.body import BodyLine, body_lines
from omnisession_conformance.report.causes import broadest_first
from omnisession_conformance.report.failures import counted, where
from omnisession_conformance.report.messages import by_hand, goes_over, short_subject
from omnisession_conformance.report.text import plural
from omnisession_conformance.report.words import STATUS_NAMES, spec_link, spec_url
from omnisession_conformance.results.summary import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.results import (
        CheckResult,
        Evidence,
        Finding,
        Header,
        RequirementResult,
        Results,
    )

_GROUPS = (
    ("Failures", frozenset({Status.FAIL})),
    ("Could not be judged", UNDECIDED),
    ("Warnings", frozenset({Status.WARN})),
    ("Not run", frozenset({Status.NOT_RUN})),
    ("Passed", frozenset({Status.PASS})),
    ("Not claimed", frozenset({Status.NOT_CLAIMED})),
)
EXPLAINED = frozenset({Status.FAIL, Status.WARN, *UNDECIDED})
"""What a reader has to look at: shown open, with all that explains it."""
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a sentence; `code` where it stands between backticks."""

    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """An arrow of the sequence diagram: one message between kit and target, or of a pair."""

    number: int
    time: str
    sender: str
    goes_over: bool
    blamed: bool
    type: str
    summary: str
    subject: str
    short_subject: str
    body: tuple[BodyLine, ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding; `at` is "" where nothing is pointed to."""

    expected: str | None
    seen: str | None
    at: str
    why: str
    times: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check; `expected` is why a baseline expects it to fail.

    `told` is false where its name, its verdict and its reason are all there is to say.
    """

    name: str
    status: str
    css: str
    told: bool
    note: str
    observed: str
    reason: str
    expected: str
    findings: tuple[FindingView, ...]
    steps: tuple[Step, ...]
    ends: tuple[str, str]
    again: str
    by_hand: str


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement with its checks, those that decided its verdict first."""

    id: str
    status: str
    css: str
    level: str
    area: str
    area_title: str
    profile: str
    title: str
    text: tuple[Span, ...]
    spec: str
    spec_url: str
    reason: str
    open: bool
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The requirements of one verdict, worst verdicts first; `explained` where they are shown open."""

    title: str
    explained: bool
    requirements: tuple[RequirementView, ...]


def groups(results: Results) -> tuple[Group, ...]:
    """All requirements of settled results; groups without any are left out."""
    checks = {c.check: c for c in results.checks}
    found: list[Group] = []
    for title, of in _GROUPS:
        mine = [r for r in results.requirements if r.status in of]
        if of <= EXPLAINED:
            mine = broadest_first(mine, results.checks)
        found.append(Group(title, of <= EXPLAINED, tuple(_requirement(r, checks) for r in mine)))
    return tuple(group for group in found if group.requirements)


def started(header: Header) -> str:
    """When the run began, in UTC."""
    try:
        at = datetime.fromtimestamp(header.started_at / 1_000, UTC)
    except (ValueError, OverflowError, OSError):
        # A file may say anything.
        return "at an unknown time"
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def spans(text: str) -> tuple[Span, ...]:
    """A sentence in parts, as the registry marks its code."""
    parts = _CODE.split(text)
    return tuple(Span(part, code=bool(n % 2)) for n, part in enumerate(parts) if part)


def css(status: Status) -> str:
    """The class of a verdict."""
    return status.value.lower().replace("_", "-")


def _requirement(
    requirement: RequirementResult, checks: Mapping[str, CheckResult]
) -> RequirementView:
    mine = [checks[name] for name in requirement.checks if name in checks]
    mine.sort(key=lambda c: c.status is not requirement.status)
    return RequirementView(
        id=requirement.id,
        status=STATUS_NAMES[requirement.status],
        css=css(requirement.status),
        level=requirement.level,
        area=requirement.area,
        area_title=area_title(requirement.area),
        profile=requirement.profile,
        title=requirement.title,
        text=spans(requirement.text),
        spec=spec_link(requirement.spec),
        spec_url=spec_url(requirement.spec),
        reason="" if requirement.status in EXPLAINED else requirement.reason,
        open=requirement.status in EXPLAINED,
        checks=tuple(_check(c, requirement) for c in mine),
    )


def _check(check: CheckResult, requirement: RequirementResult) -> CheckView:
    told = check.status in EXPLAINED
    said = {f.why for f in check.findings} | ({requirement.reason} if not told else set[str]())
    return CheckView(
        name=check.check,
        status=STATUS_NAMES[check.status],
        css=css(check.status),
        told=told,
        note=where(check).strip(),
        observed=f"observed {plural(check.observed, 'time')}" if check.observed else "",
        reason="" if check.reason in said else check.reason,
        expected=(check.expected or "") if check.keeps else "",
        findings=tuple(_finding(f, times) for f, times in counted(check.findings)),
        steps=_steps(check.evidence, check.findings),
        ends=_ends(check.evidence),
        again=check.rerun,
        by_hand=by_hand(check) or "",
    )


def _finding(finding: Finding, times: int) -> FindingView:
    at = finding.pointer
    return FindingView(
        expected=finding.expected,
        seen=finding.seen,
        at="" if at is None else at or "/ (the whole body)",
        why=finding.why,
        times=times,
    )


def _ends(evidence: Sequence[Evidence]) -> tuple[str, str]:
    """Who stands on the two sides of a diagram; beside a pair the kit acts as a client."""
    pair = any(e.party in ("client", "server") for e in evidence)
    return ("client", "server") if pair else ("kit", "target")


def _steps(evidence: Sequence[Evidence], findings: Sequence[Finding]) -> tuple[Step, ...]:
    # A pointer leads into the body of the first record that its finding names.
    pointers = {f.records[0]: f.pointer for f in reversed(findings) if f.records and f.pointer}
    return tuple(
        Step(
            number=e.n,
            time=f"{e.t_ms / 1_000:.3f} s",
            sender=e.party,
            goes_over=goes_over(e),
            blamed=e.blamed,
            type=e.type or "(no type)",
            summary=e.summary,
            subject=e.subject,
            short_subject=short_subject(e.subject),
            body=body_lines(e.text, pointers.get(e.n)),
        )
        for e in evidence
    )
