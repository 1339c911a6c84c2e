"""Reports, made from a results stream and nothing else: for the terminal, for people, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.report.badge import badge, endpoint, svg
from omnisession_conformance.report.html import html
from omnisession_conformance.report.junit import junit
from omnisession_conformance.report.markdown import markdown
from omnisession_conformance.report.names import (
    BADGE_FILE,
    ENDPOINT_FILE,
    FILES,
    HTML_FILE,
    JUNIT_FILE,
    MARKDOWN_FILE,
    REPORTS,
    RESULTS_FILE,
    SUMMARY_FILE,
    TEXT_FILE,
    TRANSCRIPT_FILE,
)
from omnisession_conformance.report.summary import summary
from omnisession_conformance.report.terminal import compose

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results

__all__ = [
    "BADGE_FILE",
    "ENDPOINT_FILE",
    "FILES",
    "HTML_FILE",
    "JUNIT_FILE",
    "MARKDOWN_FILE",
    "REPORTS",
    "RESULTS_FILE",
    "SUMMARY_FILE",
    "TEXT_FILE",
    "TRANSCRIPT_FILE",
    "remove_reports",
    "write_reports",
]


def write_reports(results: Results, folder: Path) -> tuple[Path, ...]:
    """Write every report that is a file into a folder; returns their paths.

    `report.txt` is what the terminal shows, with every failure in full and every body whole. A run
    of a part has no badge, and that of an earlier run does not stay beside it.
    """
    results = results.settled()
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(line.plain for line in compose(results, folder=folder, whole=True).lines)
    files = {
        HTML_FILE: html(results),
        TEXT_FILE: f"{text}\n",
        JUNIT_FILE: junit(results),
        MARKDOWN_FILE: markdown(results),
        SUMMARY_FILE: summary(results),
    }
    if (shown := badge(results)) is not None:
        files |= {BADGE_FILE: svg(shown), ENDPOINT_FILE: endpoint(shown)}
    remove_reports(folder)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in files)


def remove_reports(folder: Path) -> None:
    """Take away the reports of an earlier run, so that nothing green stays beside a dead one."""
    for name in REPORTS:
        (folder / name).unlink(missing_ok=True)
