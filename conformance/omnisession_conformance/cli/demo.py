"""`omnisession demo`: two users side by side in a page, against a server, on a broker of its own."""

from __future__ import annotations

import asyncio
import shutil

import click

from omnisession_conformance.cli.signals import SIGNALS
from omnisession_conformance.cli.veil import hidden
from omnisession_conformance.demo.files import page_files
from omnisession_conformance.demo.play import Wanted, play
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.config import split_command
from omnisession_conformance.environment.shell import shell_hint
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.errors import UsageError
from omnisession_conformance.outputs.streams import say

HIGHEST_PORT = 65_535


@click.command()
@click.option(
    "--port",
    type=click.IntRange(min=0, max=HIGHEST_PORT),
    default=0,
    help="Port of the page on 127.0.0.1; without it one that is free.",
)
@click.option(
    "--server-cmd",
    "command",
    metavar="COMMAND",
    help="Command that starts the server; it is told NATS_URL and OMNISESSION_SECRET. Without it: the "
    "reference server.",
)
def demo(port: int, command: str | None) -> int:
    """Show two users side by side in a page, with a server and a broker started for it.

    The address of the page is printed; Ctrl-C ends all of it. A server or a broker that ends is started
    again. All listen on 127.0.0.1 alone, and nothing is kept.

    \b
    omnisession demo                           the reference server
    omnisession demo --server-cmd ./my-server  another one
    """  # noqa: D301 - click looks for the backspace character itself
    words = REFERENCE_COMMAND if command is None else split_command(command, "--server-cmd")
    if not words:
        raise UsageError("--server-cmd is empty: give the command that starts the server.")
    if shutil.which(words[0]) is None:
        raise UsageError(f"--server-cmd: there is no program '{words[0]}' to be called.")
    if (hint := shell_hint(words)) is not None:
        say(f"omnisession: note: {hint}")
    stopper = Stopper()
    SIGNALS.run(_play(Wanted(words, page_files(), port), stopper), stopper)
    return 0


async def _play(wanted: Wanted, stopper: Stopper) -> None:
    end = asyncio.Event()
    stopper.bind(end.set)
    await play(wanted, _tell, lambda what: say(hidden(f"omnisession: note: {what}")), end)


def _tell(address: str) -> None:
    click.echo(f"The demo is at {address}")
    click.echo("Ctrl-C ends page, server and broker.")
