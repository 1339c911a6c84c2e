"""Requests and actions on their way: what came of them is a query on the log with a deadline."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.reading.trace import OUTCOMES
from omnisession_conformance.roles.server.reply import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.engine.clock import Clock
    from omnisession_conformance.roles.server.view import SessionView
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.record import Record


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A control request on its way."""

    log: Log
    clock: Clock
    type: str
    inbox: str

    def _find(self) -> Answer | None:
        came = self.log.on(self.inbox)
        return Answer(came[0]) if came else None

    async def answer(self, timeout_s: float | None = None) -> Answer | None:
        """The answer, or None when it did not come within the protocol's bound."""
        return await self.log.wait(
            (self.inbox,), self._find, timeout_s=timeout_s or self.clock.answer_s
        )

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
    clock: Clock
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
        bound = timeout_s or self.clock.answer_s
        found = await self.session.log.wait(topics, self._find, timeout_s=bound)
        if found is not None and found.status == "applied":
            self.applied(found)
        return found

    async def must(self) -> Answer:
        """The outcome; Prerequisite when it did not come."""
        found = await self.outcome()
        if found is None:
            raise Prerequisite(f"{self.type} got no outcome within 2 s")
        return found
