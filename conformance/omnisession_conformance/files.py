"""Files in folders that others may write to as well, above all the program under test."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO, RawIOBase
    from pathlib import Path
    from typing import BinaryIO

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
WRITER_WITHIN_S = 2.0
"""How long somebody may take to write to a pipe that stands in the place of a file."""
_AT_A_TIME = 2**20
MB = 2**20


def read_file(path: Path, most: int) -> bytes:
    """What is in a file, or comes through a pipe to which somebody writes, if it is no more than `most`.

    Raises OSError in the words of the system where it can't be read, or is larger, or no file.
    """
    number = os.open(path, _READ)
    with os.fdopen(number, "rb", buffering=0) as file:
        told = os.fstat(number)
        if told.st_size > most:
            raise _too_large(most, path)
        if stat.S_ISFIFO(told.st_mode):
            return b"".join(_from_pipe(number, most, path))
        if stat.S_ISDIR(told.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(told.st_mode) and not _is_null(told):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        return bounded(file, most, path)


def bounded(file: RawIOBase | BinaryIO, most: int, path: Path | str) -> bytes:
    """All that is left of a file that is open; raises OSError where it is more than `most` bytes."""
    parts: list[bytes] = []
    room = most + 1
    while room and (part := file.read(min(room, _AT_A_TIME))):
        parts.append(part)
        room -= len(part)
    if not room:
        raise _too_large(most, path)
    return b"".join(parts)


def _from_pipe(number: int, most: int, path: Path) -> Iterator[bytes]:
    coming = select.poll()
    coming.register(number, select.POLLIN)
    room = most
    while True:
        ready = coming.poll(WRITER_WITHIN_S * 1_000)
        try:
            part = os.read(number, _AT_A_TIME)
        except BlockingIOError:
            # Somebody has it open, and takes time.
            continue
        if not part and not ready:
            raise OSError(errno.EINVAL, "it is a pipe, and nobody writes to it", str(path))
        if not part:
            return
        room -= len(part)
        if room < 0:
            raise _too_large(most, path)
        yield part


def _is_null(told: os.stat_result) -> bool:
    return stat.S_ISCHR(told.st_mode) and told.st_rdev == os.stat(os.devnull).st_rdev  # noqa: PTH116


def _too_large(most: int, path: Path | str) -> OSError:
    return OSError(errno.EFBIG, f"it holds more than {most // MB} MB", str(path))


def new_file(path: Path) -> FileIO:
    """A new file, without a buffer, in the place of what stands there; raises OSError.

    Where a link stood, what it leads to stays as it is: whoever planted it does not choose what is
    written over.
    """
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    return os.fdopen(os.open(path, _NEW, 0o666), "wb", buffering=0)


def write_new(path: Path, data: bytes) -> None:
    """Write a new file as a whole, or none at all; raises OSError as `new_file` does."""
    rest = memoryview(data)
    with new_file(path) as file:
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            raise
