"""`omnisession credentials`: what a client needs to connect to an `omnisession up --secure`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from omnisession_conformance.cli.permissions import LONGEST_DAYS, SHARED_WARNING, life_s
from omnisession_conformance.cli.veil import learn
from omnisession_conformance.errors import UsageError
from omnisession_conformance.fleet.handing import handed, write_both
from omnisession_conformance.fleet.turning import turn
from omnisession_conformance.protocol.permissions import granted, roles

CLIENT: Final = "client"
OTHERS: Final = ("bridge", "auditor", "kit")
"""Roles that are not of one user. Servers have their credentials already."""
STDOUT: Final = "-"
FOLDER: Final = "credentials"


@click.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the `omnisession up --secure` that they are for; always needed.",
)
@click.option("--user", "user_id", metavar="ID", help="The user's id, as it stands in messages.")
@click.option("--session", "session_id", metavar="ID", help="Only this session of the user.")
@click.option("--shared", is_flag=True, help="Also the subjects that name no user.")
@click.option(
    "--role",
    type=click.Choice((CLIENT, *OTHERS)),
    default=CLIENT,
    show_default=True,
    help="Who it is for.",
)
@click.option(
    "--expires",
    metavar="TIME",
    help=f"How long they hold: 90s, 10m, 1h (default), at most {24 * LONGEST_DAYS}h.",
)
@click.option(
    "-o",
    "--out",
    metavar="FOLDER",
    help=f"Where the two files are written, or {STDOUT} for the .creds file on standard output. Without "
    f"it: the folder `{FOLDER}` of --data.",
)
@click.option(
    "--new-key",
    is_flag=True,
    help="Write nothing: have another key sign from now on. What the key before has signed holds until the "
    "next new key.",
)
@click.option(
    "--secret",
    envvar="OMNISESSION_SECRET",
    help="Secret that signs the tokens of users, where `omnisession up` was given one; better set "
    "OMNISESSION_SECRET.",
)
def credentials(
    folder: Path | None,
    user_id: str | None,
    session_id: str | None,
    shared: bool,
    role: str,
    expires: str | None,
    out: str | None,
    new_key: bool,
    secret: str | None,
) -> int:
    """Write credentials for an `omnisession up --secure` that runs.

    Two files, which their owner alone may read: one that libraries of NATS take (.creds), and a JSON object
    with all that a client needs: address, CA, the path of that file, inbox_prefix, and the token that opens
    sessions. Their paths are printed.

    \b
    omnisession credentials --data ./data --user ann
    omnisession credentials --data ./data --user ann --expires 10m -o -
    omnisession credentials --data ./data --role kit
    omnisession credentials --data ./data --new-key

    What -o - prints is a secret. Exit code 0: written; 4: the folder, an id or a time cannot be used.
    """  # noqa: D301 - click looks for the backspace character itself
    if folder is None:
        raise UsageError("--data is missing: name the folder of an `omnisession up --secure`.")
    if new_key:
        given = {"--user": user_id, "--session": session_id, "--expires": expires, "--out": out}
        for option, value in (*given.items(), ("--shared", shared or None)):
            if value is not None:
                raise UsageError(f"{option}: with --new-key nothing is written. Leave out either.")
        click.echo(f"Tokens are signed with a new key from now on: {turn(folder)}")
        return 0
    told = granted(roles()[role], user_id=user_id, session_id=session_id, shared=shared)
    made = handed(folder, told, int(time.time()), life_s(expires))
    if shared:
        click.echo(SHARED_WARNING, err=True)
    if out == STDOUT:
        click.echo(made.text, nl=False)
        return 0
    learn((made.token,))
    to = Path(out) if out is not None else folder / FOLDER
    for file in write_both(made, folder, to, secret):
        click.echo(str(file))
    return 0
