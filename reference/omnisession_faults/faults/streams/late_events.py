"""Faults of servers whose events of others wait a little, as states may."""
# ruff: noqa: D102  an override means what it overrides

import asyncio
import time
from functools import partial
from weakref import WeakKeyDictionary

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.change import Change, Listener
from omnisession_reference.fanout import Fanout
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

Told = tuple[Change, JsonObject, str | None, JsonObject | None]

MOMENT_S = 0.05

WAITING: WeakKeyDictionary[Session, list[Told]] = WeakKeyDictionary()
DUE: WeakKeyDictionary[Session, float] = WeakKeyDictionary()
"""When the events that wait may be told, on the monotonic clock."""


def put_off(session: Session, told: Told) -> bool:
    """Keep an event of another session's action for `coalesce_ms`; say whether it waits."""
    cause = told[3]
    own = cause is not None and cause["session_id"] == session.session_id
    if own or session.terms.timers.coalesce_ms == 0:
        return False
    WAITING.setdefault(session, []).append(told)
    session.timers.hold_back()
    return True


def waiting(session: Session) -> list[Told]:
    """Take the events that wait."""
    return WAITING.pop(session, [])


@fault("fan-out-after-ack", breaks="ACTION-004")
class FanOutAfterAck(Fanout):
    """Other sessions are told of a change a moment after its ack."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        tell = partial(super().tell, session, change, data, action)
        asyncio.get_running_loop().call_later(MOMENT_S, tell)


@fault("late-events", breaks="ACTION-004")
class LateEvents(Session):
    """Events of others are told after the ack of their action, and after a pong that follows it."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        if self not in WAITING:
            DUE[self] = time.monotonic() + self.terms.timers.coalesce_ms / 2_000
        if not put_off(self, (change, data, actor, cause)):
            super().publish_event(change, data, actor, cause)

    def publish_state(self, kind: str, reason: str) -> None:
        for told in waiting(self):
            super().publish_event(*told)
        super().publish_state(kind, reason)

    def flush(self) -> None:
        # A ping, too, wants everything told; the alarm of `coalesce_ms` comes later than that.
        if time.monotonic() >= DUE.get(self, 0):
            for told in waiting(self):
                super().publish_event(*told)
        super().flush()


@fault("state-overtakes-events", breaks="EVENT-002")
class StateOvertakesEvents(Session):
    """A state shows what events tell only after it."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        if not put_off(self, (change, data, actor, cause)):
            super().publish_event(change, data, actor, cause)

    def flush(self) -> None:
        for told in waiting(self):
            super().publish_event(*told)
        super().flush()


@fault("newest-first", breaks="EVENT-008")
class NewestFirst(Session):
    """Events of others that come close together are told from the last to the first."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        if not put_off(self, (change, data, actor, cause)):
            super().publish_event(change, data, actor, cause)

    def publish_state(self, kind: str, reason: str) -> None:
        for told in reversed(waiting(self)):
            super().publish_event(*told)
        super().publish_state(kind, reason)

    def flush(self) -> None:
        for told in reversed(waiting(self)):
            super().publish_event(*told)
        super().flush()
