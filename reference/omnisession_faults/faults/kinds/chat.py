"""Faults of the chat: its messages, who is in it and who types."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from collections.abc import Collection, Iterable

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject


@fault("message-sent-twice", breaks="CHAT-001")
class MessageSentTwice(Chat):
    """One send makes two messages."""

    def send(self, action: Action) -> Effects:
        again, effects = super().send(action), super().send(action)
        return Effects([*again.changes, *effects.changes], effects.result)


@fault("message-not-to-own-sessions", breaks="CHAT-001")
class MessageNotToOwnSessions(Chat):
    """A message is missing in the other sessions of its author."""

    def send(self, action: Action) -> Effects:
        effects = super().send(action)
        acting = [s for s in self.room() if s is action.session]
        told = [*acting, *self.others(action.user_id)]
        data = effects.changes[0].data
        return Effects([Change(self.name, "chat.message_added", data, told)], effects.result)


@fault("no-result-on-chat-messages", breaks="CHAT-002")
class NoResultOnChatMessages(Chat):
    """A send on the shared subject is not told its message's id."""

    def send(self, action: Action) -> Effects:
        effects = super().send(action)
        return Effects(effects.changes) if action.row == "chat.messages" else effects


@fault("oldest-message-first", breaks="CHAT-003")
class OldestMessageFirst(ChatSlice):
    """States list the messages from the oldest to the newest."""

    def data(self) -> JsonObject:
        return {**super().data(), "messages": self.messages[::-1]}


@fault("sent-at-of-the-client", breaks="CHAT-004")
class SentAtOfTheClient(Chat):
    """A message was sent when the action says so."""

    def message(self, action: Action) -> JsonObject:
        sent_at = action.data.get("sent_at", action.body["timestamp"])
        return {**super().message(action), "sent_at": sent_at}


@fault("author-of-the-client", breaks="CHAT-004")
class AuthorOfTheClient(Chat):
    """A message is of the user whom the data of the action names."""

    def message(self, action: Action) -> JsonObject:
        message = super().message(action)
        return {**message, "user_id": action.data.get("user_id", action.user_id)}


@fault("edit-moves-to-front", breaks="CHAT-005")
class EditMovesToFront(ChatSlice):
    """An edited message comes first."""

    def replace(self, message: JsonObject) -> None:
        self.messages = [m for m in self.messages if m["id"] != message["id"]]
        self.add(message)


@fault("everybody-edits", breaks="CHAT-006")
class EverybodyEdits(Chat):
    """Anybody may change a message."""

    def find_own(self, action: Action) -> JsonObject:
        found = self.services.store.message(action.data["message_id"])
        return super().find_own(action) if found is None else found


@fault("deleted-message-comes-back", breaks="CHAT-007")
class DeletedMessageComesBack(MemoryStore):
    """A deleted message is in the states of later sessions."""

    def delete_message(self, message_id: str) -> None:
        pass


@fault("typing-to-oneself", breaks="CHAT-008")
class TypingToOneself(Chat):
    """A user is told of its own typing."""

    def others(self, user_id: str) -> Collection[Session]:
        return self.room()


@fault("typing-ends-untold", breaks="CHAT-009")
class TypingEndsUntold(Chat):
    """Typing that ends by itself is missing in later sessions, and no change tells it."""

    def typing_over(self, user_id: str) -> None:
        pass


@fault("typing-outlives-sessions", breaks="CHAT-010")
class TypingOutlivesSessions(Chat):
    """Typing goes on until its time is over, though its user has left."""

    def left(self, session: Session) -> Iterable[Change]:
        return [c for c in super().left(session) if c.type != "chat.typing_changed"]


@fault("first-end-leaves-chat", breaks="CHAT-011")
class FirstEndLeavesChat(Chat):
    """A user leaves the chat with the first of its sessions."""

    def left(self, session: Session) -> Iterable[Change]:
        data = {"user_id": session.user_id}
        gone = Change(self.name, "chat.participant_left", data, self.room())
        return super().left(session) or ([gone] if self.name in session.terms.kinds else ())


@fault("typing-too-short", breaks="CHAT-012")
class TypingTooShort(Typing):
    """Typing ends after the shortest time, whatever was asked."""

    def granted(self, ttl_ms: int | None) -> int:
        return super().granted(0)


@fault("typing-keeps-its-first-time", breaks="CHAT-012")
class TypingKeepsItsFirstTime(Typing):
    """Who types already, and says so without a time, types for as long as was asked at first."""

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        first: dict[str, int | None] = vars(self).setdefault("first", {})
        if user_id not in self.users():
            first[user_id] = ttl_ms
        return super().start(user_id, first[user_id] if ttl_ms is None else ttl_ms)


@fault("close-shortens-typing", breaks="CHAT-012")
class CloseShortensTyping(Chat):
    """Typing lasts for the least time after one of the user's chat sessions ended."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = super().left(session)
        if self.name in session.terms.kinds and session.user_id in self.typing.users():
            self.typing.start(session.user_id, 0)
        return changes


@fault("edit-ends-typing", breaks="CHAT-012")
class EditEndsTyping(Chat):
    """The edit of a message ends the typing of its author."""

    def edit(self, action: Action) -> Effects:
        effects = super().edit(action)
        ended = self.typing_ended(action.user_id)
        return Effects([*effects.changes, *ended], effects.result)


@fault("delete-ends-typing", breaks="CHAT-012")
class DeleteEndsTyping(Chat):
    """The delete of a message ends the typing of its author."""

    def delete(self, action: Action) -> Effects:
        effects = super().delete(action)
        ended = self.typing_ended(action.user_id)
        return Effects([*effects.changes, *ended], effects.result)
