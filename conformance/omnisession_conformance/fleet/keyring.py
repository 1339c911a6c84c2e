"""The keys of a fleet in operator mode: made once, kept in a folder of their own, and used again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.environment.keys import (
    ACCOUNT,
    OPERATOR,
    USER,
    is_account,
    new_seed,
    read_signing_seed,
)
from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.fleet.private import kept, read

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.environment.keys import SigningKey

FOLDER = "secrets"
"""Below the folder of a fleet; nobody but its owner may look into it."""
SIGNING, NEXT, BEFORE = "signing.seed", "signing.next", "signing.before"
"""The seed that signs, the one that is to sign from now on, and the public key of the one before."""
NOT_SECURE = (
    "--data: '{folder}' has no keys: it is not the folder of an `omnisession up --secure`. "
    "Start that with this folder first, or name the folder that it was given."
)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Who vouches for whom: the operator for the accounts, and a key of the account for its users.

    `system` is the account that the broker speaks of itself in; nobody has credentials for it. `signing`
    signs the tokens of the users of `account`, as did the one whose public key is `before`, which still
    counts. `server` is the seed of the servers' user. `made_s` is when all began.
    """

    operator: SigningKey
    system: SigningKey
    account: SigningKey
    signing: SigningKey
    before: str | None
    server: str = field(repr=False)
    made_s: int


def keyring(folder: Path) -> Keyring:
    """The keys of a fleet's folder, which are made where they are not there yet.

    Raises UsageError where a file cannot be used, or others may use it.
    """
    own = folder / FOLDER
    try:
        own.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--data: '{own}' cannot be made: {sentence(error)}.") from error
    server = kept(own / "server.seed", lambda: new_seed(USER), "the seed of the servers")
    read_signing_seed(server, f"--data: '{own / 'server.seed'}'", USER)
    operator = _key(own / "operator.seed", OPERATOR)
    return Keyring(
        operator=operator,
        system=_key(own / "system.seed", ACCOUNT),
        account=_key(own / "account.seed", ACCOUNT),
        signing=_key(own / SIGNING, ACCOUNT),
        before=_before(own / BEFORE),
        server=server,
        made_s=int((own / "operator.seed").stat().st_mtime),
    )


def is_secure(folder: Path) -> bool:
    """Whether a folder has keys: whether it was started with --secure."""
    return (folder / FOLDER).is_dir()


def signing_key(folder: Path) -> tuple[SigningKey, str]:
    """What tokens of users are signed with, and the public key of their account; makes nothing.

    Raises UsageError where the folder has no keys, or they cannot be used.
    """
    own = folder / FOLDER
    found = [_there(own / name, folder) for name in (SIGNING, "account.seed")]
    return found[0], found[1].public


def _before(file: Path) -> str | None:
    """The public key that signed before; what is none would keep the broker from its start."""
    try:
        found = read(file, "the public key")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"--data: '{file}' cannot be read: {sentence(error)}.") from error
    if not is_account(found):
        raise UsageError(f"--data: '{file}' holds no public key of an account. Remove it.")
    return found


def _there(file: Path, folder: Path) -> SigningKey:
    try:
        return read_signing_seed(read(file, "its seed"), f"--data: '{file}'")
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(NOT_SECURE.format(folder=folder)) from None
    except OSError as error:
        raise UsageError(f"--data: '{file}' cannot be read: {sentence(error)}.") from error


def _key(file: Path, kind: int) -> SigningKey:
    seed = kept(file, lambda: new_seed(kind), "its seed")
    return read_signing_seed(seed, f"--data: '{file}'", kind)
