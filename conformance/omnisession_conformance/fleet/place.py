"""The folder of a fleet: what is kept over its starts, for one of them at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.errors import UsageError, sentence

if TYPE_CHECKING:
    from collections.abc import Generator

LOCK, SECRET = "lock", "secret"


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

    Nobody but its owner may read the file. Raises UsageError where it cannot be read or written, is
    another user's, or others may use it.
    """
    if wanted:
        return wanted
    file = folder / SECRET
    try:
        with contextlib.suppress(FileExistsError):
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(made, "w", encoding="utf-8") as text:
                text.write(secrets.token_urlsafe(32) + "\n")
        with file.open(encoding="utf-8") as text:
            _only_ours(os.fstat(text.fileno()), file)
            found = text.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--data: the secret in '{file}' cannot be used: {sentence(error)}."
        ) from error
    if not found:
        raise UsageError(
            f"--data: '{file}' is empty: write the secret of the tokens, or remove it."
        )
    return found


def _only_ours(told: os.stat_result, file: Path) -> None:
    """Refuse what somebody else may have read or written: whoever knows the secret is any user."""
    if told.st_uid != os.geteuid():
        raise UsageError(
            f"--data: '{file}' is another user's. Make it your own and `chmod 600 {file}`, or remove it."
        )
    if stat.S_IMODE(told.st_mode) & 0o077:
        raise UsageError(
            f"--data: others may read or write '{file}'. Do `chmod 600 {file}`, or remove it for a new one."
        )
