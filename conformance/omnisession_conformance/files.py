"""Files in folders that others may write to as well, above all the program under test."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


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
