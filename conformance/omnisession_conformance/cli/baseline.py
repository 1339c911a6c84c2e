"""`omnisession baseline write`: make a file of expected failures from a results stream."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from omnisession_conformance.errors import UsageError, cannot_write
from omnisession_conformance.protocol.verdict import ENDED_AT_FAILURE
from omnisession_conformance.report.text import WHOLE, one_line, plural
from omnisession_conformance.results import ResultsError, RunStatus, read_results
from omnisession_conformance.results.baseline import FILE_NAME, failures, written


@click.command()
@click.argument("action", type=click.Choice(("write",)), metavar="write")
@click.argument("results", type=click.Path(path_type=Path), metavar="RESULTS")
@click.option(
    "--to",
    "to",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(FILE_NAME),
    show_default=True,
    help="The file to make; one that exists is left as it is.",
)
@click.option("--reason", metavar="TEXT", help="Why these checks may fail; mandatory.")
@click.option("--expires", metavar="DAY", help="The last day on which they may, as YYYY-MM-DD.")
def baseline(action: str, results: Path, to: Path, reason: str | None, expires: str | None) -> None:
    """Write the failures of a run as expected failures, for check --expected-failures.

    RESULTS is the results.jsonl of a complete run.
    """
    del action  # there is one so far
    if reason is None or not reason.strip():
        raise UsageError("--reason is missing: say why these checks may fail.")
    until = _day(expires)
    try:
        read = read_results(results)
    except ResultsError as error:
        raise UsageError(f"{error}. A run of `omnisession check` writes it.") from error
    if read.footer is None or read.footer.run_status is not RunStatus.COMPLETE:
        raise UsageError(
            f"{results} is of a run that was cut short: make a baseline of a whole one."
        )
    if any(check.reason == ENDED_AT_FAILURE for check in read.checks):
        raise UsageError(
            f"{results} is of a run that ended at its first failure: make a baseline of one without "
            "--fail-fast."
        )
    checks = failures(read.checks)
    _write(to, written(checks, reason.strip(), until))
    click.echo(f"{one_line(str(to), WHOLE)}: {plural(len(checks), 'expected failure')}")


def _write(to: Path, text: str) -> None:
    try:
        file = to.open("xb")
    except FileExistsError as error:
        raise UsageError(
            f"{to} exists, and the reasons in it are not thrown away. Name another file with --to."
        ) from error
    except OSError as error:
        raise cannot_write(str(to), error, "another file with --to") from error
    try:
        with file:
            file.write(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        # Half of it is none, and would stand in the way of the next.
        to.unlink(missing_ok=True)
        raise cannot_write(str(to), error, "another file with --to") from error


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--expires {text} is no day: write YYYY-MM-DD.") from error
