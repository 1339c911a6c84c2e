"""Faults of when states come, of which kinds, and of what they show."""
# ruff: noqa: ARG002, D102  an override means what it overrides

import json
from collections.abc import Sequence
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.auth import Grant
from omnisession_reference.change import Change, Listener
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.protocol import DEFAULT_TIMERS, VERSION
from omnisession_reference.session import Session, Terms
from omnisession_reference.wire import Incoming, JsonObject, decode

# What every session was shown first, by kind.
FIRST: dict[str, ChatSlice] = {}


@fault("kind-by-class-name", breaks="STATE-001")
class KindByClassName(ArticlesSlice):
    """States of articles are of the kind `ArticlesState`."""

    def data(self) -> JsonObject:
        return {**super().data(), "type": "ArticlesState"}


@fault("events-of-every-kind", breaks="STATE-001")
class EventsOfEveryKind(Fanout):
    """Events come in sessions that did not open their kind."""

    def reach(
        self, session: Listener, change: Change, action: Action | None
    ) -> list[tuple[Change, JsonObject]]:
        if session.events and change.kind not in session.slices:
            self.tell(session, change, change.data, action)
        return super().reach(session, change, action)


@fault("states-of-every-kind", breaks="STATE-001")
class StatesOfEveryKind(Control):
    """An open publishes the states of all kinds, asked for or not."""

    def open(self, request: Request) -> None:
        super().open(request)
        session = self.require(request)
        for kind in self._kinds.keys() - session.slices.keys():
            session.slices[kind] = self._kinds[kind].build(session)
            session.publish_state(kind, "open")
            del session.slices[kind]


@fault("news-in-states-only", breaks="STATE-002")
class NewsInStatesOnly(Session):
    """The state of a change holds only the entries that changed."""

    def publish(self, suffix: str, body: JsonObject) -> None:
        if suffix == "state":
            told: dict[str, str] = self.__dict__.setdefault("told", {})
            before = told.get(body["data"]["type"], "")
            told[body["data"]["type"]] = json.dumps(body["data"])
            if body["reason"] == "change":
                for name in [n for n, v in body["data"].items() if isinstance(v, list)]:
                    entries: list[Any] = body["data"][name]
                    body["data"][name] = [e for e in entries if json.dumps(e) not in before]
        super().publish(suffix, body)


@fault("slice-of-the-open", breaks="STATE-002")
class SliceOfTheOpen(Session):
    """States show the slice as it was when the session was opened."""

    def state_data(self, kind: str) -> JsonObject:
        return self.__dict__.setdefault("opened", {}).setdefault(kind, super().state_data(kind))


@fault("acks-before-states", breaks="STATE-005")
class AcksBeforeStates(Fanout):
    """The state of a session's own change comes after the ack."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        if action.session.events:
            super().tell_acting(action, own)
        for change, _ in own if not action.session.events else ():
            action.session.hold_back(change.kind)


@fault("own-changes-by-events-only", breaks="STATE-005")
class OwnChangesByEventsOnly(Fanout):
    """A session without `events` is told nothing of its own changes."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        if action.session.events:
            super().tell_acting(action, own)


@fault("states-for-the-actor-only", breaks="STATE-006")
class StatesForTheActorOnly(Fanout):
    """Sessions without `events` are told nothing of what others change."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        if session.events:
            super().tell(session, change, data, action)


@fault("second-change-lost", breaks="STATE-006")
class SecondChangeLost(Session):
    """A state that is held back is dropped when a second change comes."""

    def hold_back(self, kind: str) -> None:
        if self.held_back.pop(kind, "") == "":
            super().hold_back(kind)


@fault("pong-before-states", breaks="STATE-006")
class PongBeforeStates(Control):
    """A pong overtakes the states that are held back."""

    def ping(self, request: Request) -> None:
        session = self.require(request)
        self.answer(request, session, "session.pong", {"position": session.position()})


@fault("outcomes-before-states", breaks="STATE-006")
class OutcomesBeforeStates(Actions):
    """An outcome overtakes the states that are held back."""

    def decide(self, action: Action) -> None:
        held, action.session.held_back = action.session.held_back, {}
        super().decide(action)
        action.session.held_back = {**held, **action.session.held_back}


@fault("gaps-before-states", breaks="STATE-006")
class GapsBeforeStates(Actions):
    """The refusal of an action ahead of the count overtakes the states that are held back."""

    def refuse_gap(self, action: Action) -> None:
        super().refuse_gap(action)
        action.session.flush()

    def decide(self, action: Action) -> None:
        if action.client_seq <= action.session.last_action_seq + 1:
            super().decide(action)
        else:
            self.ahead(action)

    def give_up(self, action: Action) -> None:
        held, action.session.held_back = action.session.held_back, {}
        super().give_up(action)
        action.session.held_back = held


@fault("heartbeats-after-expiry", breaks="STATE-007")
class HeartbeatsAfterExpiry(Control):
    """The heartbeats of a session that has expired go on."""

    def expire(self, session: Session) -> None:
        self._actions.forget(session)
        self.services.sessions.end(session)
        for kind in self._kinds.values():
            self.services.fanout.apply(kind.left(session))


@fault("state-for-a-name", breaks="STATE-007")
class StateForAName(Actions):
    """A session that was only named by an action is sent a state."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        try:
            super().receive(message, row, user_id)
        except Refusal as refusal:
            if refusal.code == 4041:
                body = decode(message.data)
                grant = Grant(body["user_id"], "", frozenset())
                terms = Terms(VERSION, ("articles",), (), DEFAULT_TIMERS)
                out = self.services.out
                named = Session(body["session_id"], grant, terms, epoch=1, opened_at=1, out=out)
                named.slices["articles"] = ArticlesSlice()
                named.publish_state("articles", "open")
            raise


@fault("participants-whatever-case", breaks="STATE-010")
class ParticipantsWhateverCase(ChatSlice):
    """Participants are ordered without regard to case."""

    def data(self) -> JsonObject:
        data = super().data()
        return {**data, "participants": sorted(data["participants"], key=_folded)}


@fault("editors-by-utf-16", breaks="STATE-010")
class EditorsByUtf16(ArticlesSlice):
    """Editors are ordered by UTF-16 code unit."""

    @staticmethod
    def editor_key(editor: JsonObject) -> tuple[Any, ...]:
        return (editor["article_id"], editor["user_id"].encode("utf-16-be"))


@fault("messages-never-cut", breaks="STATE-012")
class MessagesNeverCut(ChatSlice):
    """The list of messages grows beyond its limit."""

    def add(self, message: JsonObject) -> None:
        self.messages.insert(0, message)


@fault("first-messages-kept", breaks="STATE-012")
class FirstMessagesKept(ChatSlice):
    """A full list of messages takes no new ones."""

    def add(self, message: JsonObject) -> None:
        oldest = self.messages[-1:]
        super().add(message)
        if oldest and oldest[0] not in self.messages:
            self.messages = [*self.messages[1:], *oldest]


@fault("starts-empty", breaks="STATE-013")
class StartsEmpty(Articles):
    """A new session shows no articles but those that change."""

    def build(self, session: Session) -> ArticlesSlice:
        return self.services.parts.of(ArticlesSlice)()


@fault("room-of-the-start", breaks="STATE-013")
class RoomOfTheStart(Chat):
    """A new session shows the messages that the first one showed when it was opened."""

    def build(self, session: Session) -> ChatSlice:
        slice_ = super().build(session)
        slice_.messages = list(FIRST.setdefault("chat", slice_).messages)
        return slice_


def _folded(user: JsonObject) -> str:
    return user["id"].lower()
