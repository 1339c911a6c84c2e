"""The output of an instance, in a file of the fleet's folder: of the last run, and bounded."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from omnisession_conformance.errors import UsageError, sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST_BYTES = 2**20
"""Of one file. What is longer goes on in a new one, and the one before is kept as `….log.old`."""
FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


class Log:
    """A file of lines, begun anew, that its owner alone may read; each is written as `hide` has it."""

    def __init__(self, file: Path, hide: Callable[[str], str]) -> None:
        """Begin it; UsageError where it cannot be written."""
        self._file, self._hide, self._size = file, hide, 0
        self._old = file.with_name(f"{file.name}.old")
        try:
            self._old.unlink(missing_ok=True)
            os.close(os.open(file, FLAGS, 0o600))
        except OSError as error:
            raise UsageError(f"--data: '{file}' cannot be written: {sentence(error)}.") from error

    def write(self, line: str) -> None:
        """Add a line; where the disk has no room it is lost, and its instance goes on."""
        data = (self._hide(line) + "\n").encode("utf-8", "replace")
        with contextlib.suppress(OSError):
            if self._size + len(data) > MOST_BYTES:
                self._file.replace(self._old)
                self._size = 0
            flags = FLAGS & ~os.O_TRUNC | os.O_APPEND
            with os.fdopen(os.open(self._file, flags, 0o600), "ab", buffering=0) as file:
                self._size += file.write(data)
