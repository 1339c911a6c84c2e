"""Reports, made from a results stream and nothing else: for the terminal, for people, for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.files import Folder
from omnisession_conformance.report.formats import (
    ERROR_FILE,
    FILES,
    FORMATS,
    PLAIN_TRANSCRIPT_FILE,
    REPORTS,
    RESULTS_FILE,
    TRANSCRIPT_FILE,
    Format,
    file_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results

PROGRAM_FILES = tuple(
    f"{name}-{n}.json" for name in ("generated", "generated-expiry") for n in range(1, 10)
)
"""Programs of generated traffic that found something."""

__all__ = [
    "ERROR_FILE",
    "FILES",
    "FORMATS",
    "PLAIN_TRANSCRIPT_FILE",
    "PROGRAM_FILES",
    "REPORTS",
    "RESULTS_FILE",
    "TRANSCRIPT_FILE",
    "Format",
    "NotWritten",
    "Written",
    "file_of",
    "remove_programs",
    "remove_reports",
    "remove_transcripts",
    "write_reports",
]


@dataclass(frozen=True, slots=True)
class NotWritten:
    """A report that could not be made, and why."""

    file: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Written:
    """The reports that were made, and those that could not be: one does not keep the others back."""

    paths: tuple[Path, ...]
    failed: tuple[NotWritten, ...] = ()


def write_reports(results: Results, into: Path | Folder) -> Written:
    """Write every report that is a file into a folder, as many of them as can be.

    A run of a part has no badge, and that of an earlier run does not stay beside it. A file is whole or
    not there. Raises OSError where the folder cannot be used at all.
    """
    results = results.settled()
    if isinstance(into, Folder):
        return _write_reports(results, into)
    with Folder(into) as folder:
        return _write_reports(results, folder)


def _write_reports(results: Results, folder: Folder) -> Written:
    remove_reports(folder)
    paths: list[Path] = []
    failed: list[NotWritten] = []
    for row in FORMATS:
        try:
            content = row.render(results, folder.path)
            if content is not None:
                _write_whole(folder, row.file, content)
                paths.append(folder.path / row.file)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are made
            failed.append(NotWritten(row.file, error))
    return Written(tuple(paths), tuple(failed))


def _write_whole(folder: Folder, name: str, content: str) -> None:
    # What is no character, as half of a surrogate pair, is shown as its escape.
    folder.write_new(name, content.encode("utf-8", "backslashreplace"))


def remove_transcripts(folder: Folder) -> None:
    """Take away the transcript of an earlier run, packed or not: it is not that of the next one."""
    for name in (TRANSCRIPT_FILE, PLAIN_TRANSCRIPT_FILE):
        folder.remove(name)


def remove_programs(folder: Folder) -> None:
    """Take away the programs that generated traffic of an earlier run found something by."""
    for name in PROGRAM_FILES:
        folder.remove(name)


def remove_reports(folder: Folder) -> None:
    """Take away the reports of an earlier run, so that nothing green stays beside a dead one."""
    for name in (*REPORTS, ERROR_FILE):
        folder.remove(name)
