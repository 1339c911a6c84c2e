"""Faults of what is asked of a session for the second time, and of how many there are."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import ended
from omnisession_reference.actions import Actions
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import Incoming, JsonObject, decode

# -- open again ----------------------------------------------------------------------------------------


@fault("reopen-stops-the-end-of-typing", breaks="CHAT-009")
class ReopenStopsTheEndOfTyping(Control):
    """Typing of a user one of whose sessions is opened again does not end by itself any more."""

    def open(self, request: Request) -> None:
        chat = self._kinds.get("chat")
        if self.services.sessions.live(request.user_id, request.session_id) and isinstance(
            chat, Chat
        ):
            alarm = vars(chat.typing)["_alarms"].get(request.user_id)
            if alarm is not None:
                alarm.cancel()
        super().open(request)


@fault("refused-reopen-ends-edits", breaks="CTRL-004")
class RefusedReopenEndsEdits(Control):
    """An open of a live session that is refused ends its edits."""

    def open(self, request: Request) -> None:
        try:
            super().open(request)
        except Refusal:
            session = self.services.sessions.live(request.user_id, request.session_id)
            if session is not None and (articles := self._kinds.get("articles")):
                self.services.fanout.apply(articles.left(session))
            raise


@fault("reopen-shows-the-kinds-asked", breaks="CTRL-004")
class ReopenShowsTheKindsAsked(Control):
    """An open of a live session brings the states of those kinds alone that it names."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.reason == "open" and session.seq:
            asked = request.data["kinds"]
            kinds = tuple(kind for kind in answer.kinds if kind in asked)
            answer = replace(answer, kinds=kinds or answer.kinds)
        super().answer_with_states(request, session, answer)


@fault("reopen-in-the-order-asked", breaks="CTRL-004")
class ReopenInTheOrderAsked(Control):
    """An open of a live session that names its kinds in another order has its answer in that order."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.reason == "open" and session.seq:
            asked = request.data["kinds"]
            kinds = tuple(sorted(answer.kinds, key=lambda k: asked.index(k) if k in asked else 99))
            answer = replace(answer, kinds=kinds, data={**answer.data, "kinds": list(kinds)})
        super().answer_with_states(request, session, answer)


@fault("reopen-takes-a-seq", breaks="ORDER-002")
class ReopenTakesASeq(Control):
    """An open of a live session takes a seq that no message has."""

    def open(self, request: Request) -> None:
        session = self.services.sessions.live(request.user_id, request.session_id)
        if session is not None:
            session.next_seq()
        super().open(request)


@fault("reopened-answer-counts-nothing", breaks="CTRL-004")
class ReopenedAnswerCountsNothing(Control):
    """The answer to an open of a live session has `last_action_seq` 0, its states do not."""

    def answer(self, request: Request, session: Session, type_name: str, data: JsonObject) -> None:
        if type_name == "session.opened":
            data = {**data, "position": {**data["position"], "last_action_seq": 0}}
        super().answer(request, session, type_name, data)


# -- close again ---------------------------------------------------------------------------------------


@fault("closed-again-as-at-first", breaks="CTRL-012")
class ClosedAgainAsAtFirst(Control):
    """A close of a session that was closed is answered with `session.closed`."""

    def close(self, request: Request) -> None:
        if (request.user_id, request.session_id) not in ended(self.services.sessions):
            super().close(request)
            return
        body = self.services.out.envelope("session.closed", request.user_id, request.session_id)
        self.services.out.answer(request.reply, {**body, "data": {}})


@fault("close-of-unknown-burns-its-id", breaks="CTRL-019")
class CloseOfUnknownBurnsItsId(Control):
    """A session that was never opened is over once it was closed."""

    def close(self, request: Request) -> None:
        try:
            super().close(request)
        except Refusal as refusal:
            if refusal.code == 4041:
                key = (request.user_id, request.session_id)
                ended(self.services.sessions)[key] = 2**53
            raise


@fault("named-too-early-is-over", breaks="ACTION-014")
class NamedTooEarlyIsOver(Actions):
    """A session that an action named before it was opened cannot be opened any more."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        try:
            super().receive(message, row, user_id)
        except Refusal as refusal:
            if refusal.code == 4041:
                body = decode(message.data)
                key = (body["user_id"], body["session_id"])
                ended(self.services.sessions)[key] = 2**53
            raise


@fault("closed-forgotten-when-another-closes", breaks="CTRL-012")
class ClosedForgottenWhenAnotherCloses(Sessions):
    """Of the sessions of a user that are over the last one is known."""

    def end(self, session: Session) -> None:
        for key in [key for key in self._ended if key[0] == session.user_id]:
            del self._ended[key]
        super().end(session)


# -- how many ------------------------------------------------------------------------------------------


@fault("full-house-refuses-open-again", breaks="LIMIT-004")
class FullHouseRefusesOpenAgain(Control):
    """An open of a live session is refused where its user has as many as there may be."""

    def open(self, request: Request) -> None:
        self.services.sessions.check_room(request.user_id)
        super().open(request)


@fault("closed-sessions-count", breaks="LIMIT-004")
class ClosedSessionsCount(Sessions):
    """Sessions that are over count for the limit of sessions as long as they are known."""

    def check_room(self, user_id: str) -> None:
        super().check_room(user_id)
        over = sum(key[0] == user_id for key in self._ended)
        if len(self.of_user(user_id)) + over >= LIMITS["sessions"]:
            raise Refusal(4291, "Close one of your sessions first.")


@fault("refused-opens-count", breaks="LIMIT-004")
class RefusedOpensCount(Control):
    """An open that was refused counts for the limit of sessions."""

    def open(self, request: Request) -> None:
        refused: dict[str, int] = vars(self).setdefault("_refused", {})
        user_id = request.user_id
        taken = len(self.services.sessions.of_user(user_id)) + refused.get(user_id, 0)
        if taken >= LIMITS["sessions"]:
            raise Refusal(4291, "Close one of your sessions first.")
        try:
            super().open(request)
        except Refusal:
            refused[user_id] = refused.get(user_id, 0) + 1
            raise


@fault("a-session-less", breaks="LIMIT-004")
class ASessionLess(Sessions):
    """A user may have one session less than told."""

    def check_room(self, user_id: str) -> None:
        if len(self.of_user(user_id)) >= LIMITS["sessions"] - 1:
            raise Refusal(4291, "Close one of your sessions first.")


# -- timers of the first -------------------------------------------------------------------------------


def _as_the_first(control: Control, session: Session, *names: str) -> None:
    of_user = control.services.sessions.of_user(session.user_id)
    first = next(iter(of_user.values()))
    granted: dict[str, Any] = {n: getattr(first.terms.timers, n) for n in names}
    clockwork = vars(session.timers)
    clockwork["_granted"] = replace(clockwork["_granted"], **granted)


@fault("heartbeats-of-the-first-session", breaks="CTRL-008")
class HeartbeatsOfTheFirstSession(Control):
    """Heartbeats come as often as the first session of their user asked for."""

    def start(self, session: Session) -> None:
        super().start(session)
        _as_the_first(self, session, "heartbeat_ms")


@fault("windows-of-the-first-session", breaks="CTRL-016")
class WindowsOfTheFirstSession(Control):
    """Sessions expire by the window of the first session of their user."""

    def start(self, session: Session) -> None:
        super().start(session)
        _as_the_first(self, session, "resume_window_ms")
