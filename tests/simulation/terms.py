"""The times that a server of a simulation grants: shorter than usual, so that more happens."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omnisession_reference import protocol
from omnisession_reference.protocol import LIMITS, Timers

if TYPE_CHECKING:
    from collections.abc import Generator

TIMERS = Timers(heartbeat_ms=5_000, resume_window_ms=20_000)
OUTCOMES_MS = 30_000
AWAY_MS = TIMERS.resume_window_ms + OUTCOMES_MS
"""Whoever was away for so long takes nothing along that it had sent."""


@contextlib.contextmanager
def in_force() -> Generator[None]:
    """Have these times and limits for a while, as the command line of the server sets others."""
    timers, limits = protocol.DEFAULT_TIMERS, dict(LIMITS)
    protocol.DEFAULT_TIMERS = TIMERS
    LIMITS["outcomes_ms"] = OUTCOMES_MS
    try:
        yield
    finally:
        protocol.DEFAULT_TIMERS = timers
        LIMITS.clear()
        LIMITS.update(limits)
