"""Prints for people, and bears with a terminal or a pipe that is closed meanwhile."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from omnisession_conformance.errors import first_line, sentence
from omnisession_conformance.outputs.streams import let_go, say, write_aside
from omnisession_conformance.report.annotations import VARIABLE, job_lines
from omnisession_conformance.report.terminal import render
from omnisession_conformance.results import RunStatus

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.results import Results


class Terminal(Console):
    """A console that raises BrokenPipeError where nobody reads on, instead of ending the process.

    rich would end it with exit code 1, which here says that a server is not conformant.
    """

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, emoji=False)

    def on_broken_pipe(self) -> None:
        """Tell whoever printed; rich calls it where it has met such an error."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def print_report(results: Results, folder: Path | None, console: Console | None = None) -> None:
    """Print the report of settled results; a verdict stands, whoever reads it or not.

    In a job of GitHub's its failures are told to the runner as well, beside the output.
    """
    try:
        render(results, console or Terminal(), folder=folder)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough, but for the reason why there is nothing to read.
        let_go(sys.stdout)
        if results.end.run_status is not RunStatus.COMPLETE:
            say(f"omnisession: No verdict: {first_line(results.end.reason)}")
    except Exception as error:  # noqa: BLE001 - whatever it was, the verdict has been reached
        let_go(sys.stdout)
        say(f"omnisession: the report could not be printed: {sentence(error)}")
    if os.environ.get(VARIABLE) == "true":
        for line in job_lines(results):
            # A command to the runner, in which nothing of a target's is one.
            write_aside(line)
