"""Whether a report that counts is complete: what has come by the gate, beside what the client has handled.

A client counts for one session, from its subscription on. Where a subscription ends, by an UNSUB or with
its connection, what was under way there may be handled or lost, and the count may go on or begin anew:
the page on the contract leaves both to the client. Where nothing was under way that is found out exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.gate.counting import Count


class Reading(Enum):
    """What a report says of itself."""

    BEHIND = "not everything is handled that had come"
    COMPLETE = "everything is"
    LIKELY = "everything is, as far as a client that stands still tells"
    ABOVE = "more is said to be handled than has come"
    ELSEWHERE = "it is of another session, or a subscription has ended: look again"


@dataclass(frozen=True, slots=True)
class _Base:
    """So much was handled when so many had come; `sure` unless the client has only stood still there."""

    handled: int = 0
    live: int = 0
    total: int = 0
    sure: bool = True

    @classmethod
    def at(cls, now: Count, handled: int, *, sure: bool) -> _Base:
        """From here on it counts what comes to subscriptions in force: of others nobody knows."""
        return cls(handled, now.live, now.total, sure)

    def wanted(self, count: Count) -> int:
        """How much is handled when all of that is."""
        return self.handled + count.live - self.live


class Meter:
    """One for each session of the contract: it remembers from fence to fence where counts began."""

    def __init__(self) -> None:
        self._session: str | None = None
        self._ends = 0
        self._base: _Base | None = _Base()
        """None while it is not known where the count goes on."""
        self._before = _Base()
        self._quiet_at: int | None = 0
        """How many had come when all of them were handled."""

    def read(
        self, session: str | None, least: Count, now: Count, handled: int, *, still: bool
    ) -> Reading:
        """Read a report of a session.

        `least` had come before it was asked for, `now` when it was there. `still` says that the report
        before had the same count, with a pause and an answer of the client between the two.
        """
        self._begin(session, now)
        if least.ends != now.ends:
            return Reading.ELSEWHERE
        if self._base is None:
            self._base = self._found(now, handled)
        if self._base is None:
            if not still:
                return Reading.BEHIND
            self._base = _Base.at(now, handled, sure=False)
        return self._read(self._base, least, now, handled)

    def _begin(self, session: str | None, now: Count) -> None:
        if session != self._session:
            self._session, self._ends, self._base, self._before = session, 0, _Base(), _Base()
            self._quiet_at = 0
        if now.ends != self._ends:
            self._ends = now.ends
            self._before = self._base or self._before
            self._base = None

    def _found(self, now: Count, handled: int) -> _Base | None:
        """Where the count goes on, or begins anew, where that can only be one."""
        before = self._before
        goes_on = before.handled + now.total - before.total
        if handled >= goes_on:
            return _Base.at(now, goes_on, sure=before.sure)
        nothing_lost = self._quiet_at is not None and self._quiet_at == now.ended
        if nothing_lost and handled < before.handled + now.ended - before.total:
            return _Base(0, 0, now.ended, before.sure)
        return None

    def _read(self, base: _Base, least: Count, now: Count, handled: int) -> Reading:
        if handled > base.wanted(now):
            if base.sure:
                return Reading.ABOVE
            # It only stood still a while.
            self._base = base = _Base.at(now, handled, sure=False)
        if handled < base.wanted(least):
            return Reading.BEHIND
        self._quiet_at = now.total if handled == base.wanted(now) else None
        return Reading.COMPLETE if base.sure else Reading.LIKELY
