"""Structured logs: one JSON object a line on standard error.

No body, no token and no session secret is ever logged.
"""

import contextlib
import json
import sys
import time
import traceback
from typing import Any

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Log:
    """Writes events at or above one level."""

    def __init__(self, level: str = "info") -> None:
        self._threshold = LEVELS[level]

    def debug(self, event: str, **members: Any) -> None:
        """Note a detail."""
        self._write("debug", event, members)

    def info(self, event: str, **members: Any) -> None:
        """Note a step in the life of the server or a session."""
        self._write("info", event, members)

    def warning(self, event: str, **members: Any) -> None:
        """Note something that a client or the broker did wrong."""
        self._write("warning", event, members)

    def error(self, event: str, **members: Any) -> None:
        """Note a fault of this server."""
        self._write("error", event, members)

    def failure(self, event: str, error: BaseException, **members: Any) -> None:
        """Note an unforeseen exception: type and place, not its text, which may quote a body."""
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        where = [f"{frame.name}:{frame.lineno}" for frame in frames]
        self._write("error", event, {"error": type(error).__name__, "where": where, **members})

    def _write(self, level: str, event: str, members: dict[str, Any]) -> None:
        if LEVELS[level] < self._threshold:
            return
        line = {"time": round(time.time(), 3), "level": level, "event": event, **members}
        with contextlib.suppress(OSError, ValueError):  # whoever read the log has gone
            sys.stderr.write(json.dumps(line) + "\n")
            sys.stderr.flush()
