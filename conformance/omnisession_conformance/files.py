"""Files in folders that others may write to as well, above all the program under test."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import select
import stat
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO, RawIOBase
    from pathlib import Path
    from typing import BinaryIO, Self

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
WRITER_WITHIN_S = 2.0
"""How long somebody may take to write to a pipe that stands in the place of a file."""
_AT_A_TIME = 2**20
_TRIES = 100
MB = 2**20


def read_file(path: Path, most: int) -> bytes:
    """What is in a file, or comes through a pipe to which somebody writes, if it is no more than `most`.

    Raises OSError in the words of the system where it can't be read, or is larger, or no file.
    """
    number = os.open(path, _READ)
    try:
        told = os.fstat(number)
        if stat.S_ISDIR(told.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if told.st_size > most:
            raise _too_large(most, path)
        if stat.S_ISFIFO(told.st_mode):
            return b"".join(_from_pipe(number, most, path))
        if not stat.S_ISREG(told.st_mode) and not _is_null(told):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        with os.fdopen(number, "rb", buffering=0, closefd=False) as file:
            return bounded(file, most, path)
    finally:
        os.close(number)


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


class Folder:
    """A folder that stays the one it was opened as, whatever is put in its place or its parents' meanwhile.

    It is made where there is none. Raises OSError where it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._number = os.open(path, _FOLDER)
        try:
            self._above = os.open("..", _FOLDER, dir_fd=self._number)
        except BaseException:
            os.close(self._number)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it; may be called again."""
        numbers, self._number, self._above = (self._number, self._above), -1, -1
        for number in numbers:
            if number >= 0:
                os.close(number)

    @property
    def in_place(self) -> bool:
        """Whether its path still leads to it."""
        try:
            here, mine = os.stat(self.path), os.fstat(self._number)  # noqa: PTH116 - as the next
        except OSError:
            return False
        return (here.st_dev, here.st_ino) == (mine.st_dev, mine.st_ino)

    def renew_if_gone(self) -> None:
        """Make a new one where somebody has removed it, beside what stands in its place if anything does.

        Raises OSError where none can be made there, which is where it was, whatever its path leads to.
        """
        if os.fstat(self._number).st_nlink:
            return
        name = self.path.name
        try:
            os.mkdir(name, dir_fd=self._above)
        except FileExistsError:
            name = f"{name}-{secrets.token_hex(4)}"
            os.mkdir(name, dir_fd=self._above)
        number = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=self._above)
        os.dup2(number, self._number, inheritable=False)
        os.close(number)
        self.path = self.path.with_name(name)

    def new_file(self, name: str) -> FileIO:
        """A new file, without a buffer, in the place of what stands there; raises OSError.

        Where a link stood, what it leads to stays as it is: whoever planted it does not choose what is
        written over.
        """
        for left in reversed(range(_TRIES)):
            self.remove(name)
            try:
                return os.fdopen(os.open(name, _NEW, 0o666, dir_fd=self._number), "wb", buffering=0)
            except FileExistsError:
                # Somebody puts one there in the moment between.
                if not left:
                    raise
        raise AssertionError

    def write_new(self, name: str, data: bytes) -> None:
        """Write a new file as a whole, or none at all; raises OSError as `new_file` does.

        It is made under a name that nobody knows, and takes its own when it is whole.
        """
        part = f".{secrets.token_hex(8)}.part"
        rest = memoryview(data)
        try:
            with self.new_file(part) as file:
                while rest:
                    rest = rest[file.write(rest) :]
            os.rename(part, name, src_dir_fd=self._number, dst_dir_fd=self._number)
        except BaseException:
            with contextlib.suppress(OSError):
                self.remove(part)
            raise

    def remove(self, name: str) -> None:
        """Take a file, or a link, away, if there is any; raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._number)


def is_as_written(path: Path, mine: os.stat_result, size: int, crc: int) -> bool:
    """Whether a path still leads to a file, of that size and with that content; follows no link."""
    try:
        number = os.open(path, _READ | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        here = os.fstat(number)
        if (here.st_dev, here.st_ino, here.st_size) != (mine.st_dev, mine.st_ino, size):
            return False
        return _sum_of(number) == crc
    except OSError:
        return False
    finally:
        os.close(number)


def _sum_of(number: int) -> int:
    found = 0
    while part := os.read(number, _AT_A_TIME):
        found = zlib.crc32(part, found)
    return found
