"""Reports, made from a results stream and nothing else: for the terminal, for people, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.report.formats import (
    FILES,
    FORMATS,
    REPORTS,
    RESULTS_FILE,
    TRANSCRIPT_FILE,
    Format,
    file_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results

__all__ = [
    "FILES",
    "FORMATS",
    "REPORTS",
    "RESULTS_FILE",
    "TRANSCRIPT_FILE",
    "Format",
    "file_of",
    "remove_reports",
    "write_reports",
]


def write_reports(results: Results, folder: Path) -> tuple[Path, ...]:
    """Write every report that is a file into a folder; returns their paths.

    A run of a part has no badge, and that of an earlier run does not stay beside it. Raises OSError.
    """
    results = results.settled()
    folder.mkdir(parents=True, exist_ok=True)
    made = {row.file: row.render(results, folder) for row in FORMATS}
    files = {name: content for name, content in made.items() if content is not None}
    remove_reports(folder)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in files)


def remove_reports(folder: Path) -> None:
    """Take away the reports of an earlier run, so that nothing green stays beside a dead one."""
    for name in REPORTS:
        (folder / name).unlink(missing_ok=True)
