"""Answers control requests: open, sync, resume, ping, close."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from omnisession_reference import __version__
from omnisession_reference.actions import Actions
from omnisession_reference.auth import Auth, Grant
from omnisession_reference.departed import Departed
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.kind import Kind
from omnisession_reference.protocol import FEATURES, LIMITS, grant
from omnisession_reference.services import Services
from omnisession_reference.session import Session, Terms
from omnisession_reference.timers import Clockwork
from omnisession_reference.users import from_token
from omnisession_reference.wire import Incoming, JsonObject, decode

CREDENTIAL_OVER = {"code": 4011, "reconnect": False, "after_ms": 0}
LOOK_MS = 1_000
"""How often it is asked whether the token of a session was revoked."""

ROW = "session.control.requests"


@dataclass(frozen=True, slots=True)
class Request:
    """A control request whose ids are those of its subject."""

    user_id: str
    session_id: str
    reply: str
    data: JsonObject


@dataclass(frozen=True, slots=True)
class AnswerWithStates:
    """An answer that tells the position, and the kinds of the states that follow it at once."""

    type_name: str
    data: JsonObject
    kinds: tuple[str, ...]
    reason: str


class Control:
    """Opens and ends sessions and tells them where they are."""

    # Whether sessions end with the token that opened them (SECU-018).
    ends_with_token = False

    def __init__(
        self, services: Services, auth: Auth, kinds: Mapping[str, Kind], actions: Actions
    ) -> None:
        self.services = services
        self._auth = auth
        self._kinds = kinds
        self._actions = actions
        self._departed = services.parts.of(Departed)(services.clock, services.store)
        self.profiles = ["core", *kinds, *FEATURES]
        # Seen on `.control`, these are an echo, or another server's.
        types = services.schemas.types
        self._own_types = types("session.control.pushes") | types("reply")
        self._requests: dict[str, Callable[[Request], None]] = {
            "session.open": self.open,
            "session.sync": self.sync,
            "session.resume": self.resume,
            "session.ping": self.ping,
            "session.close": self.close,
        }

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        """Take a message of a `.control` subject, whose ids are given."""
        body = decode(message.data)
        type_name = body.get("type")
        if isinstance(type_name, str) and type_name in self._own_types:
            return
        self.services.versions.accept(body.get("v"))
        self.services.schemas.check_definition("control.schema.json#/$defs/envelope", body)
        self.check_identity(body, user_id, session_id)
        self.note_life(user_id, session_id)
        handler = self._requests.get(body["type"])
        if handler is None:
            raise Refusal(4002, "This server does not take requests of this type.")
        self.services.schemas.check(ROW, body["type"], body)
        handler(Request(body["user_id"], body["session_id"], message.reply, body["data"]))

    def check_identity(self, body: JsonObject, user_id: str, session_id: str) -> None:
        """Refuse a body that speaks for another session than its subject."""
        if body["user_id"] != user_id or body["session_id"] != session_id:
            raise Refusal(4031, "The ids of the body are not those of the subject.")

    def note_life(self, user_id: str, session_id: str) -> None:
        """Count a request that passed the identity check as a sign of life, whatever becomes of it."""
        session = self.services.sessions.live(user_id, session_id)
        if session is not None:
            session.timers.touch()

    def open(self, request: Request) -> None:
        """Open a session, or show an open one again."""
        version = self.services.versions.negotiate(request.data["protocol"])
        granted = self._auth.grant(request.data["auth"], request.user_id)
        session = self.services.sessions.find(request.user_id, request.session_id)
        if session is None:
            terms = self.agree(request, version)
            self.services.sessions.check_room(request.user_id)
            session = self.services.parts.of(Session)(
                request.session_id,
                granted,
                terms,
                epoch=self.services.sessions.new_epoch(),
                opened_at=self.services.clock.now_ms(),
                out=self.services.out,
            )
            self.start(session)
        else:
            self.renew(session, granted)
        answer = AnswerWithStates(
            "session.opened", self.opened(session), session.terms.kinds, "open"
        )
        self.answer_with_states(request, session, answer)

    def agree(self, request: Request, version: str) -> Terms:
        """Grant what is served of what an open asks for."""
        kinds = tuple(kind for kind in request.data["kinds"] if kind in self._kinds)
        features = tuple(name for name in request.data["features"] if name in FEATURES)
        if not kinds:
            raise Refusal(4220, f"Ask for one of the kinds {', '.join(self._kinds)}.")
        return Terms(version, kinds, features, grant(request.data.get("timers", {})))

    def renew(self, session: Session, granted: Grant) -> None:
        """Move the end of a live session to that of a new token, which may not say anything else."""
        if session.ends_at is None:
            return
        if granted.permissions != session.grant.permissions:
            raise Refusal(4030, "Open a new session for other permissions.")
        if granted.expires_at is not None:
            session.ends_at = granted.expires_at
            session.credential = granted.credential
            session.timers.watch_end()

    def start(self, session: Session) -> None:
        """Make a session live; other sessions are told before its own slices are built."""
        self.services.store.meet_user(from_token(session.grant))
        self._departed.came(session.user_id)
        for kind in self._kinds.values():
            self.services.fanout.apply(kind.joined(session))
        session.slices = {name: self._kinds[name].build(session) for name in session.terms.kinds}
        if self.ends_with_token:
            session.ends_at = session.grant.expires_at
        session.timers = self.services.parts.of(Clockwork)(
            session, self.services.clock, self.expire
        )
        self.services.sessions.add(session)
        self.services.log.info("opened", user_id=session.user_id, session_id=session.session_id)

    def opened(self, session: Session) -> JsonObject:
        """Write what was agreed, and when the session ends with its credential, if it does."""
        return {
            "protocol": session.terms.protocol,
            "kinds": list(session.terms.kinds),
            "features": list(session.terms.features),
            "profiles": self.profiles,
            "actions": list(self._actions.handlers),
            "server": {"name": "omnisession-reference", "version": __version__},
            "limits": LIMITS,
            "timers": session.terms.timers.as_json(),
            "expires_at": session.ends_at,
        }

    def sync(self, request: Request) -> None:
        """Publish the states asked for."""
        session = self.require(request)
        kinds = request.data.get("kinds") or session.terms.kinds
        if not set(kinds) <= set(session.terms.kinds):
            raise Refusal(4220, f"This session opened {', '.join(session.terms.kinds)} only.")
        answer = AnswerWithStates("session.syncing", {"kinds": list(kinds)}, kinds, "sync")
        self.answer_with_states(request, session, answer)

    def resume(self, request: Request) -> None:
        """Bring a client from the position that it has to the head."""
        session = self.require(request)
        seq = request.data["seq"]
        missed = session.missed(seq) if request.data["epoch"] == session.epoch else None
        if missed is None:
            data: JsonObject = {"mode": "snapshot", "messages": []}
            answer = AnswerWithStates("session.resumed", data, session.terms.kinds, "sync")
            self.answer_with_states(request, session, answer)
            return
        data = {
            "mode": "replay" if missed else "current",
            "position": session.position(),
            "messages": [json.loads(payload) for payload in missed],
        }
        self.answer(request, session, "session.resumed", data)

    def ping(self, request: Request) -> None:
        """Tell the position, past everything that was acked or answered before."""
        session = self.require(request)
        session.flush()
        self.answer(request, session, "session.pong", {"position": session.position()})

    def close(self, request: Request) -> None:
        """End a session for good; nothing is published in it after the answer."""
        session = self.require(request)
        self.end(session, "closed")
        self.answer(request, session, "session.closed", {})

    def expire(self, session: Session) -> None:
        """End a session whose client was silent for too long, or whose credential has ended."""
        if session.is_over(self.services.clock.wall_ms()):
            self._actions.abandon(session)
            session.push("session.closing", CREDENTIAL_OVER)
        self.end(session, "expired")

    def watch_revocations(self) -> None:
        """End each session whose token was revoked, now and from time to time."""
        # First of all: whatever fails here, it is looked at again.
        self.services.clock.call_later(LOOK_MS, self.watch_revocations)
        for session in self.services.sessions.all():
            if session.ends_at is not None and self._auth.is_revoked(session.credential):
                self.revoke(session)

    def revoke(self, session: Session) -> None:
        """End a session whose token was revoked, and say so."""
        self._actions.abandon(session)
        session.push("session.closing", {**CREDENTIAL_OVER, "code": 4013})
        self.end(session, "revoked")

    def end(self, session: Session, why: str) -> None:
        """End a session, and with it what lasts only as long as it."""
        self._actions.forget(session)
        session.timers.stop()
        self.services.sessions.end(session)
        for kind in self._kinds.values():
            self.services.fanout.apply(kind.left(session))
        if not self.services.sessions.of_user(session.user_id):
            self._departed.left(session.user_id)
        self.services.log.info(why, user_id=session.user_id, session_id=session.session_id)

    def announce_stop(self, after_ms: int) -> None:
        """Tell every live session that the server is about to stop."""
        for session in self.services.sessions.all():
            session.timers.stop()
            self._actions.abandon(session)
            session.flush()
            closing = {"code": 5030, "reconnect": True, "after_ms": after_ms}
            session.push("session.closing", closing)

    def reconnected(self) -> None:
        """Tell every live session where it is: what was published without a connection may be lost."""
        for session in self.services.sessions.all():
            session.timers.beat()

    def require(self, request: Request) -> Session:
        """Return the live session of a request."""
        return self.services.sessions.require(request.user_id, request.session_id)

    def answer(self, request: Request, session: Session, type_name: str, data: JsonObject) -> None:
        """Answer a request."""
        self.services.out.answer(request.reply, session.body(type_name, data))

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        """Answer with the position before the states, which follow at once."""
        data = {**answer.data, "position": session.position()}
        self.answer(request, session, answer.type_name, data)
        for kind in answer.kinds:
            session.publish_state(kind, answer.reason)
