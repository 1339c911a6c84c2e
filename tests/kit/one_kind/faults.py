"""Faults of the small servers: of the core, which a kit has to see whatever the one kind is."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tests.kit.one_kind.actions import Actions
from tests.kit.one_kind.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nats.aio.msg import Msg
    from tests.kit.one_kind.server import Session
    from tests.kit.one_kind.wire import Json

MOMENT_S = 0.05


class FanOutAfterAck(Server):
    """Other sessions are told of what an action did a moment after its ack."""

    task: asyncio.Future[None] | None = None

    def changed(self, session: Session) -> None:
        if self.acting in (None, session):
            super().changed(session)
        else:
            self._later(partial(super().changed, session))

    def event(
        self, session: Session, type_: str, id_: str, data: Json, by: str | None, cause: Json | None
    ) -> None:
        tell = partial(super().event, session, type_, id_, data, by, cause)
        if self.acting in (None, session):
            tell()
        else:
            self._later(tell)

    def _later(self, tell: Callable[[], None]) -> None:
        def told() -> None:
            tell()
            self.task = asyncio.ensure_future(self.flush())

        asyncio.get_running_loop().call_later(MOMENT_S, told)


class HeldInOrderOfArrival(Actions):
    """What is ahead of the count waits for ever, and is done in the order in which it came."""

    def _judge(self, session: Session, message: Msg, body: Json, number: int) -> None:
        waiting = self.waiting.setdefault(session, [])
        if number > session.last + 1:
            waiting.append((message, body, number))
            return
        super()._judge(session, message, body, number)
        if any(ahead == session.last + 1 for _, _, ahead in waiting):
            most = max(ahead for _, _, ahead in waiting)
            for one, held, ahead in waiting:
                session.last = ahead - 1
                super()._judge(session, one, held, ahead)
            session.last = most
            waiting.clear()

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.waiting: dict[Session, list[tuple[Msg, Json, int]]] = {}


class CopyInNewSessionHasNoResult(Actions):
    """A copy that comes as the next action of a session is told no id."""

    def _tell(
        self,
        session: Session,
        reply: str,
        id_: str,
        number: int,
        outcome: Json,
        position: Json | None,
        status: str,
    ) -> None:
        if status == "duplicate" and position is None and "error" not in outcome:
            outcome = {}
        super()._tell(session, reply, id_, number, outcome, position, status)


SERVERS: Mapping[str, type[Server]] = {"fan-out-after-ack": FanOutAfterAck}
ACTIONS: Mapping[str, type[Actions]] = {
    "held-in-order-of-arrival": HeldInOrderOfArrival,
    "copy-in-new-session-has-no-result": CopyInNewSessionHasNoResult,
}
