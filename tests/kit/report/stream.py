"""Writes results as the stream that a run leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.results import ResultsWriter
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results


def write_stream(results: Results, path: Path) -> None:
    """The lines in the order of a run, the footer last."""
    first = [results.header, *results.targets, *results.cases]
    last = [line for line in (results.baseline, results.footer) if line is not None]
    with ResultsWriter(path, Redactor()) as writer:
        for line in (*first, *results.checks, *results.requirements, *last):
            writer.write(line)
