"""Prints for people, and bears with a terminal or a pipe that is closed meanwhile."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from omnisession_conformance.errors import sentence
from omnisession_conformance.report.terminal import render

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
    """Print the report of settled results; a verdict stands, whoever reads it or not."""
    try:
        render(results, console or Terminal(), folder=folder)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough.
        _let_go_of_stdout()
    except OSError as error:
        _let_go_of_stdout()
        with contextlib.suppress(OSError):
            sys.stderr.write(f"omnisession: the report could not be printed: {sentence(error)}\n")


def _let_go_of_stdout() -> None:
    """Have the end of the process flush into nothing what could not be printed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
