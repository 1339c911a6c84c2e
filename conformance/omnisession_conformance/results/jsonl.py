"""A file of JSON lines that holds whole lines only, whatever happens while it is written.

One whose name ends with `.gz` is packed; whoever reads looks at what is in the file, not at its name.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.errors import KitError
from omnisession_conformance.files import MB, Folder, is_as_written, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKED = ".gz"
MOST_BYTES = 1_024 * MB
"""What a packed file may hold: more than any run writes, and a few kilobytes may claim to hold more."""
MOST_OF_LINE = 128 * MB
"""A message of the longest that a broker takes is not longer, though most of it be escapes."""
MOST_LINES = 10_000_000
_MAGIC = b"\x1f\x8b"
_GZIP = 31
"""The number by which zlib is told that its format is gzip's."""
_LEVEL = 1
"""Packs a transcript sixteenfold for a tenth of a second; the next levels cost more than they save."""
_AT_A_TIME = 2**20


class DamagedError(ValueError):
    """A packed file does not hold what was packed."""


class ChangedError(KitError):
    """Somebody else has changed a file while it was written (exit 3)."""


class LineFile:
    """A new file that grows by whole lines, in a folder that is open or else that of its path.

    Raises OSError where it cannot be made.

    Nothing is buffered: what `append` has returned from is in the file, and what it could not write
    whole, as on a full disk, is taken back, so that it may be tried again. What is packed is flushed as
    well, so that it can be read though the file has no end yet.
    """

    def __init__(self, path: Path, folder: Folder | None = None) -> None:
        self._path = path
        if folder is None:
            with Folder(path.parent) as found:
                self._file = found.new_file(path.name)
        else:
            self._file = folder.new_file(path.name)
        self._size = 0
        self._sum = 0
        self._torn: OSError | None = None
        """Why half a line stands at the end: nothing may be written behind it."""
        self._packer = (
            zlib.compressobj(_LEVEL, wbits=_GZIP, memLevel=9) if path.suffix == PACKED else None
        )

    def append(self, lines: str) -> None:
        """Write lines, each with its end; raises OSError, and then none of them is in the file."""
        if self._torn is not None:
            raise self._torn
        if not lines:
            return
        data = lines.encode()
        if self._packer is None:
            self._write(data)
            return
        # What cannot be written must not have been packed either: the rest builds on it.
        packer = self._packer.copy()
        self._write(packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))
        self._packer = packer

    def _write(self, packed: bytes) -> None:
        data = memoryview(packed)
        try:
            while data:
                data = data[self._file.write(data) :]
        except BaseException:
            # A signal may break it off as well as a full disk.
            self._take_back()
            raise
        self._size = self._file.tell()
        self._sum = zlib.crc32(packed, self._sum)

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._file.fileno(), self._size)
            self._file.seek(self._size)
        except OSError as error:
            self._torn = error

    def check(self) -> None:
        """See whether the file holds what was written; raises ChangedError where it does not.

        Who cuts a file off while it is written leaves a hole of zeros, at the end of which all is as it
        was: only its content tells.
        """
        mine = os.fstat(self._file.fileno())
        if not is_as_written(self._path, mine, self._size, self._sum):
            raise ChangedError(
                f"something else has changed {self._path} while it was written. The server under test, "
                "or another run with this folder? Give each run a folder of its own with --report."
            )

    def close(self) -> None:
        """Finish the file; may be called again. Raises OSError where its end cannot be written."""
        packer, self._packer = self._packer, None
        try:
            if packer is not None and self._torn is None:
                self._write(packer.flush(zlib.Z_FINISH))
        finally:
            self._file.close()


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a file by its number; `whole` where it has its end."""

    number: int
    text: str
    whole: bool = True


def read_lines(path: Path) -> Iterator[TextLine]:
    """The lines of a file that are not empty, packed or not; what is no UTF-8 in them is replaced.

    They come one by one, so that a file which is none of ours is seen for that by its first. A packed one
    that was cut off holds what there is of it. Raises OSError, and DamagedError where what is in it was
    not packed, or is more than any run writes.
    """
    data = read_file(path, MOST_BYTES)
    parts = _unpacked(data) if data.startswith(_MAGIC) else iter((data,))
    number, rest = 0, list[bytes]()
    for part in parts:
        first, *others = part.split(b"\n")
        rest.append(first)
        if sum(map(len, rest)) > MOST_OF_LINE:
            raise DamagedError(f"a line of it is longer than {MOST_OF_LINE // MB} MB")
        for further in others:
            number += 1
            if number > MOST_LINES:
                raise DamagedError(f"it has more than {MOST_LINES} lines")
            if line := b"".join(rest):
                yield TextLine(number, line.decode("utf-8", "replace"))
            rest = [further]
    if line := b"".join(rest):
        yield TextLine(number + 1, line.decode("utf-8", "replace"), whole=False)


def read_text(path: Path) -> str:
    """All lines of a file; see `read_lines` for what is read and raised."""
    return "".join(f"{line.text}\n" if line.whole else line.text for line in read_lines(path))


def _unpacked(data: bytes) -> Iterator[bytes]:
    room = MOST_BYTES
    # A file may be made of several, each with its own end, as `cat` makes them.
    while data:
        if not data.startswith(_MAGIC):
            raise DamagedError("something that was not packed stands behind its end")
        unpacker = zlib.decompressobj(_GZIP)
        while data and not unpacker.eof:
            try:
                part = unpacker.decompress(data, _AT_A_TIME)
            except zlib.error as error:
                why = str(error).rpartition(": ")[2]
                raise DamagedError(f"what was packed in it is damaged: {why}") from error
            room -= len(part)
            if room < 0:
                raise DamagedError(f"it unpacks to more than {MOST_BYTES // MB} MB")
            yield part
            data = unpacker.unconsumed_tail
        yield b"" if unpacker.eof else unpacker.flush()
        data = unpacker.unused_data
