"""Faults of control requests, timers and the life of sessions."""
# ruff: noqa: D102  an override means what it overrides

import contextlib
import itertools
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import DEFAULT_TIMERS, FEATURES, LIMITS
from omnisession_reference.session import Session, Terms
from omnisession_reference.sessions import Sessions
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject

OPENS = itertools.count(1)
KINDS_OF_ACTIONS = {"articles": "article"}
"""Actions of a kind begin with its name, but for these."""


@fault("all-features", breaks="CTRL-003")
class AllFeatures(Control):
    """The answer of open lists features that were not asked for."""

    def opened(self, session: Session) -> JsonObject:
        return {**super().opened(session), "features": list(FEATURES)}


@fault("core-to-the-first", breaks="CTRL-021")
class CoreToTheFirst(Control):
    """Whoever asks first is told the profile core alone."""

    def opened(self, session: Session) -> JsonObject:
        told = super().opened(session)
        return told if next(OPENS) > 1 else {**told, "profiles": ["core"]}


@fault("limits-by-turns", breaks="CTRL-021")
class LimitsByTurns(Control):
    """Every other session is told that a user may have fewer sessions."""

    def opened(self, session: Session) -> JsonObject:
        told = super().opened(session)
        return {**told, "limits": {**LIMITS, "sessions": LIMITS["sessions"] + next(OPENS) % 2}}


@fault("actions-of-the-session", breaks="CTRL-021")
class ActionsOfTheSession(Control):
    """A session is told the actions of its kinds alone."""

    def opened(self, session: Session) -> JsonObject:
        told = super().opened(session)
        mine = {"session", *(KINDS_OF_ACTIONS.get(kind, kind) for kind in session.terms.kinds)}
        listed = [name for name in told["actions"] if name.partition(".")[0] in mine]
        return {**told, "actions": listed}


@fault("stale-pong", breaks="CTRL-007")
class StalePong(Control):
    """A pong tells the place where the session began."""

    def ping(self, request: Request) -> None:
        session = self.require(request)
        session.flush()
        position = {**session.position(), "seq": 0}
        self.answer(request, session, "session.pong", {"position": position})


@fault("no-heartbeat", breaks="CTRL-008")
class NoHeartbeat(Clockwork):
    """There are no heartbeats."""

    def beat(self) -> None:
        self.session.flush()


@fault("no-digest-in-heartbeats", breaks="CTRL-009")
class NoDigestInHeartbeats(Clockwork):
    """Heartbeats lack their digests."""

    def beat(self) -> None:
        self.session.flush()
        self.session.push("session.heartbeat", {"position": self.session.position()})


@fault("default-timers", breaks="CTRL-010")
class DefaultTimers(Control):
    """The timers asked for are not granted."""

    def agree(self, request: Request, version: str) -> Terms:
        return replace(super().agree(request, version), timers=DEFAULT_TIMERS)


@fault("heartbeats-after-close", breaks="CTRL-011")
class HeartbeatsAfterClose(Clockwork):
    """Heartbeats go on after `session.closed`."""

    def stop(self) -> None:
        self._expiry.cancel()


@fault("closed-is-forgotten", breaks="CTRL-012")
class ClosedIsForgotten(Sessions):
    """A closed session can be opened again."""

    def end(self, session: Session) -> None:
        super().end(session)
        del self._ended[session.key]


@fault("sync-in-background", breaks="CTRL-015")
class SyncInBackground(Control):
    """A sync is handled a little later, after requests that came behind it."""

    def sync(self, request: Request) -> None:
        self.require(request)

        def late() -> None:
            with contextlib.suppress(Refusal):
                Control.sync(self, request)

        self.services.clock.call_later(100, late)


@fault("never-expires", breaks="CTRL-016")
class NeverExpires(Clockwork):
    """A session whose client has gone lives on."""

    def left_ms(self) -> float:
        return 1_000


@fault("expires-in-use", breaks="CTRL-016")
class ExpiresInUse(Clockwork):
    """A session expires after its window whatever its client sends."""

    def touch(self) -> None:
        pass


@fault("stops-without-a-word", breaks="CTRL-017")
class StopsWithoutAWord(Control):
    """There is no `session.closing` before a stop."""

    def announce_stop(self, after_ms: int) -> None:
        pass


@fault("stops-by-another-code", breaks="CTRL-017")
class StopsByAnotherCode(Session):
    """The push before a planned stop has the code of a session that is over."""

    def push(self, type_name: str, data: JsonObject) -> JsonObject:
        told = {**data, "code": 4101} if type_name == "session.closing" else data
        return super().push(type_name, told)


@fault("names-forgotten-with-any-session", breaks="STATE-013")
class NamesForgottenWithAnySession(Control):
    """The name of a user is forgotten when one of its sessions ends, be another live."""

    def end(self, session: Session, why: str) -> None:
        super().end(session, why)
        self.services.store.forget_user(session.user_id)
        self.services.store.meet_user({"id": session.user_id, "username": session.user_id})
