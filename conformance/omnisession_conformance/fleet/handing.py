"""Credentials that are handed out for a fleet that runs: two files for a client, or one text."""

from __future__ import annotations

import json
import secrets
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import jwt

from omnisession_conformance.environment.keys import USER, creds, new_seed
from omnisession_conformance.environment.user_jwt import signed
from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.fleet.authority import CA
from omnisession_conformance.fleet.keyring import signing_key
from omnisession_conformance.fleet.place import OF_TOKENS, SECRET
from omnisession_conformance.fleet.private import read, unaltered, write
from omnisession_conformance.protocol.subjects import tok

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.protocol.permissions import Permissions

URL: Final = "url"
"""The file with the address, while clients are served."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Credentials of one who may connect, until `expires_s` since the Unix epoch."""

    permissions: Permissions
    expires_s: int
    token: str = field(repr=False)

    @property
    def text(self) -> str:
        """What libraries of NATS read as a file of credentials.

        The token is a bearer's, so the broker looks at no signature: the seed is there for the form.
        """
        return creds(self.token, new_seed(USER))

    @property
    def name(self) -> str:
        """How its files are called: no user has the name of a role, or of a session of another one."""
        told = self.permissions
        if told.user_id is None:
            return f"~{told.role}"
        session = "" if told.session_id is None else f".{tok(told.session_id)}"
        return f"{tok(told.user_id)}{session}"


def handed(folder: Path, permissions: Permissions, now_s: int, life_s: int) -> Handed:
    """Make credentials by the keys of a fleet's folder; raises UsageError."""
    key, account = signing_key(folder)
    token = signed(permissions, key, account, now_s, life_s)
    return Handed(permissions, now_s + life_s, token)


def write_both(made: Handed, folder: Path, to: Path, secret: str | None) -> tuple[Path, Path]:
    """Write what a program needs, and beside it the `.creds` file that it names; both are secrets.

    `secret` signs what opens sessions, without it that of the folder. Raises UsageError where they cannot
    be written, or nobody is served from the fleet's folder.
    """
    url, login = url_of(folder), _login(made, folder, secret)
    told, beside = to / f"{made.name}.json", to / f"{made.name}.creds"
    try:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        write(beside, made.text)
        write(told, json.dumps(_said(made, url, folder / CA, beside, login), indent=2) + "\n")
    except OSError as error:
        raise UsageError(f"--out: '{told}' cannot be written: {sentence(error)}.") from error
    return told, beside


def _login(made: Handed, folder: Path, secret: str | None) -> str | None:
    """What opens sessions as the user, None where it is nobody's."""
    user = made.permissions.user_id
    if user is None:
        return None
    claims: dict[str, Any] = {"sub": user, "perm": list[str](), "exp": made.expires_s}
    # By these it can be revoked alone, or with all that were made before.
    claims |= {"iat": int(time.time()), "jti": secrets.token_hex(8)}
    by = secret or _secret_of(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a short secret is the choice of whoever runs the servers
        return jwt.encode(claims, by, algorithm="HS256")  # pyright: ignore[reportUnknownMemberType]


def _said(made: Handed, url: str, ca: Path, beside: Path, login: str | None) -> dict[str, Any]:
    whole = {
        "url": url,
        "ca": str(ca.resolve()),
        "credentials": str(beside.resolve()),
        "inbox_prefix": made.permissions.inbox,
        "user_id": made.permissions.user_id,
        "session_id": made.permissions.session_id,
        "token": login,
        "expires": made.expires_s,
    }
    return {name: value for name, value in whole.items() if value is not None}


def url_of(folder: Path) -> str:
    """The address of the broker of a fleet; UsageError where nobody is served from the folder.

    The same where others could have changed it, or the CA's certificate beside it: both lead clients.
    """
    for path in (folder.resolve(), folder / URL, folder / CA):
        unaltered(path)
    try:
        return (folder / URL).read_text("utf-8").strip()
    except FileNotFoundError:
        raise UsageError(
            f"--data: nobody is served from '{folder}': its `omnisession up --secure` has ended, or has "
            "not printed its address yet. Start it, or wait for that."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--data: the address in '{folder / URL}' cannot be read: {sentence(error)}."
        ) from error


def _secret_of(folder: Path) -> str:
    try:
        return read(folder / SECRET, OF_TOKENS)
    except FileNotFoundError:
        raise UsageError(
            f"--data: there is no file '{folder / SECRET}': the secret of the tokens was given to "
            "`omnisession up` by OMNISESSION_SECRET. Set it here as well."
        ) from None
    except OSError as error:
        raise UsageError(
            f"--data: {OF_TOKENS} in '{folder / SECRET}' cannot be read: {sentence(error)}."
        ) from error
