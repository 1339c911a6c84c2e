"""Requests and actions on their way: what came of them is a query on the log with a deadline."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, TypeVar

from omnisession_conformance.engine.silence import SHORT_S, Silence
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.reading.trace import OUTCOMES
from omnisession_conformance.roles.server.reply import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.engine.clock import Clock
    from omnisession_conformance.engine.places import Places
    from omnisession_conformance.roles.server.view import SessionView
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.record import Record

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a case waits for what the protocol has a server send within its bound."""

    clock: Clock
    silence: Silence
    places: Places
    case: str

    async def wait(
        self, what: str, of: str, find: Callable[[float], Awaitable[T | None]], sent_s: float = inf
    ) -> T | None:
        """Wait in full, or shortly for what never came; see `engine.silence`.

        It never came when nothing of the sort did, none of that type, or none of it in this case.
        """
        names = (what, f"{what} {of}", f"{what} {of} in {self.case}")
        passed_s = max(0.0, time.monotonic() - sent_s)
        bound_s = self.silence.wait_s(names, self.clock.answer_s, self.case, passed_s=passed_s)
        at_first_s = min(bound_s, SHORT_S) if self.silence.doubts(names[:2]) else bound_s
        found = await find(at_first_s)
        if found is None and at_first_s < bound_s:
            self.places.give_up(self.case)
            found = await find(bound_s - at_first_s)
        if found is not None:
            self.silence.heard(names)
        elif not self.clock.blames_nobody(bound_s):
            self.silence.missed(names)
        return found


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A control request on its way."""

    log: Log
    patience: Patience
    type: str
    inbox: str
    sent_s: float = field(default_factory=time.monotonic)
    """When it was published, on the monotonic clock."""

    def _find(self) -> Answer | None:
        came = self.log.on(self.inbox)
        return Answer(came[0]) if came else None

    async def answer(self, timeout_s: float | None = None) -> Answer | None:
        """The answer, or None when it did not come within the protocol's bound."""

        async def wait(timeout_s: float) -> Answer | None:
            return await self.log.wait((self.inbox,), self._find, timeout_s=timeout_s)

        if timeout_s is not None:
            return await wait(timeout_s)
        return await self.patience.wait("an answer", f"to {self.type}", wait, self.sent_s)

    async def must(self) -> Answer:
        """The answer; Prerequisite when it did not come."""
        found = await self.answer()
        if found is None:
            raise Prerequisite(f"{self.type} was not answered within 2 s")
        return found


@dataclass(frozen=True, slots=True)
class PendingAction:
    """A copy of an action on its way; `ordinal` counts the copies that its session sent, from 0."""

    session: SessionView
    patience: Patience
    action_id: str | None
    type: str
    inbox: str
    ordinal: int
    applied: Callable[[Answer], None]
    """Told of an outcome that says the action was applied."""
    sent_s: float = field(default_factory=time.monotonic)
    """When it was published, on the monotonic clock."""

    def on_control(self) -> Record | None:
        """The outcome of this copy as `.control` carried it, if it did by now."""
        told = [
            record
            for record in self.session.pushes
            if record.type in OUTCOMES and record.payload.get("action_id") == self.action_id
        ]
        return told[self.ordinal] if len(told) > self.ordinal else None

    def _find(self) -> Answer | None:
        if self.inbox and (came := self.session.log.on(self.inbox)):
            return Answer(came[0])
        pushed = self.on_control() if self.action_id is not None else None
        return Answer(pushed) if pushed is not None else None

    async def outcome(self, timeout_s: float | None = None) -> Answer | None:
        """The outcome, or None when it did not come within the protocol's bound.

        Read from `.control` or the inbox, whichever has it first: that both carry it, and the same,
        is judged by the sweep of ACTION-002.
        """
        topics = (*self.session.topics, self.inbox) if self.inbox else self.session.topics

        async def wait(timeout_s: float) -> Answer | None:
            return await self.session.log.wait(topics, self._find, timeout_s=timeout_s)

        if timeout_s is not None:
            found = await wait(timeout_s)
        else:
            found = await self.patience.wait("an outcome", f"of {self.type}", wait, self.sent_s)
        if found is not None and found.status == "applied":
            self.applied(found)
        return found

    async def must(self) -> Answer:
        """The outcome; Prerequisite when it did not come."""
        found = await self.outcome()
        if found is None:
            raise Prerequisite(f"{self.type} got no outcome within 2 s")
        return found
