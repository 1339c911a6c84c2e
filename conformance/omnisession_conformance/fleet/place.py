"""The folder of a fleet: what is kept over its starts, for one of them at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.fleet.private import kept

if TYPE_CHECKING:
    from collections.abc import Generator

LOCK, SECRET = "lock", "secret"
JOURNAL = "n1"
"""The folder of the broker, or of its first node, with what it keeps."""
OTHERS = "n2"
"""The folder of the second node, where there are three."""
OF_TOKENS = "the secret of the tokens"


@contextlib.contextmanager
def place(wanted: Path | None) -> Generator[Path]:
    """Have a folder for the length of the block: a new one that stays, or one that is wanted.

    Raises UsageError where it cannot be used, or somebody else uses it.
    """
    try:
        folder = _folder(wanted)
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        # The folder for temporary ones is not known where there is none that can be written.
        tried = wanted or tempfile.tempdir or "a temporary folder"
        raise UsageError(f"--data: '{tried}' cannot be used: {sentence(error)}.") from error
    try:
        _lock(lock, folder)
        yield folder
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(
            f"--data: another `omnisession up` runs on '{folder}'. End it, or name another folder."
        ) from None
    except OSError as error:
        # Some file systems of a network have no locks: two fleets would write into one journal.
        raise UsageError(
            f"--data: '{folder}' cannot be locked: {sentence(error)}. Name a folder of a local disk."
        ) from error


def _folder(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="omnisession-up-"))
    wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
    return wanted.resolve()


def secret_of(folder: Path, wanted: str | None) -> str:
    """The secret that signs the tokens of users: as wanted, or of a file of the folder, made once.

    Raises UsageError where the file cannot be used, see `private.kept`.
    """
    if wanted:
        return wanted
    return kept(folder / SECRET, lambda: secrets.token_urlsafe(32), OF_TOKENS)
