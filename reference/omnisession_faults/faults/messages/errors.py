"""Faults of errors, limits and versions."""
# ruff: noqa: D102  an override means what it overrides

import traceback
from collections.abc import Sequence
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.control import Control
from omnisession_reference.errors import Errors, Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.protocol import SPOKEN, Versions
from omnisession_reference.rate import Rate
from omnisession_reference.router import Router
from omnisession_reference.session import Key, Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import Incoming, JsonObject, decode, encode

# Subjects that garbage came on.
DEAF: set[str] = set()

# Sessions that came too fast.
TOO_FAST: set[Key] = set()


@fault("wrong-error-name", breaks="ERR-001")
class WrongErrorName(Errors):
    """Errors have the name of another code."""

    def body(self, refusal: Refusal) -> JsonObject:
        return {**super().body(refusal), "name": "INTERNAL"}


@fault("silent-on-garbage", breaks="ERR-002")
class SilentOnGarbage(Router):
    """A body that is not JSON is not answered."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        if refusal.code != 4000:
            super().refuse(message, refusal, user_id, session_id)


@fault("pointers-of-requests-only", breaks="ERR-004")
class PointersOfRequestsOnly(Errors):
    """A refused action is told without where its fault is."""

    def body(self, refusal: Refusal) -> JsonObject:
        error = super().body(refusal)
        pointer = error.get("details", {}).get("pointer", "")
        of_actions = pointer.startswith(
            ("/data/changes", "/data/article", "/action_id", "/client_seq")
        )
        return {name: error[name] for name in error if not (of_actions and name == "details")}


@fault("unreadable-actions-name-nobody", breaks="ENV-008")
class UnreadableActionsNameNobody(Router):
    """The error of an action that is no JSON has the user as its session."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        if message.subject.startswith("user.") and refusal.code == 4000:
            user_id, session_id = None, user_id
        super().refuse(message, refusal, user_id, session_id)


@fault("invalid-actions-name-nobody", breaks="ENV-008")
class InvalidActionsNameNobody(Router):
    """The error of an action that cannot be given an outcome tells no user."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        if message.subject.startswith("user.") and refusal.code in (4001, 4041):
            user_id = None
        super().refuse(message, refusal, user_id, session_id)


@fault("shared-errors-name-a-subject", breaks="ENV-008")
class SharedErrorsNameASubject(Router):
    """An error to a message on a subject that all users share has words of that subject as its ids."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        first, _, rest = message.subject.partition(".")
        if first not in ("session", "user"):
            user_id, session_id = first, rest
        super().refuse(message, refusal, user_id, session_id)


@fault("bad-tokens-told-raw", breaks="ENV-008")
class BadTokensToldRaw(Router):
    """The error to a subject with a token that is not canonical tells the token as an id."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        if refusal.code == 4004 and message.subject.startswith("user."):
            user_id = message.subject.rpartition(".")[2]
        super().refuse(message, refusal, user_id, session_id)


@fault("silent-on-invalid-requests", breaks="ERR-003")
class SilentOnInvalidRequests(Control):
    """A control request that fails its schema is not answered."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        try:
            super().receive(message, user_id, session_id)
        except Refusal as refusal:
            if refusal.code != 4001:
                raise


@fault("features-by-default", breaks="ERR-003")
class FeaturesByDefault(Control):
    """An open without `features` is taken for one that asks for none."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        body = decode(message.data)
        if body.get("type") == "session.open" and isinstance(body.get("data"), dict):
            body["data"].setdefault("features", [])
            message = replace(message, data=encode(body))
        super().receive(message, user_id, session_id)


@fault("closed-by-garbage", breaks="ERR-005")
class ClosedByGarbage(Router):
    """A body that is not JSON ends the session that it is for."""

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        super().refuse(message, refusal, user_id, session_id)
        if refusal.code == 4000 and user_id is not None and session_id is not None:
            session = self.services.sessions.live(user_id, session_id)
            if session is not None:
                self._control.end(session, "broken")


@fault("deaf-after-garbage", breaks="ERR-005")
class DeafAfterGarbage(Router):
    """After a body that is not JSON nothing on its subject is handled any more."""

    def dispatch(self, message: Incoming) -> None:
        if message.subject not in DEAF:
            super().dispatch(message)

    def refuse(
        self, message: Incoming, refusal: Refusal, user_id: str | None, session_id: str | None
    ) -> None:
        super().refuse(message, refusal, user_id, session_id)
        if refusal.code == 4000:
            DEAF.add(message.subject)


@fault("trace-in-error", breaks="ERR-006")
class TraceInError(Errors):
    """The message of an error is a stack trace."""

    def body(self, refusal: Refusal) -> JsonObject:
        trace = "".join(traceback.format_exception(refusal)) or repr(refusal)
        return {**super().body(refusal), "message": trace}


@fault("author-in-refusal", breaks="ERR-006")
class AuthorInRefusal(Articles):
    """The refusal of a write names the author."""

    def find_to_write(self, action: Action) -> JsonObject:
        article = self.find(action)
        if not self.may_write(action.session, article):
            raise Refusal(4030, f"Ask {article['author_id']} to change this article.")
        return super().find_to_write(action)


@fault("no-time-to-retry", breaks="ERR-007")
class NoTimeToRetry(Rate):
    """The refusal of what comes too fast does not tell when to come again."""

    def take(self, session: Session) -> None:
        self._per_second = 50
        try:
            super().take(session)
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.message) from None


@fault("too-soon-however-late", breaks="ERR-007")
class TooSoonHoweverLate(Rate):
    """A session that once came too fast is refused for good, whatever the time told."""

    def take(self, session: Session) -> None:
        self._per_second = 50
        if session.key in TOO_FAST:
            raise Refusal(4290, "Send more slowly.", retry_after_ms=20)
        try:
            super().take(session)
        except Refusal:
            TOO_FAST.add(session.key)
            raise


@fault("any-number-of-sessions", breaks="LIMIT-004")
class AnyNumberOfSessions(Sessions):
    """A user may open more sessions than the limit."""

    def check_room(self, user_id: str) -> None:
        pass


@fault("echoes-version", breaks="VER-001")
class EchoesVersion(Versions):
    """The version chosen is the first one offered."""

    def negotiate(self, offers: Sequence[str]) -> str:
        super().negotiate(offers)
        return offers[0]


@fault("majors-by-their-first-digit", breaks="VER-003")
class MajorsByTheirFirstDigit(Versions):
    """A body of the version 10.0 is read as one of 1.0."""

    def accept(self, version: object) -> None:
        if not isinstance(version, str) or version[:1] not in {spoken[:1] for spoken in SPOKEN}:
            super().accept(version)


@fault("round-minors-unknown", breaks="VER-003")
class RoundMinorsUnknown(Versions):
    """A body of another MAJOR with a MINOR such as 10 is invalid, not of another version."""

    def accept(self, version: object) -> None:
        if not (isinstance(version, str) and version.endswith("0") and version[-2:-1].isdigit()):
            super().accept(version)


@fault("minor-refused", breaks="VER-003")
class MinorRefused(Versions):
    """Bodies of a higher minor version are refused."""

    def accept(self, version: object) -> None:
        super().accept(version)
        if isinstance(version, str) and version not in SPOKEN:
            raise Refusal(4003, "This version is not spoken.", supported=list(SPOKEN))
