"""The generated list of the files that a run leaves behind, made of the rows of report formats."""

from __future__ import annotations

from docs_markdown import code, table
from omnisession_conformance.report import FORMATS, RESULTS_FILE, TRANSCRIPT_FILE

_OF_THE_RUN = (
    (RESULTS_FILE, "programs", "the results stream: everything that the reports are made from"),
    (
        TRANSCRIPT_FILE,
        "people and programs",
        "every message of kit and server, in order of arrival; packed by gzip",
    ),
)


def parts() -> dict[str, str]:
    """The generated part by its name."""
    rows = [(row.file, row.readers, row.what) for row in FORMATS]
    cells = [(code(file), readers, what) for file, readers, what in (*rows, *_OF_THE_RUN)]
    return {"report-files": table(("File", "For", "What it holds"), cells)}
