"""Faults with clients that are unlike most: their inboxes, sizes, numbers and second tries."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import clockwork_of, drop_held, ended
from omnisession_reference.actions import Actions
from omnisession_reference.auth import Auth
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.out import Out
from omnisession_reference.protocol import LIMITS
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import Incoming, JsonObject

MOST = 2**31 - 1


@fault("reopen-puts-heartbeats-off", breaks="CTRL-008")
class ReopenPutsHeartbeatsOff(Control):
    """The open of a live session puts its next heartbeat off by a whole interval."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        super().open(request)
        if session is not None:
            session.timers.stop()
            made = self.services.parts.of(Clockwork)
            session.timers = made(session, self.services.clock, self.expire)


@fault("refused-reopen-stops-heartbeats", breaks="CTRL-008")
class RefusedReopenStopsHeartbeats(Control):
    """The open of a live session that is refused stops its heartbeats."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        try:
            super().open(request)
        except Refusal:
            if session is not None:
                clockwork_of(session)["_heartbeat"].cancel()
            raise


@fault("closed-remembered-once", breaks="CTRL-012")
class ClosedRememberedOnce(Control):
    """A session that was closed is forgotten when an open of it was refused."""

    def open(self, request: Request) -> None:
        try:
            super().open(request)
        except Refusal as refusal:
            if refusal.code == 4101:
                ended(self.services.sessions).pop((request.user_id, request.session_id), None)
            raise


@fault("closed-unknown-on-shared-subjects", breaks="CTRL-012")
class ClosedUnknownOnSharedSubjects(Actions):
    """On the shared subjects a session that was closed is one that was never there."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        try:
            super().receive(message, row, user_id)
        except Refusal as refusal:
            if refusal.code == 4101 and user_id is None:
                raise Refusal(4041, "There is no such session; open a new one.") from None
            raise


@fault("large-requests-dropped", breaks="CTRL-001")
class LargeRequestsDropped(Control):
    """A control request that is larger than an action may be gets no answer."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if len(message.data) <= LIMITS["action"]:
            super().receive(message, user_id, session_id)


@fault("long-inboxes-unanswered", breaks="CTRL-001")
class LongInboxesUnanswered(Out):
    """Reply subjects of more than 128 characters are not answered."""

    def answer(self, reply: str, body: JsonObject) -> None:
        if len(reply) <= 128:
            super().answer(reply, body)


@fault("timers-of-32-bits", breaks="CTRL-010")
class TimersOf32Bits(Control):
    """An open that asks for a timer beyond 32 bits is refused."""

    def open(self, request: Request) -> None:
        asked: dict[str, int] = request.data.get("timers", {})
        if any(value > MOST for value in asked.values()):
            raise Refusal(4001, "Too large.", pointer="/data/timers")
        super().open(request)


@fault("tokens-once-valid-stay-so", breaks="SEC-006")
class TokensOnceValidStaySo(Auth):
    """A token that opened a session opens others when it has expired."""

    def claims(self, token: str) -> JsonObject:
        seen: dict[str, JsonObject] = vars(self).setdefault("_seen", {})
        if token not in seen:
            seen[token] = super().claims(token)
        return seen[token]


@fault("close-of-same-id-refuses-what-is-held", breaks="ACTION-001")
class CloseOfSameIdDropsHeld(Control):
    """A close drops what sessions of other users with the same id hold."""

    def close(self, request: Request) -> None:
        for session in self.services.sessions.all():
            if session.session_id == request.session_id and session.user_id != request.user_id:
                drop_held(self._actions, session)
        super().close(request)
