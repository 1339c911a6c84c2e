"""A file of JSON lines that holds whole lines only, whatever happens while it is written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class LineFile:
    """A new file that grows by whole lines; raises OSError where it cannot be made.

    Nothing is buffered: what `append` has returned from is in the file, and what it could not write
    whole, as on a full disk, is taken back, so that it may be tried again.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)
        self._size = 0
        self._torn: OSError | None = None
        """Why half a line stands at the end: nothing may be written behind it."""

    def append(self, lines: str) -> None:
        """Write lines, each with its end; raises OSError, and then none of them is in the file."""
        if self._torn is not None:
            raise self._torn
        data = memoryview(lines.encode())
        try:
            while data:
                data = data[self._file.write(data) :]
        except BaseException:
            # A signal may break it off as well as a full disk.
            self._take_back()
            raise
        self._size = self._file.tell()

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._file.fileno(), self._size)
            self._file.seek(self._size)
        except OSError as error:
            self._torn = error

    def close(self) -> None:
        """Finish the file; may be called again."""
        self._file.close()
