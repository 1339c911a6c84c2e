"""What makes a fleet secure: its broker's configuration, and by what its own connections are let in."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from omnisession_conformance.environment.access import Access, at
from omnisession_conformance.environment.keys import USER, bearer, creds, read_signing_seed
from omnisession_conformance.environment.tls import read_tls
from omnisession_conformance.environment.user_jwt import signed
from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.fleet.authority import certificates
from omnisession_conformance.fleet.keyring import FOLDER, keyring
from omnisession_conformance.fleet.operator import configuration
from omnisession_conformance.fleet.private import write
from omnisession_conformance.protocol.permissions import Permissions, granted, roles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from omnisession_conformance.fleet.keyring import Keyring

NOBODY: Final = "nobody"
"""The user as whom it is asked whether clients are served."""
LOOKING: Final = Permissions(
    role="looks",
    user_id=None,
    session_id=None,
    inbox=f"_INBOX.{NOBODY}",
    publish=("$SRV.PING.omnisession", f"session.{NOBODY}.{NOBODY}.control"),
    subscribe=(f"_INBOX.{NOBODY}.>",),
    deny=(),
    subs=None,
)
SERVERS: Final = f"{FOLDER}/server.creds"
"""The instances' own credentials, below the folder of a fleet."""
LOOKS_S: Final = 24 * 3_600
"""How long a start may take, for whoever looks whether clients are served."""


@dataclass(frozen=True, slots=True)
class Guard:
    """How the broker of a fleet is configured, and how the fleet's own connections come in.

    `lines` are the broker's, `env` is for the instances beside the address, `looking` is the way of whoever
    looks whether clients are served, without an address; `secrets` are those that an output might show.
    """

    lines: str = ""
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    looking: Access = field(default=Access(inbox=f"_INBOX.{NOBODY}"), repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    ca: Path | None = None

    def url(self, port: int) -> str:
        """The address of the broker."""
        return of_secure(port) if self.ca is not None else f"nats://127.0.0.1:{port}"

    def way(self, port: int) -> Access:
        """How to look whether clients are served."""
        return replace(self.looking, addresses=at(self.url(port)).addresses)


def of_secure(port: int) -> str:
    """The address of a broker that says nothing in clear."""
    return f"tls://127.0.0.1:{port}"


OPEN: Final = Guard()
"""Everybody is let in, and may do everything."""


def guard(folder: Path) -> Guard:
    """The guard of a folder, with keys and CA that are made once; raises UsageError.

    Instances connect with a file of credentials that is theirs: the row of a server with a journal.
    """
    keys, files = keyring(folder), certificates(folder)
    token, looks = admit_servers(folder, keys), _looking(keys)
    return Guard(
        lines=configuration(keys, files),
        env={
            "NATS_CREDS": str(folder / SERVERS),
            "NATS_CA": str(files.ca),
            "OMNISESSION_PROFILE": "secure",
        },
        looking=_way_of(looks, files.ca),
        secrets=(token, looks, keys.server),
        ca=files.ca,
    )


def admit_servers(folder: Path, keys: Keyring) -> str:
    """Write the instances' file of credentials, signed with the key that signs; returns their token."""
    of_server = granted(roles()["server"], journal=True)
    owner = read_signing_seed(keys.server, "the seed of the servers", USER).public
    now, account = int(time.time()), keys.account.public
    token = signed(of_server, keys.signing, account, now, None, owner=owner)
    try:
        write(folder / SERVERS, creds(token, keys.server))
    except OSError as error:
        raise UsageError(
            f"--data: '{folder / SERVERS}' cannot be written: {sentence(error)}."
        ) from error
    return token


def looking(keys: Keyring, ca: Path) -> Access:
    """The way of whoever looks whether clients are served, without an address."""
    return _way_of(_looking(keys), ca)


def _looking(keys: Keyring) -> str:
    return signed(LOOKING, keys.signing, keys.account.public, int(time.time()), LOOKS_S)


def _way_of(token: str, ca: Path) -> Access:
    tls = read_tls("--data", ca_file=ca)
    return Access(signer=bearer(token, "whoever looks"), tls=tls, inbox=LOOKING.inbox)
