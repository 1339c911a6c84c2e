"""`omnisession up`: instances of the reference server on a journal, with brokers of their own."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

import click

from omnisession_conformance.cli.signals import SIGNALS
from omnisession_conformance.cli.veil import hidden, learn
from omnisession_conformance.engine.stopper import Stopper
from omnisession_conformance.environment.broker import TAKEN
from omnisession_conformance.errors import BrokerError, UsageError, cause
from omnisession_conformance.fleet.fleet import Wanted, run
from omnisession_conformance.fleet.guarding import OPEN, guard
from omnisession_conformance.fleet.handing import URL
from omnisession_conformance.fleet.keyring import is_secure
from omnisession_conformance.fleet.place import JOURNAL, OTHERS, SECRET, place, secret_of
from omnisession_conformance.fleet.private import own_folder, write
from omnisession_conformance.outputs.streams import say

HIGHEST_PORT = 65_535
MOST_INSTANCES = 9


@click.command()
@click.option(
    "--instances",
    type=click.IntRange(1, MOST_INSTANCES),
    default=2,
    show_default=True,
    help="Instances of the server: one serves, the others stand by.",
)
@click.option(
    "--nodes",
    type=click.Choice(["1", "3"]),
    default="1",
    show_default=True,
    help="Nodes of the broker; three keep a copy of the journal each, and one of them may be lost.",
)
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the journal and the secret, made where it is not there; a later start goes on with it. "
    "Without it a new one, which is kept.",
)
@click.option(
    "--port",
    type=click.IntRange(min=0, max=HIGHEST_PORT),
    default=0,
    help="Port of the broker on 127.0.0.1; without it one that is free.",
)
@click.option(
    "--secure",
    is_flag=True,
    help="Let nobody in without credentials (`omnisession credentials`), and say nothing in clear.",
)
@click.option(
    "--secret",
    envvar="OMNISESSION_SECRET",
    help="Secret that signs the tokens of users; better set OMNISESSION_SECRET. Without it: the one in the "
    "folder's file `secret`.",
)
def up(
    *,
    instances: int,
    nodes: str,
    folder: Path | None,
    port: int,
    secure: bool,
    secret: str | None,
) -> int:
    """Run several instances of the reference server, of which one serves and the others stand by.

    Experimental. A broker with a journal on disk is started for them, of one node or of three. The address
    for clients is printed once they are served; Ctrl-C ends instances, then the broker. What ends by itself
    is started again. All listen on 127.0.0.1 alone.

    \b
    omnisession up                          two instances
    omnisession up --nodes 3                and three nodes of the broker
    omnisession up --data ./data --port 4222  the same sessions at each start
    omnisession up --secure --data ./data   only for those with credentials, over TLS
    """  # noqa: D301 - click looks for the backspace character itself
    stopper = Stopper()
    with place(folder) as kept:
        _same_as_before(kept, secure=secure)
        if secure:
            own_folder(kept)
        found = secret_of(kept, secret)
        _as_many_as_before(kept, int(nodes), secure=secure)
        guarded = guard(kept) if secure else OPEN
        learn((found, *guarded.secrets))
        wanted = Wanted(kept, found, instances, int(nodes), port, guarded)
        try:
            SIGNALS.run(_run(wanted, stopper, from_file=not secret), stopper)
        finally:
            (kept / URL).unlink(missing_ok=True)
    return 0


def _same_as_before(folder: Path, *, secure: bool) -> None:
    """Refuse to open what was secure, and to go on in another account than the one with the journal."""
    if is_secure(folder) and not secure:
        raise UsageError(
            f"--data: '{folder}' was begun with --secure. Add that, or name another folder."
        )
    if secure and not is_secure(folder) and (folder / JOURNAL).exists():
        raise UsageError(
            f"--data: '{folder}' was begun without --secure, and its sessions would not be found. Leave "
            "that out, or name another folder."
        )


def _as_many_as_before(folder: Path, nodes: int, *, secure: bool) -> None:
    """Refuse another number of nodes than the journal has: it would not be found."""
    if nodes > 1 and secure:
        raise UsageError(
            "--nodes: the links between nodes let everybody in who is on this machine, so three are "
            "not started with --secure. Leave one of both out."
        )
    if not (folder / JOURNAL).exists():
        return
    before = 3 if (folder / OTHERS).exists() else 1
    if nodes != before:
        raise UsageError(
            f"--nodes: '{folder}' was begun with {before}, and its journal would not be found with "
            f"{nodes}. Say --nodes {before}, or name another folder."
        )


async def _run(wanted: Wanted, stopper: Stopper, *, from_file: bool) -> None:
    end = asyncio.Event()
    stopper.bind(end.set)

    def told(url: str) -> None:
        click.echo(f"Sessions are served at {url}")
        if wanted.guard.ca is not None:
            write(wanted.folder / URL, f"{url}\n")
            click.echo(f"The CA of its certificate is in {wanted.guard.ca}")
            made = shlex.join(("omnisession", "credentials", "--data", str(wanted.folder)))
            click.echo(f"Credentials for a user: {made} --user ann")
        click.echo(
            f"Instances: {wanted.instances}. The journal is kept {_where(wanted)}in {wanted.folder}"
        )
        if from_file:
            click.echo(f"The secret that signs tokens is in {wanted.folder / SECRET}")
        click.echo("Ctrl-C ends instances and broker.")

    try:
        await run(wanted, told, lambda what: say(hidden(f"omnisession: note: {what}")), end)
    except* BrokerError as group:
        error = cause(group)
        if wanted.port and TAKEN in str(error):
            raise UsageError(
                f"--port: 127.0.0.1:{wanted.port} is taken. Name another one, or none for one that is free."
            ) from error
        raise


def _where(wanted: Wanted) -> str:
    return "" if wanted.nodes == 1 else f"by {wanted.nodes} nodes "
