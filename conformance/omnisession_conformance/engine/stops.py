"""How a case ends early."""

from __future__ import annotations

from omnisession_conformance.protocol.excuses import Excuse


class Prerequisite(Exception):  # noqa: N818 - it says what was missing, not that the kit is wrong
    """A step that a case builds on did not happen: what it would have judged is NOT_RUN.

    The requirement that the missing step belongs to is judged by its own case or sweep.
    """


class Excused(Prerequisite):
    """What the case needs is missing for a reason on the closed list: NOT_RUN, excused."""

    def __init__(self, excuse: Excuse, reason: str) -> None:
        super().__init__(reason)
        self.excuse = excuse


class FixtureTooSmall(Excused):
    """The fixture has not what the case needs, which is no fault of the target: NOT_RUN, excused."""

    def __init__(self, reason: str) -> None:
        super().__init__(Excuse.FIXTURE, reason)


class NotOffered(Prerequisite):
    """The specification leaves a thing to the server, and this one has it not: NOT_CLAIMED."""


class NoRoom(Prerequisite):
    """A limit that the target advertises may have cut off what the case looks for.

    Other cases fill its lists too, so the case is run again alone. What finds no room even then is
    NOT_RUN: a list at its floor has room for a case.
    """


class KitTooSlow(Prerequisite):
    """The kit did not do its own part in time, so nobody can be blamed: INCONCLUSIVE."""


class Unfit(Prerequisite):
    """What stands between kit and target is at fault, so nothing that it shows counts: the run is lost."""
