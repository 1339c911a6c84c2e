"""What an operator keeps in files, and a server reads again when they have changed."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from omnisession_reference.keys import AccessError
from omnisession_reference.log import Log

LOOK_S = 1.0
"""How often files are looked at, at most."""
V = TypeVar("V")
Stamp = tuple[int, int, int, int]


class Reread(Generic[V]):
    """The value that files have now. What cannot be used leaves it as it is, and is told once.

    `name` begins the events of the log, and `told` says of a value what is logged with them.
    """

    def __init__(
        self,
        name: str,
        files: Sequence[Path],
        read: Callable[[Sequence[Path]], V],
        told: Callable[[V], dict[str, Any]],
        log: Log | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the files; raises AccessError for what no server can be started with."""
        self._name = name
        self._files = tuple(files)
        self._read = read
        self._told = told
        self._log = log
        self._now = now
        # Of what was read last; what failed has none, and is tried again at each look.
        self._stamps = [_stamp(path) for path in self._files]
        self._value = read(self._files)
        self._failed = ""
        self._looked = now()

    @property
    def value(self) -> V:
        """What the files hold, as of a moment ago."""
        now = self._now()
        if self._files and now - self._looked >= LOOK_S:
            self._looked = now
            self._look()
        return self._value

    def _look(self) -> None:
        stamps = [_stamp(path) for path in self._files]
        if stamps == self._stamps:
            self._failed = ""
            return
        try:
            self._value = self._read(self._files)
        except AccessError as error:
            self._keep(str(error))
            return
        self._stamps, self._failed = stamps, ""
        if self._log is not None:
            self._log.info(f"{self._name}_read", **self._told(self._value))

    def _keep(self, why: str) -> None:
        if self._log is not None and why != self._failed:
            self._log.error(f"{self._name}_kept", why=why)
        self._failed = why


def _stamp(path: Path) -> Stamp | None:
    """What changes with a file, also with who may read it; None where there is none."""
    try:
        told = path.stat()
    except (OSError, ValueError):
        return None
    return told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino
