"""Faults of what keeps a session alive, and of what does not end it."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import clockwork_of, ended
from omnisession_reference.actions import TOP_LEVEL, Actions
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Key, Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import Incoming, JsonObject, WireError, decode

MOMENT_MS = 5


def _silent_since(session: Session | None) -> float:
    return 0.0 if session is None else clockwork_of(session)["_alive_at"]


def _was_silent(session: Session | None, since: float) -> None:
    if session is not None:
        clockwork_of(session)["_alive_at"] = since


# -- what is no sign -------------------------------------------------------------------------------------


@fault("ping-is-no-life-sign", breaks="CTRL-016")
class PingIsNoLifeSign(Control):
    """Pings alone do not keep a session alive."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        session = self.services.sessions.live(user_id, session_id)
        since = _silent_since(session)
        super().receive(message, user_id, session_id)
        if decode(message.data).get("type") == "session.ping":
            _was_silent(session, since)


@fault("refused-open-is-no-life-sign", breaks="CTRL-016")
class RefusedOpenIsNoLifeSign(Control):
    """Opens of a live session that are refused do not keep it alive."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        try:
            super().open(request)
        except Refusal:
            _was_silent(session, self.__dict__.get("since", 0.0))
            raise

    def note_life(self, user_id: str, session_id: str) -> None:
        session = self.services.sessions.live(user_id, session_id)
        self.__dict__["since"] = _silent_since(session)
        super().note_life(user_id, session_id)


@fault("shared-subjects-are-no-life-sign", breaks="CTRL-016")
class SharedSubjectsAreNoLifeSign(Actions):
    """Actions on the subjects that all users share do not keep a session alive."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        body = decode(message.data)
        ids = str(body.get("user_id")), str(body.get("session_id"))
        session = self.services.sessions.live(*ids)
        since = _silent_since(session)
        super().receive(message, row, user_id)
        if row in TOP_LEVEL:
            _was_silent(session, since)


@fault("held-actions-are-no-life-sign", breaks="CTRL-016")
class HeldActionsAreNoLifeSign(Actions):
    """Actions ahead of the count do not keep a session alive."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        body = decode(message.data)
        ids = str(body.get("user_id")), str(body.get("session_id"))
        session = self.services.sessions.live(*ids)
        since = _silent_since(session)
        super().receive(message, row, user_id)
        number = body.get("client_seq")
        if session is not None and isinstance(number, int) and number > session.last_action_seq:
            _was_silent(session, since)


# -- what is taken for one -------------------------------------------------------------------------------


@fault("echoes-are-life-signs", breaks="CTRL-016")
class EchoesAreLifeSigns(Control):
    """Messages of the server's own types keep a session alive, though they are ignored."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        if str(decode(message.data).get("type")) in self._own_types:
            self.note_life(user_id, session_id)
        super().receive(message, user_id, session_id)


@fault("garbage-is-a-life-sign", breaks="CTRL-016")
class GarbageIsALifeSign(Control):
    """Whatever comes on its subject keeps a session alive, also what cannot be read."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        try:
            super().receive(message, user_id, session_id)
        except (Refusal, WireError):
            self.note_life(user_id, session_id)
            raise


@fault("named-elsewhere-is-a-life-sign", breaks="CTRL-016")
class NamedElsewhereIsALifeSign(Control):
    """A request on the subject of another session keeps the one alive that its body names."""

    def check_identity(self, body: JsonObject, user_id: str, session_id: str) -> None:
        self.note_life(body["user_id"], body["session_id"])
        super().check_identity(body, user_id, session_id)


@fault("broken-actions-are-life-signs", breaks="CTRL-016")
class BrokenActionsAreLifeSigns(Actions):
    """Actions that cannot be read keep the session alive that they name."""

    def check_readable(self, body: JsonObject) -> None:
        ids = str(body.get("user_id")), str(body.get("session_id"))
        session = self.services.sessions.live(*ids)
        if session is not None:
            session.timers.touch()
        super().check_readable(body)


@fault("actions-keep-all-sessions", breaks="CTRL-016")
class ActionsKeepAllSessions(Actions):
    """An action of a user keeps all sessions of the user alive."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        super().receive(message, row, user_id)
        for session in self.services.sessions.of_user(
            str(decode(message.data)["user_id"])
        ).values():
            session.timers.touch()


@fault("what-is-told-is-a-life-sign", breaks="CTRL-016")
class WhatIsToldIsALifeSign(Session):
    """A session lives as long as it is told something."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        super().publish(suffix, body)
        if "timers" in self.__dict__:
            self.timers.touch()


# -- when it ends ----------------------------------------------------------------------------------------


@fault("expires-at-half", breaks="CTRL-016")
class ExpiresAtHalf(Clockwork):
    """A session expires after half of its window."""

    def left_ms(self) -> float:
        return super().left_ms() - self._granted.resume_window_ms / 2

    def beat(self) -> None:
        super().beat()
        if self.left_ms() <= 0:
            self._clock.call_later(0, self._on_expiry)


@fault("never-expires-after-an-action", breaks="CTRL-016")
class NeverExpiresAfterAnAction(Actions):
    """A session that has acted does not expire."""

    def release(self, session: Session) -> None:
        super().release(session)
        clockwork_of(session)["_expiry"].cancel()


@fault("expires-with-another", breaks="CTRL-016")
class ExpiresWithAnother(Control):
    """When a session expires, so do all others of its user."""

    def expire(self, session: Session) -> None:
        super().expire(session)
        for other in list(self.services.sessions.of_user(session.user_id).values()):
            self.end(other, "expired")


@fault("silent-right-behind-a-close", breaks="CTRL-012")
class SilentRightBehindAClose(Control):
    """What comes within a moment of the close of its session gets no answer."""

    def close(self, request: Request) -> None:
        super().close(request)
        since: dict[Key, float] = self.__dict__.setdefault("since", {})
        since[request.user_id, request.session_id] = self.services.clock.elapsed_ms()

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        since: dict[Key, float] = self.__dict__.get("since", {})
        now = self.services.clock.elapsed_ms()
        if now - since.get((user_id, session_id), -MOMENT_MS) >= MOMENT_MS:
            super().receive(message, user_id, session_id)


@fault("closed-known-until-the-next-second", breaks="CTRL-012")
class ClosedKnownUntilTheNextSecond(Control):
    """Sessions that were closed are forgotten once a second."""

    def close(self, request: Request) -> None:
        session = self.require(request)
        super().close(request)
        known, clock = ended(self.services.sessions), self.services.clock

        def forget() -> None:
            known.pop(session.key, None)

        clock.call_later(1_000 - clock.elapsed_ms() % 1_000, forget)


@fault("closed-known-for-half-the-window", breaks="CTRL-012")
class ClosedKnownForHalfTheWindow(Control):
    """A session that was closed is forgotten after half of its window."""

    def close(self, request: Request) -> None:
        session = self.require(request)
        super().close(request)
        known = ended(self.services.sessions)

        def forget() -> None:
            known.pop(session.key, None)

        self.services.clock.call_later(session.terms.timers.resume_window_ms / 2, forget)


@fault("requests-keep-all-sessions-of-a-user", breaks="CTRL-016")
class RequestsKeepAllSessionsOfAUser(Control):
    """A request in one session is a sign of life in all sessions of its user."""

    def note_life(self, user_id: str, session_id: str) -> None:
        for session in self.services.sessions.of_user(user_id).values():
            session.timers.touch()
