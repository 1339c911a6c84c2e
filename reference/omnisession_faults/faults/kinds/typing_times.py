"""Faults of what begins, renews and ends typing, and of what does not."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Collection, Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


@fault("typing-ends-never-sooner", breaks="CHAT-009")
class TypingEndsNeverSooner(Typing):
    """A typing that is said again with a shorter time ends when the longer one before it does."""

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        ends: dict[str, float] = self.__dict__.setdefault("ends", {})
        now, asked = self._clock.elapsed_ms(), self.granted(ttl_ms)
        if user_id in self._alarms:
            asked = max(asked, int(ends[user_id] - now))
        ends[user_id] = now + asked
        return super().start(user_id, asked)


@fault("old-end-of-typing-still-comes", breaks="CHAT-012")
class OldEndOfTypingStillComes(Typing):
    """A typing that stopped and began again ends when the first one would have."""

    def stop(self, user_id: str) -> bool:
        return self._alarms.pop(user_id, None) is not None

    def ring(self, user_id: str) -> None:
        if user_id in self._alarms:
            super().ring(user_id)


@fault("renewed-typing-ends-as-it-began", breaks="CHAT-012")
class RenewedTypingEndsAsItBegan(Typing):
    """Who types already, and says so again, types until the time of the first."""

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        return user_id not in self._alarms and super().start(user_id, ttl_ms)


@fault("one-alarm-for-all-who-type", breaks="CHAT-009")
class OneAlarmForAllWhoType(Typing):
    """Where another begins to type, the alarm of the first is set off and never rings."""

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        for other, alarm in self._alarms.items():
            if other != user_id:
                alarm.cancel()
        return super().start(user_id, ttl_ms)


@fault("typing-in-whole-seconds", breaks="CHAT-012")
class TypingInWholeSeconds(Typing):
    """The time of a typing is cut to whole seconds."""

    def granted(self, ttl_ms: int | None) -> int:
        return max(200, super().granted(ttl_ms) // 1000 * 1000)


@fault("typing-unknown-at-open", breaks="CHAT-008")
class TypingUnknownAtOpen(Chat):
    """A session does not show who typed before it was opened."""

    def build(self, session: Session) -> ChatSlice:
        built = super().build(session)
        built.typing = []
        return built


@fault("other-actions-end-typing", breaks="CHAT-012")
class OtherActionsEndTyping(Actions):
    """Whatever else a user does ends its typing."""

    def run(self, action: Action) -> None:
        typing = action.body.get("type") == "chat.typing"
        if (
            not typing
            and action.body.get("type") in self.handlers
            and "chat.typing" in self.handlers
        ):
            stop = replace(action, data={"active": False})
            self.services.fanout.apply(self.handlers["chat.typing"](stop).changes)
        super().run(action)


@fault("new-session-ends-typing", breaks="CHAT-012")
class NewSessionEndsTyping(Chat):
    """A further chat session of a user ends its typing."""

    def joined(self, session: Session) -> Iterable[Change]:
        changes = list(super().joined(session))
        return [*self.typing_ended(session.user_id), *changes]


@fault("typing-while-any-session", breaks="CHAT-010")
class TypingWhileAnySession(Chat):
    """A user without a chat session types on as long as it has another one."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = super().left(session)
        if self.services.sessions.of_user(session.user_id):
            return [c for c in changes if c.type != "chat.typing_changed"]
        return changes

    def typing_ended(self, user_id: str) -> list[Change]:
        if not self.present(user_id) and self.services.sessions.of_user(user_id):
            return []
        return super().typing_ended(user_id)


@fault("typing-told-to-others-who-type", breaks="CHAT-008")
class TypingToldToOthersWhoType(Chat):
    """Whoever types is not shown who else does."""

    def others(self, user_id: str) -> Collection[Session]:
        typing = self.typing.users()
        return [s for s in super().others(user_id) if s.user_id not in typing]


@fault("same-edit-is-none", breaks="CHAT-005")
class SameEditIsNone(Chat):
    """An edit to the content that a message has is acked, and nothing else."""

    def edit(self, action: Action) -> Effects:
        if self.find_own(action)["content"] == action.data["content"]:
            return Effects()
        return super().edit(action)


@fault("edited-at-is-the-first", breaks="CHAT-005")
class EditedAtIsTheFirst(Chat):
    """A message that is edited again keeps the time of its first edit."""

    def edit(self, action: Action) -> Effects:
        old = self.find_own(action)
        effects = super().edit(action)
        if old["edited_at"] is None:
            return effects
        message = {**effects.changes[0].data["message"], "edited_at": old["edited_at"]}
        self.services.store.put_message(message)
        return replace(effects, changes=[replace(effects.changes[0], data={"message": message})])


@fault("size-before-author", breaks="CHAT-006")
class SizeBeforeAuthor(Chat):
    """An edit that is too long is refused for that, whoever's the message is."""

    def edit(self, action: Action) -> Effects:
        self.check_size(action)
        return super().edit(action)


@fault("deleted-messages-are-forbidden", breaks="CHAT-006")
class DeletedMessagesAreForbidden(Chat):
    """A message of another user that was deleted is refused as one that is there."""

    def delete(self, action: Action) -> Effects:
        effects = super().delete(action)
        gone: dict[str, str] = self.__dict__.setdefault("gone", {})
        gone[action.data["message_id"]] = action.user_id
        return effects

    def find_own(self, action: Action) -> JsonObject:
        gone: dict[str, str] = self.__dict__.get("gone", {})
        if gone.get(action.data["message_id"], action.user_id) != action.user_id:
            raise Refusal(4030, "Only its author may change a message.")
        return super().find_own(action)


@fault("message-ids-by-count", breaks="CHAT-004")
class MessageIdsByCount(Chat):
    """The id of a message is how many there are."""

    def message(self, action: Action) -> JsonObject:
        made = super().message(action)
        number = sum(1 for _ in self.services.store.messages()) + 1
        while self.services.store.message(f"m-{number}") is not None:
            number += 1
        return {**made, "id": f"m-{number}"}


@fault("chat-edits-need-the-chat", breaks="ACTION-025")
class ChatEditsNeedTheChat(Chat):
    """An edit or delete from a session without the kind chat finds no message."""

    def find_own(self, action: Action) -> JsonObject:
        if self.name not in action.session.terms.kinds:
            raise Refusal(4040, "There is no such message.")
        return super().find_own(action)


@fault("copy-renews-typing", breaks="CHAT-009")
class CopyRenewsTyping(Actions):
    """A copy of a `chat.typing` lets the time of a typing that goes on begin anew."""

    def used(self, action: Action) -> None:
        super().used(action)
        if action.body["type"] == "chat.typing" and action.data.get("active"):
            self.handlers["chat.typing"](action)
