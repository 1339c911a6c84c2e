"""Faults of how requests are answered once a session is open, and of those that come too early."""
# ruff: noqa: D102  an override means what it overrides

import json
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.out import Out
from omnisession_reference.router import Router
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, decode


@fault("silent-on-strangers", breaks="CTRL-001")
class SilentOnStrangers(Control):
    """An open by a client whose name is not known is not answered."""

    def open(self, request: Request) -> None:
        known = not request.data["client"]["name"].startswith("nobody")
        super().open(request if known else replace(request, reply=""))


@fault("opened-and-error", breaks="CTRL-001")
class OpenedAndError(Control):
    """A second open is answered, and refused beside."""

    def open(self, request: Request) -> None:
        again = self.services.sessions.live(request.user_id, request.session_id) is not None
        super().open(request)
        if again:
            raise Refusal(4220, "The session is open already.")


@fault("closed-after-three-seconds", breaks="CTRL-001")
class ClosedAfterThreeSeconds(Control):
    """`session.closed` comes three seconds after the close."""

    def answer(self, request: Request, session: Session, type_name: str, data: JsonObject) -> None:
        if type_name == "session.closed":
            answer = super().answer
            late = lambda: answer(request, session, type_name, data)  # noqa: E731
            self.services.clock.call_later(3_000, late)
        else:
            super().answer(request, session, type_name, data)


@fault("syncs-every-kind", breaks="CTRL-005")
class SyncsEveryKind(Control):
    """A sync of some kinds is taken for one of all."""

    def sync(self, request: Request) -> None:
        super().sync(replace(request, data={}))


@fault("syncs-news-only", breaks="CTRL-005")
class SyncsNewsOnly(Session):
    """A sync sends no state of a kind that did not change since its last."""

    def publish_state(self, kind: str, reason: str) -> None:
        told: dict[str, str] = self.__dict__.setdefault("told", {})
        now = json.dumps(self.state_data(kind))
        if reason != "sync" or told.get(kind) != now:
            super().publish_state(kind, reason)
        told[kind] = now


@fault("unknown-request-closes", breaks="CTRL-013")
class UnknownRequestCloses(Control):
    """A request of an unknown type is refused, and ends the session."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        try:
            super().receive(message, user_id, session_id)
        except Refusal as refusal:
            session = self.services.sessions.live(user_id, session_id)
            if refusal.code == 4002 and session is not None:
                self.end(session, "closed")
            raise


@fault("unknown-request-is-internal", breaks="CTRL-013")
class UnknownRequestIsInternal(Control):
    """A request of an unknown type is answered as if the server had failed."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        try:
            super().receive(message, user_id, session_id)
        except Refusal as refusal:
            if refusal.code == 4002:
                raise Refusal(5000, "The server failed; try again.") from None
            raise


@fault("own-types-refused", breaks="CTRL-014")
class OwnTypesRefused(Control):
    """A message on `.control` of one of the server's own types is refused."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if str(decode(message.data).get("type")) in self._own_types:
            raise Refusal(4002, "This server does not take requests of this type.")
        super().receive(message, user_id, session_id)


@fault("closing-closes", breaks="CTRL-014")
class ClosingCloses(Control):
    """A `session.closing` from a client closes the session."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        session = self.services.sessions.live(user_id, session_id)
        if decode(message.data).get("type") == "session.closing" and session is not None:
            self.end(session, "closed")
        super().receive(message, user_id, session_id)


@fault("warnings-refused", breaks="CTRL-014", secure=True)
class WarningsRefused(Control):
    """An `auth.expiring` from a client is refused, as a request of an unknown type is."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if decode(message.data).get("type") == "auth.expiring":
            raise Refusal(4002, "This server does not take requests of this type.")
        super().receive(message, user_id, session_id)


@fault("needs-a-reply", breaks="CTRL-018")
class NeedsAReply(Router):
    """What has no reply subject is ignored."""

    def dispatch(self, message: Incoming) -> None:
        if message.reply:
            super().dispatch(message)


@fault("answers-on-control-instead", breaks="CTRL-018")
class AnswersOnControlInstead(Out):
    """The answer of a request without a reply subject goes to `.control`."""

    def answer(self, reply: str, body: JsonObject) -> None:
        super().answer(reply, body)
        if not reply and body["type"] == "session.pong":
            self.control(f"session.{body['user_id']}.{body['session_id']}", body)


@fault("opened-by-ping", breaks="CTRL-019")
class OpenedByPing(Control):
    """A ping of a session that was never opened opens it."""

    def ping(self, request: Request) -> None:
        known = [s for s in self.services.sessions.all() if s.user_id == request.user_id]
        live = self.services.sessions.find(request.user_id, request.session_id)
        if live is None and known:
            session = self.services.parts.of(Session)(
                request.session_id,
                known[0].grant,
                known[0].terms,
                epoch=self.services.sessions.new_epoch(),
                opened_at=self.services.clock.now_ms(),
                out=self.services.out,
            )
            self.start(session)
        super().ping(request)


@fault("closed-without-open", breaks="CTRL-019")
class ClosedWithoutOpen(Control):
    """A close of a session that was never opened is answered with `session.closed`."""

    def close(self, request: Request) -> None:
        if self.services.sessions.find(request.user_id, request.session_id) is None:
            ids = request.user_id, request.session_id
            body = self.services.out.envelope("session.closed", *ids)
            body["data"] = {}
            self.services.out.answer(request.reply, body)
        else:
            super().close(request)
