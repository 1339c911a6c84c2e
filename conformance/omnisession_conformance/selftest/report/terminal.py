"""What the terminal shows: how far the trials are, then what went wrong, then the verdict."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from rich.live import Live
from rich.text import Text

from omnisession_conformance.exits import Exit
from omnisession_conformance.report.page import Page
from omnisession_conformance.report.text import one_line, plural
from omnisession_conformance.selftest.judging import Outcome
from omnisession_conformance.selftest.report.words import (
    flagged,
    green,
    headline,
    lacking,
    size,
    surviving,
    told,
    unsteady,
)

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from rich.console import Console

    from omnisession_conformance.selftest.matrix import Matrix
    from omnisession_conformance.selftest.schedule import Schedule
    from omnisession_conformance.selftest.trial import Remark

WIDTH = 100
IN_FULL = 12
"""Rows of a section told in full: matrix.md has them all."""
MOST_REMARKS = 4
BAR_WIDTH = 20
PLAIN_EVERY_S = 20.0
"""How often a log that is no terminal gets a line: often enough to see that it goes on."""


class Progress:
    """Shows how many trials are done; use it as a context manager."""

    def __init__(self, console: Console, subject: str, jobs: int) -> None:
        self._console = console
        self._begin = f"{one_line(subject, WIDTH - 40)}, {plural(jobs, 'trial')} at a time"
        self._started = self._told = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._console.print(Text(f"Trying the kit on {self._begin}"), soft_wrap=True)
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def update(self, schedule: Schedule) -> None:
        """Tell how far it is: at once on a terminal, now and then in a log."""
        now = time.monotonic()
        line = progress_line(len(schedule.results), schedule.total, now - self._started)
        if self._live is not None:
            self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)
        elif now - self._told >= PLAIN_EVERY_S:
            self._told = now
            self._console.print(Text(line), soft_wrap=True)


def progress_line(done: int, total: int, elapsed_s: float) -> str:
    """The live line."""
    filled = BAR_WIDTH * done // max(1, total)
    bar = "━" * filled + "╌" * (BAR_WIDTH - filled)
    return f"{bar}  {done} of {plural(total, 'trial')} · {elapsed_s:.0f} s"


def render(matrix: Matrix, console: Console, folder: Path) -> None:
    """Print the report of a self-test."""
    reconfigure = getattr(console.file, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    for line in compose(matrix, folder).lines:
        console.print(line, soft_wrap=True)


def compose(matrix: Matrix, folder: Path, width: int = WIDTH) -> Page:
    """Lay the report out: what is wrong first, the verdict last."""
    page = Page(width)
    about = matrix.about
    if reason := about.control or about.interrupted:
        page.heading("What happened")
        page.text(reason, indent=2)
    if about.control:
        page.line("  ", (f"again: {about.rerun}", "dim"))
    _faults(page, matrix)
    _variants(page, matrix)
    _unsteady(page, matrix)
    _nulls(page, matrix)
    _uncovered(page, matrix)
    page.blank()
    if matrix.exit_code is Exit.NOT_CONFORMANT:
        page.text(f"The same trials again: --seed {about.seed}.")
    page.text(f"The kill matrix is in {folder}: matrix.md and matrix.json.")
    page.blank()
    style = {Exit.CONFORMANT: "bold green", Exit.NOT_CONFORMANT: "bold red"}
    page.text(headline(matrix), style=style.get(matrix.exit_code, "bold magenta"))
    page.text(size(matrix))
    return page


def _faults(page: Page, matrix: Matrix) -> None:
    rows = [row for row in surviving(matrix) if not _cut(matrix, row.outcome)]
    if not rows:
        return
    page.heading(f"Faults that were not caught by what they break ({len(rows)})")
    for row in rows[:IN_FULL]:
        page.line("  ", (row.name, "bold red"), f"  {row.requirement} ({row.level})")
        page.text(row.sentence, indent=4)
        page.text(told(row), indent=4)
        _again(page, row.rerun)
    _more(page, len(rows))


def _variants(page: Page, matrix: Matrix) -> None:
    rows = [row for row in flagged(matrix) if not _cut(matrix, row.outcome)]
    if not rows:
        return
    page.heading(f"Right {matrix.about.role}s that were not left alone ({len(rows)})")
    for row in rows[:IN_FULL]:
        page.line("  ", (row.name, "bold red"))
        page.text(row.sentence, indent=4)
        page.text(told(row), indent=4)
        for remark in row.remarks[:MOST_REMARKS]:
            _remark(page, remark)
        if len(row.remarks) > MOST_REMARKS:
            page.text(f"and {len(row.remarks) - MOST_REMARKS} more", indent=4)
        _again(page, row.rerun)
    _more(page, len(rows))


def _unsteady(page: Page, matrix: Matrix) -> None:
    rows = unsteady(matrix)
    if rows:
        page.heading(
            f"Right {matrix.about.role}s that were left alone at the second try only ({len(rows)})"
        )
        for row in rows[:IN_FULL]:
            page.text(f"{row.name}: {one_line(told(row), 200)}", indent=2)
        _more(page, len(rows))


def _remark(page: Page, remark: Remark) -> None:
    page.text(f"{remark.status} {remark.check}: {one_line(remark.reason, 200)}", indent=4)


def _nulls(page: Page, matrix: Matrix) -> None:
    rows = [row for row in green(matrix) if not _cut(matrix, row.outcome)]
    if not rows:
        return
    page.heading(f"Passed without a {matrix.about.role} ({len(rows)})")
    for row in rows:
        page.line("  ", (row.name, "bold red"))
        page.text(f"{row.sentence} {told(row)}", indent=4)
        _again(page, row.rerun)


def _uncovered(page: Page, matrix: Matrix) -> None:
    rows = matrix.uncovered
    if not rows:
        return
    page.heading(f"Requirements without a fault ({len(rows)})")
    for row in rows[:IN_FULL]:
        page.text(lacking(row), indent=2)
    _more(page, len(rows))


def _cut(matrix: Matrix, outcome: Outcome) -> bool:
    """Whether a row has no result only because the self-test was cut short."""
    about = matrix.about
    return outcome is Outcome.NOT_RUN and (about.interrupted or about.control) is not None


def _again(page: Page, rerun: str) -> None:
    page.line("    ", (f"again: {rerun}", "dim"))


def _more(page: Page, rows: int) -> None:
    if rows > IN_FULL:
        page.text(f"The other {rows - IN_FULL} stand in matrix.md.", indent=2)
