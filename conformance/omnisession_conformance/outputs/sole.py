"""Keeps two runs from writing into one folder: their files would be mixed, and nobody would be told.

The folder itself is locked by an open handle. So nothing lies there that a dead process has left, the
lock ends with whoever holds it, and a folder has one lock, whatever it is called.
"""

from __future__ import annotations

import errno
import fcntl
import os
from typing import TYPE_CHECKING

from omnisession_conformance.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class SoleWriter:
    """Holds a folder from its making to `close`, so that no other run writes there.

    The folder is made where there is none. Raises UsageError where another run holds it, and OSError
    where it cannot be made. `another` are words for the way out.
    """

    def __init__(self, folder: Path, another: str) -> None:
        self._handle: int | None = None
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._handle = os.open(folder, _DIRECTORY)
        except OSError:
            # Who may write there, but not look, is not kept from it; nor does anything keep others.
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.close()
            if error.errno in _TAKEN:
                raise UsageError(
                    f"Another run writes its report to '{folder}' just now. Wait for its end, or name "
                    f"{another}."
                ) from error
            # There are file systems that know no locks.

    def close(self) -> None:
        """Let others write there."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
