"""How long this process has waited for a processor, where the system tells."""

from __future__ import annotations

from pathlib import Path

TOLD = Path("/proc/self/schedstat")
"""Nanoseconds on a processor, then nanoseconds in line for one (`sched-stats` of Linux)."""


def waited_s() -> float:
    """Seconds since it began in which it could have run and did not; 0 where nobody tells."""
    try:
        return int(TOLD.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
