"""Faults that show in sessions which have nothing to do with it, and of what nobody is to be told."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.control import AnswerWithStates, Control, Request
from omnisession_reference.errors import Errors, Refusal
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, decode


@fault("auth-in-opened", breaks="SEC-005")
class AuthInOpened(Control):
    """`session.opened` repeats the credential of the open."""

    def answer_with_states(
        self, request: Request, session: Session, answer: AnswerWithStates
    ) -> None:
        if answer.reason == "open":
            answer = replace(answer, data={**answer.data, "auth": request.data["auth"]})
        super().answer_with_states(request, session, answer)


@fault("request-in-refusal", breaks="SEC-005")
class RequestInRefusal(Control):
    """The refusal of a request repeats it."""

    def receive(self, message: Incoming, user_id: str, session_id: str) -> None:
        try:
            super().receive(message, user_id, session_id)
        except Refusal as refusal:
            refusal.details["request"] = decode(message.data)
            raise


@fault("states-for-strangers", breaks="SEC-007")
class StatesForStrangers(Actions):
    """An action brings a state to every session of every other user, whatever it did."""

    def settle(self, action: Action, outcome: Outcome) -> None:
        super().settle(action, outcome)
        for session in self.services.sessions.all():
            if session.user_id != action.user_id and not session.events:
                for kind in session.terms.kinds:
                    session.publish_state(kind, "change")


@fault("numbers-for-strangers", breaks="SEC-007")
class NumbersForStrangers(Actions):
    """An action takes a seq in every session of every other user, without a message."""

    def settle(self, action: Action, outcome: Outcome) -> None:
        super().settle(action, outcome)
        for session in self.services.sessions.all():
            if session.user_id != action.user_id:
                session.next_seq()


@fault("one-close-for-all", breaks="SEC-008")
class OneCloseForAll(Control):
    """A close ends all sessions of the user."""

    def close(self, request: Request) -> None:
        closing = self.require(request)
        for session in list(self.services.sessions.of_user(request.user_id).values()):
            if session is not closing:
                self.end(session, "closed")
        super().close(request)


@fault("epochs-end-together", breaks="SEC-008")
class EpochsEndTogether(Control):
    """An open begins a new epoch in the user's other sessions."""

    def start(self, session: Session) -> None:
        for other in self.services.sessions.of_user(session.user_id).values():
            other.epoch, other.seq = other.epoch + 1, 0
        super().start(session)


@fault("opened-for-all", breaks="SEC-008")
class OpenedForAll(Control):
    """An open publishes the states of the user's other sessions too."""

    def start(self, session: Session) -> None:
        for other in self.services.sessions.of_user(session.user_id).values():
            for kind in other.terms.kinds:
                other.publish_state(kind, "open")
        super().start(session)


@fault("no-pointer", breaks="ERR-004")
class NoPointer(Errors):
    """A 4001 does not tell where the fault is."""

    def body(self, refusal: Refusal) -> JsonObject:
        refusal.details.pop("pointer", None)
        return super().body(refusal)


@fault("pointer-to-the-root", breaks="ERR-004")
class PointerToTheRoot(Errors):
    """A 4001 points at the whole body, wherever the fault is."""

    def body(self, refusal: Refusal) -> JsonObject:
        if refusal.code == 4001:
            refusal.details["pointer"] = ""
        return super().body(refusal)
