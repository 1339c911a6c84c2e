"""The generated lists of the files that a run leaves behind, and of what excuses what it has not tested."""

from __future__ import annotations

from docs_markdown import code, table
from omnisession_conformance.protocol.excuses import EXCUSES
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
    """The generated parts by their names."""
    rows = [(row.file, row.readers, row.what) for row in FORMATS]
    cells = [(code(file), readers, what) for file, readers, what in (*rows, *_OF_THE_RUN)]
    return {
        "report-files": table(("File", "For", "What it holds"), cells),
        "excuses": _excuses(),
    }


def _excuses() -> str:
    return table(
        ("Code", "In the headline", "What it means", "Shown by", "`--strict`"),
        [
            (
                f"{code(excuse.value)}{{ #{excuse.value} }}",
                about.short,
                about.what,
                about.shown_by,
                "fails" if about.strict else "no",
            )
            for excuse, about in EXCUSES.items()
        ],
    )
