"""The report for people: one page, the verdict first and last, made for 100 columns.

Laid out as plain lines, so that terminal, pipe and `report.txt` show the same text; only a terminal
adds colour, and none where NO_COLOR is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.registry import area_title
from omnisession_conformance.report.failures import show_requirement, show_title
from omnisession_conformance.report.page import Page
from omnisession_conformance.report.progress import Progress
from omnisession_conformance.report.words import (
    STATUS_NAMES,
    Headline,
    headline,
    id_ranges,
    plural,
)
from omnisession_conformance.results.lines import RunStatus
from omnisession_conformance.results.summary import NOT_OBSERVABLE, UNDECIDED, untested
from omnisession_conformance.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from omnisession_conformance.results import RequirementResult, Results, TargetInfo

__all__ = ["Progress", "compose", "render"]

WIDTH = 100
LEAST_WIDTH = 90
FILES = ("report.txt", "junit.xml", "results.jsonl", "transcript.jsonl")
"""What a report folder holds: two reports, and the two files that they are made from."""
IN_FULL = 5
"""Failures told in full: who has more reads the first ones anyway, and the folder has them all."""
_COLUMNS = (Status.PASS, Status.FAIL, Status.WARN, Status.NOT_RUN, Status.NOT_CLAIMED)
_STYLES = {Status.PASS: "green", Status.FAIL: "bold red", Status.WARN: "yellow"}


def render(
    results: Results, console: Console, *, folder: Path | None = None, whole: bool = False
) -> None:
    """Print the report of a run; `folder` is where its files lie, `whole` shows every failure."""
    width = max(LEAST_WIDTH, min(WIDTH, console.width)) if console.is_terminal else WIDTH
    # A file that can hold only some characters gets "?" for the others, not a broken report.
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    for line in compose(results, width, folder=folder, whole=whole).lines:
        console.print(line, soft_wrap=True)


def compose(
    results: Results, width: int = WIDTH, *, folder: Path | None = None, whole: bool = False
) -> Page:
    """Lay the report out."""
    results = results.settled()
    page = Page(width)
    verdict = headline(results)
    _verdict(page, verdict)
    page.blank()
    _target(page, results)
    _what_happened(page, results)
    _areas(page, results.requirements)
    _not_tested(page, results, whole=whole)
    _section(page, results, "Failures", (Status.FAIL,), whole=whole)
    _section(page, results, "Could not be judged", tuple(UNDECIDED), whole=whole)
    _section(page, results, "Warnings", (Status.WARN,), whole=whole)
    page.blank()
    if folder is not None:
        page.text(f"The whole report is in {folder}: {', '.join(FILES)}.")
        page.blank()
    _verdict(page, verdict, last=True)
    return page


def _verdict(page: Page, verdict: Headline, *, last: bool = False) -> None:
    style = {True: "bold green", False: "bold red", None: "bold magenta"}[verdict.good]
    rows = [verdict.text]
    if len(verdict.text) > page.width:
        # The verdict is the very first and the very last that is read.
        rows = [verdict.size, verdict.verdict] if last else [verdict.verdict, verdict.size]
    for row in rows:
        page.text(row, style=style)


def _target(page: Page, results: Results) -> None:
    header, target = results.header, results.target
    rows: list[tuple[str, str]] = []
    if target is None:
        rows.append(("Target", "none was found"))
    else:
        rows.append(("Target", _who(target)))
        if target.name is not None:
            rows.append(("Declares", _declares(target)))
        broker = f"NATS {target.broker}" if target.broker else "NATS"
        rows.append(("Broker", f"{broker} at {target.url}"))
    rows.append(("Judged by", f"kit {header.kit}, protocol {header.protocol}"))
    rows.append(("Command", header.command))
    for label, words in rows:
        page.labelled(label, words, indent=0, gap=11)


def _who(target: TargetInfo) -> str:
    how = f"started with: {target.command}" if target.command else "already running"
    if target.name is None:
        return f"did not answer; {how}" if target.command else "no server answered"
    return f"{' '.join(filter(None, (target.name, target.version)))}, {how}"


def _declares(target: TargetInfo) -> str:
    kinds = f"; kinds {', '.join(target.kinds)}" if target.kinds else ""
    return f"profiles {', '.join(target.profiles) or 'none'}{kinds}"


def _what_happened(page: Page, results: Results) -> None:
    footer = results.end
    if footer.run_status is RunStatus.COMPLETE or not footer.reason:
        return
    page.heading("What happened")
    page.text(footer.reason, indent=2)


def _areas(page: Page, requirements: Sequence[RequirementResult]) -> None:
    groups = [(STATUS_NAMES[s], frozenset({s}), _STYLES.get(s, "")) for s in _COLUMNS]
    if any(r.status in UNDECIDED for r in requirements):
        groups.append(("NOT JUDGED", UNDECIDED, "bold magenta"))
    page.blank()
    titles = "".join(f"   {title}" for title, _, _ in groups)
    page.line((f"{'Area':<20}requirements{titles}", "bold"))
    rows = [
        (f"{area_title(area):<12}{area:<8}", [r for r in requirements if r.area == area])
        for area in dict.fromkeys(r.area for r in requirements)
    ]
    if len(rows) != 1:
        rows.append((f"{'All':<20}", list(requirements)))
    for name, mine in rows:
        cells: list[tuple[str, str]] = []
        for title, statuses, style in groups:
            count = sum(r.status in statuses for r in mine)
            cells.append((f"   {count or '·':>{len(title)}}", style if count else "dim"))
        page.line(name, f"{len(mine):>12}", *cells)


def _not_tested(page: Page, results: Results, *, whole: bool) -> None:
    page.heading("Not tested")
    complete = results.end.run_status is RunStatus.COMPLETE
    groups: dict[tuple[bool, Status, str], list[str]] = {}
    for requirement in results.requirements:
        if requirement.status in (Status.NOT_RUN, Status.NOT_CLAIMED):
            blamed = complete and untested(requirement)
            key = (not blamed, requirement.status, _why(requirement, whole=whole))
            groups.setdefault(key, []).append(requirement.id)
    filtered = results.end.filtered
    kept = "the run from passing" if filtered else "the target from being conformant"
    # What keeps the target from being conformant comes first, then what concerns most.
    for (excused, status, reason), ids in sorted(
        groups.items(), key=lambda item: (item[0][0], -len(item[1]))
    ):
        what = STATUS_NAMES[status].lower()
        blame = "" if excused else f", which keeps {kept}"
        page.text(f"{len(ids)} {what}: {reason or 'no reason was given'}{blame}", indent=2)
        page.text(id_ranges(ids), indent=6, style="dim")
    left_out = results.header.selection.of - len(results.requirements)
    if filtered and left_out > 0:
        what = plural(left_out, "requirement")
        page.text(f"{what} not selected, so that this run proves no conformance", indent=2)
    elif not groups:
        page.text("nothing: every requirement was observed", indent=2)


def _why(requirement: RequirementResult, *, whole: bool) -> str:
    if not whole and requirement.reason.startswith(NOT_OBSERVABLE):
        # Each has a reason of its own, the same in every run.
        return f"{NOT_OBSERVABLE}; `omnisession explain ID` says why"
    return requirement.reason


def _section(
    page: Page, results: Results, title: str, statuses: Sequence[Status], *, whole: bool
) -> None:
    found = [r for r in results.requirements if r.status in statuses]
    if not found:
        return
    page.heading(f"{title} ({len(found)})")
    page.blank()
    in_full = found if whole else found[:IN_FULL]
    for number, requirement in enumerate(in_full, 1):
        checks = [c for c in results.checks if c.check in requirement.checks]
        show_requirement(page, number, requirement, checks, whole=whole)
    for number, requirement in enumerate(found[len(in_full) :], len(in_full) + 1):
        show_title(page, number, requirement)
    if len(in_full) < len(found):
        page.text(f"The last {len(found) - len(in_full)} stand in full in report.txt.", indent=4)
