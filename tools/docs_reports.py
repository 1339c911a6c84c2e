"""The generated lists of what a run leaves behind, what it needs, and what excuses it from a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs_markdown import code, table
from omnisession_conformance.protocol.excuses import EXCUSES
from omnisession_conformance.protocol.rights import OF_THE_KIT, OF_THE_SERVER
from omnisession_conformance.report import FORMATS, RESULTS_FILE, TRANSCRIPT_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.protocol.rights import Right

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
        "rights": _rights("Kit", OF_THE_KIT),
        "rights-of-servers": _rights("Server", OF_THE_SERVER),
    }


def _rights(who: str, rights: Iterable[Right]) -> str:
    return table(
        (f"{who} may", "What for", "Where it may not"),
        [
            (
                f"{right.verb.value} {code(right.subjects('_INBOX'))}"
                + (f", queue group {code(right.queue)}" if right.queue else ""),
                right.what,
                "no run is possible" if right.needed else "what needs it is not run",
            )
            for right in rights
        ],
    )


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
