"""What a report says of one requirement that is not as it should be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.verdict import SWEEP, Status
from omnisession_conformance.report.messages import by_hand, show_messages
from omnisession_conformance.report.text import one_line, plural, visible
from omnisession_conformance.report.words import STATUS_NAMES, spec_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.report.page import Page
    from omnisession_conformance.results import CheckResult, Finding, RequirementResult

INDENT = 4
GAP = 10
MOST_FINDINGS = 3
MOST_CHECKS = 2
SIDE_BY_SIDE = 34
"""Expected and seen stand on one line up to this length each."""
MEANINGS = {
    Status.HARNESS: "HARNESS: the kit itself failed, please report it",
    Status.INCONCLUSIVE: "INCONCLUSIVE: the machine was too slow to tell, run it again",
}
STYLES = {
    Status.FAIL: "bold red",
    Status.WARN: "yellow",
    Status.HARNESS: "bold magenta",
    Status.INCONCLUSIVE: "bold magenta",
}


def show_requirement(
    page: Page,
    number: int,
    requirement: RequirementResult,
    checks: Sequence[CheckResult],
    *,
    whole: bool = False,
) -> None:
    """Add a requirement with the checks that decided its verdict; `whole` leaves nothing out."""
    show_title(page, number, requirement)
    if requirement.text:
        page.text(requirement.text, indent=INDENT)
    deciding = [c for c in checks if c.status is requirement.status]
    shown = deciding if whole else deciding[:MOST_CHECKS]
    for check in shown:
        page.blank()
        show_check(page, check, whole=whole)
    if left := deciding[len(shown) :]:
        page.blank()
        page.text(f"The same in {', '.join(c.check for c in left)}.", indent=INDENT)
    page.blank()
    if link := spec_link(requirement.spec):
        page.labelled("spec", link, indent=INDENT, gap=GAP)
    for number_, check in enumerate(shown):
        # Never wrapped, so that it can be copied.
        page.line(" " * INDENT, ("again" if number_ == 0 else "").ljust(GAP), (check.rerun, "cyan"))
    page.blank()


def show_title(page: Page, number: int, requirement: RequirementResult) -> None:
    """Add one line: number, id, title, level."""
    style = STYLES.get(requirement.status, "bold")
    start = f"{number:>2}  "
    room = page.width - len(start) - len(requirement.id) - len(requirement.level) - 4
    title = one_line(requirement.title, room).ljust(room)
    page.line(start, (requirement.id, style), "  ", (title, "bold"), "  ", requirement.level)


def show_check(page: Page, check: CheckResult, *, whole: bool) -> None:
    """Add a check with its findings and its slice of the transcript."""
    page.line(" " * INDENT, (check.check, "bold"), where(check))
    findings = counted(check.findings)
    shown = findings if whole else findings[:MOST_FINDINGS]
    for number, (finding, times) in enumerate(shown):
        if number:
            page.line()
        _show_finding(page, finding, check)
        if times > 1:
            page.labelled("times", str(times), indent=INDENT + 2, gap=GAP)
    if left := len(findings) - len(shown):
        page.blank()
        page.text(f"and {plural(left, 'finding')} more", indent=INDENT + 2, style="dim")
    if check.reason and not any(f.why == check.reason for f in check.findings):
        page.labelled("reason", check.reason, indent=INDENT + 2, gap=GAP)
    if check.evidence:
        page.blank()
        show_messages(page, check.evidence, indent=INDENT, whole=whole)
        if whole and (line := by_hand(check)):
            page.blank()
            page.line(" " * (INDENT + 2), ("by hand".ljust(GAP), "dim"), line)


def message_of(check: CheckResult) -> str:
    """What a check says in one sentence: its first finding, or why it has none."""
    if not check.findings:
        return check.reason or STATUS_NAMES[check.status]
    first = check.findings[0]
    parts = [
        f"expected {first.expected}" if first.expected is not None else "",
        f"seen {first.seen}" if first.seen is not None else "",
        f"at {first.pointer}" if first.pointer is not None else "",
        first.why,
    ]
    return "; ".join(filter(None, parts)) or check.reason or STATUS_NAMES[check.status]


def counted(findings: Sequence[Finding]) -> list[tuple[Finding, int]]:
    """The findings that say something of their own, each with how often it was made."""
    first: dict[tuple[str | None, ...], Finding] = {}
    times: Counter[tuple[str | None, ...]] = Counter()
    for finding in findings:
        key = (finding.expected, finding.seen, finding.pointer, finding.why)
        first.setdefault(key, finding)
        times[key] += 1
    return [(finding, times[key]) for key, finding in first.items()]


def where(check: CheckResult) -> str:
    """What stands behind the name of a check: whose fault it is, or the cases that a sweep saw."""
    status = f"  {MEANINGS[check.status]}" if check.status in MEANINGS else ""
    if check.id.source != SWEEP or not check.cases:
        return status
    return f"{status}  seen while {' and '.join(check.cases[:2])} ran"


def _show_finding(page: Page, finding: Finding, check: CheckResult) -> None:
    indent = INDENT + 2
    expected, seen = finding.expected, finding.seen
    if expected is not None and seen is not None and _fits(expected) and _fits(seen):
        page.line(
            " " * indent,
            ("expected".ljust(GAP), "dim"),
            visible(expected).ljust(SIDE_BY_SIDE),
            ("  seen  ", "dim"),
            (seen, STYLES.get(check.status, "")),
        )
    else:
        if expected is not None:
            page.labelled("expected", expected, indent=indent, gap=GAP)
        if seen is not None:
            page.labelled("seen", seen, indent=indent, gap=GAP, style=STYLES.get(check.status, ""))
    if finding.pointer is not None:
        page.labelled("at", finding.pointer or "/ (the whole body)", indent=indent, gap=GAP)
    if finding.why:
        page.labelled("why", finding.why, indent=indent, gap=GAP)


def _fits(text: str) -> bool:
    return "\n" not in text and len(visible(text)) <= SIDE_BY_SIDE
