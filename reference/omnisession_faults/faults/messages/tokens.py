"""Faults of ids in subjects, and of where things are published."""
# ruff: noqa: D102  an override means what it overrides

import re

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.out import Out
from omnisession_reference.session import Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.wire import JsonObject


@fault("percent-for-equals", breaks="SUBJ-002")
class PercentForEquals(Out):
    """Ids in subjects are percent-encoded, as in a URL."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        return super().post(subject.replace("=", "%"), body)


@fault("upper-case-hex", breaks="SUBJ-002")
class UpperCaseHex(Out):
    """Ids in subjects are encoded with upper-case hex digits."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        upper = re.sub("=[0-9a-f]{2}", lambda escape: escape[0].upper(), subject)
        return super().post(upper, body)


@fault("dashes-encoded", breaks="SUBJ-002")
class DashesEncoded(Out):
    """A `-` in an id is encoded too."""

    def post(self, subject: str, body: JsonObject) -> bytes:
        of_session = subject.startswith("session.")
        return super().post(subject.replace("-", "=2d") if of_session else subject, body)


@fault("users-whatever-case", breaks="SUBJ-004")
class UsersWhateverCase(Sessions):
    """Users whose ids differ only in case are told what is for one of them."""

    def of_user(self, user_id: str) -> dict[tuple[str, str], Session]:
        return {s.key: s for s in self.all() if s.user_id.lower() == user_id.lower()}


@fault("second-spelling-unknown", breaks="SUBJ-004")
class SecondSpellingUnknown(Sessions):
    """A session whose ids differ only in case from those of a live one is unknown."""

    def find(self, user_id: str, session_id: str) -> Session | None:
        spelling = [user_id, session_id]
        for live in map(list, self._live):
            if live != spelling and [i.lower() for i in live] == [i.lower() for i in spelling]:
                raise Refusal(4041, "There is no such session; open a new one.")
        return super().find(user_id, session_id)


@fault("events-for-debugging", breaks="SUBJ-007")
class EventsForDebugging(Session):
    """Every event is published on a debugging subject too."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        super().publish(suffix, body)
        if suffix == "events":
            self._out.post("debug.events", body)


@fault("chat-said-again", breaks="SUBJ-007")
class ChatSaidAgain(Chat):
    """What clients send to the chat is published again on `chat.messages`."""

    def send(self, action: Action) -> Effects:
        self.services.out.post("chat.messages", {**action.body, **action.data})
        return super().send(action)
