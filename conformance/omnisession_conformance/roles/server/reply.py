"""Answers to control requests and outcomes of actions, as queries on the log with a deadline."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import FixtureTooSmall, Prerequisite
from omnisession_conformance.protocol.bounds import BOUND_S
from omnisession_conformance.protocol.json import as_object, maybe_int, maybe_text
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.reading.trace import OUTCOMES

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

TOO_MANY_SESSIONS = 4291
ENOUGH_SESSIONS = 16
"""Live sessions of one user; no case needs as many, but that which fills the limit."""
BUSY = (4290, 5000, 5030)
LATER_MS = 2_000
"""A server that is busy for longer is not waited for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the target: `record` is what the tap saw."""

    record: Record

    @property
    def type(self) -> str:
        """The body's type."""
        return self.record.type

    @property
    def data(self) -> dict[str, Any]:
        """The body's data."""
        return self.record.payload

    @property
    def error(self) -> dict[str, Any]:
        """The error object of an `error` or `action.nack`, else an empty one."""
        return as_object(self.data.get("error"))

    @property
    def code(self) -> int | None:
        """The error code, if it is a refusal."""
        return maybe_int(self.error.get("code"))

    @property
    def position(self) -> Position | None:
        """The position that the answer tells."""
        return Position.of(self.data.get("position"))

    @property
    def acked(self) -> bool:
        """Whether it is an ack, applied or duplicate."""
        return self.type == "action.ack"

    @property
    def status(self) -> str | None:
        """`applied` or `duplicate` of an ack."""
        return maybe_text(self.data.get("status"))

    @property
    def result(self) -> dict[str, Any]:
        """The ids that an ack names, if any."""
        return as_object(self.data.get("result"))

    @property
    def later_ms(self) -> int | None:
        """How long to wait before the same bytes may be sent again, where the target says so."""
        later = maybe_int(self.error.get("retry_after_ms"))
        asks = self.code in BUSY and self.error.get("retryable") is True
        return later if asks and later is not None and 0 <= later <= LATER_MS else None

    def position_or_stop(self, type_: str, sessions: int = ENOUGH_SESSIONS) -> Position:
        """The position of an answer that must be of a type; Prerequisite where it is not.

        Where the target tells that a user may have few `sessions`, fewer than a case needs (LIMIT-004
        judges how many it does), that is no fault of the target: FixtureTooSmall.
        """
        position = self.position
        if self.code == TOO_MANY_SESSIONS and sessions < ENOUGH_SESSIONS:
            raise FixtureTooSmall("the server lets a user have fewer sessions than the case needs")
        if self.type != type_ or position is None:
            raise Prerequisite(f"{type_} with a position was needed, and {self} came")
        return position

    def __str__(self) -> str:
        if self.code is not None:
            return f"{self.type} {self.code} {self.error.get('name', '')}".rstrip()
        status = f" ({self.status})" if self.status else ""
        return f"{self.type or 'a message without type'}{status}"


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A control request on its way."""

    run: Run
    session: Session
    type: str
    inbox: str

    def _find(self) -> Answer | None:
        came = self.run.log.on(self.inbox)
        return Answer(came[0]) if came else None

    async def answer(self, timeout_s: float | None = None) -> Answer | None:
        """The answer, or None when it did not come within the protocol's bound."""
        return await self.run.log.wait(
            (self.inbox,), self._find, timeout_s=timeout_s or self.run.clock.answer_s
        )

    async def must(self) -> Answer:
        """The answer; Prerequisite when it did not come."""
        found = await self.answer()
        if found is None:
            raise Prerequisite(f"{self.type} was not answered within {BOUND_S:g} s")
        return found


@dataclass(frozen=True, slots=True)
class PendingAction:
    """A copy of an action on its way; `ordinal` counts the copies that its session sent, from 0."""

    run: Run
    session: Session
    action_id: str | None
    inbox: str
    ordinal: int
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
        if self.inbox and (came := self.run.log.on(self.inbox)):
            return Answer(came[0])
        pushed = self.on_control() if self.action_id is not None else None
        return Answer(pushed) if pushed is not None else None

    async def outcome(self, timeout_s: float | None = None) -> Answer | None:
        """The outcome, or None when it did not come within the protocol's bound.

        Read from `.control` or the inbox, whichever has it first: that both carry it, and the same,
        is judged by the sweep of ACTION-002.
        """
        topics = (*self.session.topics, self.inbox) if self.inbox else self.session.topics
        bound = timeout_s or self.run.clock.answer_s
        found = await self.run.log.wait(topics, self._find, timeout_s=bound)
        if found is not None and found.status == "applied":
            self.session.made(found.result)
        return found

    async def must(self) -> Answer:
        """The outcome; Prerequisite when it did not come."""
        found = await self.outcome()
        if found is None:
            raise Prerequisite(f"action {self.action_id} got no outcome within {BOUND_S:g} s")
        return found
