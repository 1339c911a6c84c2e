"""`omnisession permissions`: what a user of the broker is to be allowed, by its role."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from omnisession_conformance.cli.durations import seconds_of
from omnisession_conformance.environment.keys import (
    is_account,
    is_seed,
    read_signing_file,
    read_signing_seed,
)
from omnisession_conformance.environment.user_jwt import claims_of, signed
from omnisession_conformance.errors import UsageError
from omnisession_conformance.own_python import SIGNING_SEED
from omnisession_conformance.protocol.permissions import granted, roles

if TYPE_CHECKING:
    from omnisession_conformance.environment.keys import SigningKey
    from omnisession_conformance.protocol.permissions import Permissions

SHARED_WARNING: Final = (
    "warning: whoever learns a session id chats and starts edits in its name. Keep session ids out of "
    "logs, and the broker's monitoring port closed."
)
LONGEST_DAYS: Final = 30
DAY_S: Final = 24 * 3_600
BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH
UNSIGNED: Final = (
    "note: these are claims, and no token: whoever signs them adds iss, sub, iat and exp. With "
    f"--signing-seed-file or {SIGNING_SEED} this command does."
)


@click.command()
@click.option("--role", type=click.Choice(tuple(roles())), help="Who it is for; always needed.")
@click.option("--user", "user_id", metavar="ID", help="The user's id, as it stands in messages.")
@click.option("--session", "session_id", metavar="ID", help="Only this session of the user.")
@click.option("--shared", is_flag=True, help="Also the subjects that name no user.")
@click.option("--journal", is_flag=True, help="Also what a server needs that keeps a journal.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("conf", "json", "jwt")),
    default="conf",
    show_default=True,
    help="Lines of nats-server, JSON, or the token of a user in operator mode.",
)
@click.option(
    "--signing-seed-file",
    type=click.Path(path_type=Path),
    help=f"Sign the token with the seed of an account in this file. Or set {SIGNING_SEED}.",
)
@click.option(
    "--account",
    metavar="KEY",
    help="The account's public key, where the seed is one of its signing keys.",
)
@click.option(
    "--expires",
    metavar="TIME",
    help=f"How long the token holds: 90s, 10m, 1h (default), at most {24 * LONGEST_DAYS}h.",
)
def permissions(
    role: str | None,
    user_id: str | None,
    session_id: str | None,
    shared: bool,
    journal: bool,
    form: str,
    signing_seed_file: Path | None,
    account: str | None,
    expires: str | None,
) -> int:
    """Print what a user of the broker is to be allowed, by its role.

    A client is granted what its user may: all sessions of the user, or with --session one. Ids are encoded
    as they stand in subjects, whatever is in them. What all clients share (chat.messages,
    article.edit.start) names no user, and every action can go without it. A server with --store jetstream
    needs --journal.

    \b
    omnisession permissions --role client --user ann
    omnisession permissions --role server --format json
    omnisession permissions --role server --journal
    omnisession permissions --role client --user ann --format jwt --signing-seed-file account.seed

    A token that is printed is a secret. Exit code 0: told; 4: an id or a key cannot be used.
    """  # noqa: D301 - click looks for the backspace character itself
    if role is None:
        raise UsageError(f"--role is missing: say who it is for, one of {', '.join(roles())}.")
    told = granted(
        roles()[role], user_id=user_id, session_id=session_id, shared=shared, journal=journal
    )
    given = {"--signing-seed-file": signing_seed_file, "--account": account, "--expires": expires}
    surplus = next((option for option, value in given.items() if value is not None), None)
    if form != "jwt" and surplus is not None:
        raise UsageError(f"{surplus}: it is for --format jwt. Leave it out, or add that.")
    if form == "jwt":
        text = _as_jwt(told, _key(signing_seed_file), account, expires)
    else:
        text = as_conf(told) if form == "conf" else as_json(told)
    if shared:
        click.echo(SHARED_WARNING, err=True)
    click.echo(text)
    return 0


def as_json(told: Permissions) -> str:
    """Permissions as one JSON object, with the prefix that the connection has to be given."""
    whole = {
        "role": told.role,
        "user_id": told.user_id,
        "session_id": told.session_id,
        "inbox_prefix": told.inbox,
        "permissions": told.as_nats(),
    }
    return json.dumps(whole, indent=2)


def as_conf(told: Permissions) -> str:
    """Permissions as lines of the configuration of nats-server."""
    # Ids come from outside, and a line of one would be a line of the file.
    user = "" if told.user_id is None else f", user {json.dumps(told.user_id)}"
    session = "" if told.session_id is None else f", session {json.dumps(told.session_id)}"
    lines = [
        f"# Role {told.role}{user}{session}: for the entry of the user in the broker's configuration.",
        f"# The connection is to be given the inbox prefix {told.inbox}",
        "permissions {",
    ]
    for verb, lists in told.as_nats().items():
        lines.append(f"  {verb} {{")
        for name, subjects in lists.items():
            lines += [f"    {name}: [", *(f"      {json.dumps(s)}" for s in subjects), "    ]"]
        lines.append("  }")
    return "\n".join((*lines, "}"))


def _as_jwt(
    told: Permissions, key: SigningKey | None, account: str | None, expires: str | None
) -> str:
    if key is not None:
        if account is not None and not is_account(account):
            # What was given is not repeated: it may be the seed.
            raise UsageError(
                "--account: this is no public key of an account, which begins with A. "
                "`nsc describe account` tells it."
            )
        return signed(told, key, account, int(time.time()), life_s(expires))
    for option, value in (("--account", account), ("--expires", expires)):
        if value is not None:
            raise UsageError(
                f"{option}: nothing is there to sign with. Name --signing-seed-file or set {SIGNING_SEED}."
            )
    click.echo(UNSIGNED, err=True)
    return json.dumps(claims_of(told), indent=2)


def life_s(expires: str | None) -> int:
    """For how many seconds a token holds; UsageError where that is no time, or too long."""
    seconds = seconds_of(expires or "1h", "--expires")
    if seconds > LONGEST_DAYS * DAY_S:
        raise UsageError(
            f"--expires: a token holds for {LONGEST_DAYS} days ({24 * LONGEST_DAYS}h) at most, since "
            "whoever has it may use it until it ends. Give a shorter time, and print another one by then."
        )
    return max(1, int(seconds))


def _key(file: Path | None) -> SigningKey | None:
    if file is None:
        seed = os.environ.get(SIGNING_SEED)
        return None if seed is None else read_signing_seed(seed, SIGNING_SEED)
    if is_seed(str(file)):
        raise UsageError(
            "--signing-seed-file: this is a seed, and not the path of a file that holds one. It may be in "
            "your shell's history now, and was seen by whoever lists processes: make another key."
        )
    key = read_signing_file(file, "--signing-seed-file")
    mode = file.stat().st_mode
    if stat.S_ISREG(mode) and mode & BY_OTHERS:
        click.echo(f"warning: others can read the seed: `chmod 600 {file}` keeps it.", err=True)
    return key
