"""`omnisession serve`: run the reference server in the place of this process."""

from __future__ import annotations

import os
import sys

import click

from omnisession_conformance.own_python import environment_of, program


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def serve(arguments: tuple[str, ...]) -> None:
    """Run the reference session server (all options are its own; see `serve --help`)."""
    # The kit never imports the reference: it is a program like any other target.
    command = [*program("omnisession_reference"), *arguments]
    told = {**environment_of(command, os.environ), "OMNISESSION_CALLED_AS": "omnisession serve"}
    os.execve(sys.executable, command, told)  # noqa: S606
