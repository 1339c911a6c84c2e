"""Files that their owner alone may use: made once, and refused where somebody else may have read them."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from typing import TYPE_CHECKING

from omnisession_conformance.errors import UsageError, sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OWN = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def kept(file: Path, make: Callable[[], str], what: str) -> str:
    """What a file holds, without white space around it; what `make` gives where there is no file yet.

    Raises UsageError, which says `what` it is, where the file cannot be read or written, is empty or
    another user's, or others may use it.
    """
    try:
        with contextlib.suppress(FileExistsError):
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN)
            with os.fdopen(made, "w", encoding="utf-8") as text:
                text.write(f"{make()}\n")
        return read(file, what)
    except OSError as error:
        raise UsageError(
            f"--data: {what} in '{file}' cannot be used: {sentence(error)}."
        ) from error


def read(file: Path, what: str) -> str:
    """What a file holds that is there; raises OSError where it is not, and UsageError as `kept` does."""
    try:
        with file.open(encoding="utf-8") as text:
            _only_ours(os.fstat(text.fileno()), file)
            found = text.read().strip()
    except UnicodeDecodeError as error:
        raise UsageError(
            f"--data: {what} in '{file}' cannot be used: {sentence(error)}."
        ) from error
    if not found:
        raise UsageError(f"--data: '{file}' is empty: write {what}, or remove it.")
    return found


def write(file: Path, text: str) -> None:
    """Write a file that its owner alone may read, as a whole or not at all; raises OSError."""
    part = file.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(part, _NEW, OWN), "w", encoding="utf-8") as new:
            new.write(text)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def own_folder(folder: Path) -> None:
    """Refuse a folder that is another user's, or that others may look into; UsageError says the way out.

    Keys and sessions are kept there, and whoever may write there puts files in the place of others.
    """
    told = _looked_at(folder)
    if told.st_uid != os.geteuid():
        raise UsageError(f"--data: '{folder}' is another user's. Name a folder of your own.")
    if stat.S_IMODE(told.st_mode) & 0o077:
        raise UsageError(
            f"--data: others may look into '{folder}' or write there, and keys and sessions are kept in "
            f"it. Do `chmod 700 {folder}`, or name another folder."
        )


def unaltered(path: Path) -> None:
    """Refuse what is no secret, but what others could have put there or changed; raises UsageError.

    What is not there is somebody else's to tell.
    """
    try:
        told = _looked_at(path)
    except FileNotFoundError:
        return
    if told.st_uid != os.geteuid():
        raise UsageError(
            f"--data: '{path}' is another user's, who could lead clients anywhere by it. Remove it, and "
            "start `omnisession up --secure` again."
        )
    if stat.S_IMODE(told.st_mode) & 0o022:
        raise UsageError(
            f"--data: others may write '{path}', and could lead clients anywhere by it. Look what it "
            f"holds, and do `chmod go-w {path}`."
        )


def _looked_at(path: Path) -> os.stat_result:
    """What the system says of a file or folder; a link in a folder of one's own is one's own."""
    try:
        return path.stat()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UsageError(f"--data: '{path}' cannot be used: {sentence(error)}.") from error


def _only_ours(told: os.stat_result, file: Path) -> None:
    """Refuse what somebody else may have read or written: whoever knows a secret is whoever has it."""
    if told.st_uid != os.geteuid():
        raise UsageError(
            f"--data: '{file}' is another user's. Make it your own and `chmod 600 {file}`, or remove it."
        )
    if stat.S_IMODE(told.st_mode) & 0o077:
        raise UsageError(
            f"--data: others may read or write '{file}'. Do `chmod 600 {file}`, or remove it for a new one."
        )
