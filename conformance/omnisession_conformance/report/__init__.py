"""Reports, made from a results stream and nothing else: terminal, text file, JUnit XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.report.junit import junit
from omnisession_conformance.report.terminal import compose

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results

__all__ = ["JUNIT_FILE", "TEXT_FILE", "write_reports"]

JUNIT_FILE = "junit.xml"
TEXT_FILE = "report.txt"


def write_reports(results: Results, folder: Path) -> tuple[Path, ...]:
    """Write every report that is a file into a folder; returns their paths.

    `report.txt` is what the terminal shows, with every failure in full and every body whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(line.plain for line in compose(results, folder=folder, whole=True).lines)
    files = {JUNIT_FILE: junit(results), TEXT_FILE: f"{text}\n"}
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return tuple(folder / name for name in files)
