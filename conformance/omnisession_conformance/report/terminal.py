"""The report for people: one page, the verdict first and last, made for 100 columns.

Laid out as plain lines, so that terminal, pipe and `report.txt` show the same text; only a terminal
adds colour, and none where NO_COLOR is set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.plain import REPLACED
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.report.causes import BROADEST_FIRST, broadest_first
from omnisession_conformance.report.expected import show_baseline
from omnisession_conformance.report.failures import show_requirement, show_title
from omnisession_conformance.report.formats import FOR_PEOPLE
from omnisession_conformance.report.overview import (
    NOT_JUDGED,
    about,
    areas,
    heard_nothing,
    not_tested,
    what_happened,
)
from omnisession_conformance.report.page import Page
from omnisession_conformance.report.words import (
    STATUS_NAMES,
    Headline,
    beyond_first_sentence,
    headline,
    id_ranges,
)
from omnisession_conformance.results.summary import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from omnisession_conformance.results import RequirementResult, Results

WIDTH = 100
LEAST_WIDTH = 90
IN_FULL = 5
"""Failures told in full: who has more reads the first ones anyway, and the folder has them all."""
WHO_AND_WHERE = ("Target", "Broker")
_STYLES = {
    STATUS_NAMES[Status.PASS]: "green",
    STATUS_NAMES[Status.FAIL]: "bold red",
    STATUS_NAMES[Status.WARN]: "yellow",
    NOT_JUDGED: "bold magenta",
}


def render(
    results: Results, console: Console, *, folder: Path | None = None, whole: bool = False
) -> None:
    """Print the report of a run; `folder` is where its files lie, `whole` shows every failure."""
    width = max(LEAST_WIDTH, min(WIDTH, console.width)) if console.is_terminal else WIDTH
    # A file that can hold only some characters gets others for the rest, not a broken report.
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=REPLACED)
    for line in compose(results, width, folder=folder, whole=whole).lines:
        console.print(line, soft_wrap=True)


def text(results: Results, folder: Path) -> str:
    """What the terminal shows, with every failure in full and every body whole."""
    page = compose(results, folder=folder, whole=True)
    return "".join(f"{line.plain}\n" for line in page.lines)


def compose(
    results: Results, width: int = WIDTH, *, folder: Path | None = None, whole: bool = False
) -> Page:
    """Lay the report out."""
    results = results.settled()
    page = Page(width)
    verdict = headline(results)
    _verdict(page, verdict)
    if heard_nothing(results) and not whole:
        _nobody(page, results)
        _files(page, folder)
        return page
    page.blank()
    _target(page, results)
    _what_happened(page, results)
    _areas(page, results.requirements)
    _section(page, results, "Failures", (Status.FAIL,), whole=whole)
    _section(page, results, "Could not be judged", tuple(UNDECIDED), whole=whole)
    _section(page, results, "Warnings", (Status.WARN,), whole=whole)
    _not_tested(page, results, whole=whole)
    show_baseline(page, results)
    page.blank()
    _files(page, folder)
    page.blank()
    _verdict(page, verdict, last=True)
    return page


def _files(page: Page, folder: Path | None) -> None:
    if folder is not None:
        names = ", ".join(FOR_PEOPLE)
        page.text(f"The report is in {folder}: {names} and files for programs.")


def _nobody(page: Page, results: Results) -> None:
    """All that there is to say of a target that never answered: what was tried, and what it said."""
    for label, words in about(results):
        if label in WHO_AND_WHERE:
            page.labelled(label, words, indent=0, gap=11)
    if more := beyond_first_sentence(what_happened(results)):
        page.quote(more)


def _verdict(page: Page, verdict: Headline, *, last: bool = False) -> None:
    style = {True: "bold green", False: "bold red", None: "bold magenta"}[verdict.good]
    rows = [verdict.text]
    if len(verdict.text) > page.width:
        # The verdict is the very first and the very last that is read.
        rows = [verdict.size, verdict.verdict] if last else [verdict.verdict, verdict.size]
    for row in rows:
        page.text(row, style=style)


def _target(page: Page, results: Results) -> None:
    for label, words in about(results):
        page.labelled(label, words, indent=0, gap=11)


def _what_happened(page: Page, results: Results) -> None:
    if reason := what_happened(results):
        page.heading("What happened")
        page.text(reason, indent=2)


def _areas(page: Page, requirements: Sequence[RequirementResult]) -> None:
    table = areas(requirements)
    page.blank()
    titles = "".join(f"   {column.title}" for column in table.columns)
    page.line((f"{'Area':<20}requirements{titles}", "bold"))
    for row in table.rows:
        cells: list[tuple[str, str]] = []
        for column, count in zip(table.columns, row.counts, strict=True):
            style = _STYLES.get(column.title, "") if count else "dim"
            cells.append((f"   {count or '·':>{len(column.title)}}", style))
        page.line(f"{row.title:<12}{row.area:<8}", f"{row.total:>12}", *cells)


def _not_tested(page: Page, results: Results, *, whole: bool) -> None:
    page.heading("Not tested")
    for entry in not_tested(results, whole=whole):
        page.text(entry.words, indent=2)
        if entry.ids:
            page.text(id_ranges(entry.ids), indent=6, style="dim")


def _section(
    page: Page, results: Results, title: str, statuses: Sequence[Status], *, whole: bool
) -> None:
    found = [r for r in results.requirements if r.status in statuses and not r.expected]
    if not found:
        return
    found = broadest_first(found, results.checks)
    page.heading(f"{title} ({len(found)})")
    if len(found) > 1 and Status.FAIL in statuses:
        page.text(BROADEST_FIRST, indent=2, style="dim")
    page.blank()
    in_full = found if whole else found[:IN_FULL]
    for number, requirement in enumerate(in_full, 1):
        checks = [c for c in results.checks if c.check in requirement.checks]
        show_requirement(page, number, requirement, checks, whole=whole)
    for number, requirement in enumerate(found[len(in_full) :], len(in_full) + 1):
        show_title(page, number, requirement)
    if len(in_full) < len(found):
        page.text(f"The last {len(found) - len(in_full)} stand in full in report.txt.", indent=4)
