"""How a case ends early."""

from __future__ import annotations


class Prerequisite(Exception):  # noqa: N818 - it says what was missing, not that the kit is wrong
    """A step that a case builds on did not happen: what it would have judged is NOT_RUN.

    The requirement that the missing step belongs to is judged by its own case or sweep.
    """


class FixtureTooSmall(Prerequisite):
    """The fixture has not what the case needs, which is no fault of the target: NOT_RUN, excused."""


class NoRoom(Prerequisite):
    """A limit that the target advertises may have cut off what the case looks for.

    That is no fault of the target. Other cases fill its lists too, so the case is run again alone;
    what finds no room even then is NOT_RUN, excused.
    """


class KitTooSlow(Prerequisite):
    """The kit did not do its own part in time, so nobody can be blamed: INCONCLUSIVE."""
