"""`omnisession report`: make every report again from a saved results stream."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omnisession_conformance.cli.strictness import strict_option
from omnisession_conformance.errors import UsageError, cannot_write
from omnisession_conformance.outputs.sole import SoleWriter
from omnisession_conformance.outputs.terminal import print_report
from omnisession_conformance.report import write_reports
from omnisession_conformance.results import ResultsError, RunStatus, read_results
from omnisession_conformance.results.summary import count

if TYPE_CHECKING:
    from omnisession_conformance.report import NotWritten
    from omnisession_conformance.results import Results

ANOTHER = "another folder with --to"


@click.command()
@click.argument("results", metavar="RESULTS", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIRECTORY",
    help="Where the reports are written; without it beside the results.",
)
@strict_option
def report(results: Path, folder: Path | None, strict: bool) -> int:
    """Make the reports of a run again from its results.jsonl.

    A stream without its last line is the run of a kit that was killed: its reports say so.

    The exit code is that of the run, so that a saved run is never greener than it was; with --strict
    it may be less so.
    """
    folder = results.parent if folder is None else folder
    found = _read(results).settled()
    if strict:
        found = found.strictly()
    try:
        with closing(SoleWriter(folder, ANOTHER)):
            written = write_reports(found, folder)
    except OSError as error:
        raise cannot_write(f"the report to '{folder}'", error, ANOTHER) from error
    print_report(found, None if written.failed else folder)
    if written.failed:
        # They are what was asked for, and the verdict of the run is where it was.
        raise _failed(written.failed[0], folder)
    return found.end.exit_code


def _failed(missing: NotWritten, folder: Path) -> Exception:
    if isinstance(missing.error, OSError):
        return cannot_write(f"{missing.file} to '{folder}'", missing.error, ANOTHER)
    return missing.error


def _read(path: Path) -> Results:
    try:
        results = read_results(path)
    except ResultsError as error:
        raise UsageError(f"{error}. Give the results.jsonl of a run.") from error
    footer = results.footer
    if footer is None or footer.run_status is not RunStatus.COMPLETE:
        return results
    if footer.requirements != count(r.status for r in results.requirements):
        # Lines that were lost or changed may have been the failures.
        raise UsageError(
            f"{path}: its requirements are not those that its footer counts. "
            "Give the file as the run wrote it."
        )
    return results
