"""The report formats: a row each. A new one is a module of this package and a row here.

The page of the docs that lists the files is made of these rows, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results


@dataclass(frozen=True, slots=True)
class Format:
    """A file that is made of the results of a run.

    `renderer` is `MODULE:FUNCTION` in this package, imported when a report is made. The function is
    given the results, and the folder where `knows_folder`, and returns the text, or None where this run
    has no such file. `first` marks what the terminal points people at; `readers` and `what` are words
    of the docs.
    """

    name: str
    file: str
    renderer: str
    readers: str
    what: str
    first: bool = False
    knows_folder: bool = False

    def render(self, results: Results, folder: Path) -> str | None:
        """The text of the file, None where this run has none."""
        module, _, function = self.renderer.partition(":")
        render = getattr(import_module(f"{__package__}.{module}"), function)
        return render(results, folder) if self.knows_folder else render(results)


FORMATS = (
    Format(
        name="html",
        file="report.html",
        renderer="html:html",
        readers="people",
        what="the whole report, to filter and to search; one file that needs no network",
        first=True,
    ),
    Format(
        name="text",
        file="report.txt",
        renderer="terminal:text",
        readers="people",
        what="the report of the terminal, with every failure in full",
        first=True,
        knows_folder=True,
    ),
    Format(
        name="junit",
        file="junit.xml",
        renderer="junit:junit",
        readers="CI systems",
        what="one test case a check; red exactly when the exit code is not 0",
        first=True,
    ),
    Format(
        name="markdown",
        file="summary.md",
        renderer="markdown:markdown",
        readers="CI systems",
        what="a page of Markdown for the summary of a job",
        first=True,
    ),
    Format(
        name="summary",
        file="summary.json",
        renderer="summary:summary",
        readers="programs",
        what="verdict, counts and the status of every requirement",
    ),
    Format(
        name="badge",
        file="badge.svg",
        renderer="badge:picture",
        readers="pages",
        what="the verdict as a picture; a run of a part has none",
    ),
    Format(
        name="endpoint",
        file="badge.json",
        renderer="badge:data",
        readers="pages",
        what="the same as an [endpoint](https://shields.io/badges/endpoint-badge) for shields.io; "
        "a run of a part has none",
    ),
)
RESULTS_FILE = "results.jsonl"
TRANSCRIPT_FILE = "transcript.jsonl.gz"
PLAIN_TRANSCRIPT_FILE = "transcript.jsonl"
"""The same, as it is not packed: earlier kits wrote it so."""
ERROR_FILE = "error.log"
"""Where something nobody had expected happened in the kit: there only after such a run."""
REPORTS = tuple(row.file for row in FORMATS)
"""What is made from the results stream."""
FILES = (*REPORTS, RESULTS_FILE, TRANSCRIPT_FILE)
"""All that a report folder holds: the reports, and the two files that a run writes itself."""
FOR_PEOPLE = tuple(row.file for row in FORMATS if row.first)


def file_of(name: str) -> str:
    """The file of a format; KeyError for a name that none has."""
    return {row.name: row.file for row in FORMATS}[name]
