"""How the command ends, as a number that scripts look at."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of the command."""

    CONFORMANT = 0
    NOT_CONFORMANT = 1
    INTERRUPTED = 2
    NO_VERDICT = 3
    """The kit, the broker or the target did not let the run come to a verdict."""
    USAGE = 4
    NOTHING_RAN = 5
