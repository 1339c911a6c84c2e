"""The kind chat: one room for everybody, its messages, who is in it and who types."""

from collections.abc import Collection, Iterable, Mapping

from omnisession_reference.action import Action, Effects, Handler
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.protocol import LIMITS
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.users import public
from omnisession_reference.wire import JsonObject, size


class Chat:
    """Everybody may read and send; only its author may change a message."""

    name = "chat"

    def __init__(self, services: Services) -> None:
        self.services = services
        self.typing = services.parts.of(Typing)(services.clock, self.typing_over)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions of the kind by type."""
        return {
            "chat.send": self.send,
            "chat.edit": self.edit,
            "chat.delete": self.delete,
            "chat.typing": self.note_typing,
        }

    def build(self, session: Session) -> ChatSlice:
        """Make the slice of a session that is being opened; its own user is in the room by that."""
        user_ids = {session.user_id} | {s.user_id for s in self.room()}
        return self.services.parts.of(ChatSlice)(
            self.services.store.messages(),
            [self.participant(user_id) for user_id in user_ids],
            [user_id for user_id in self.typing.users() if user_id != session.user_id],
        )

    def joined(self, session: Session) -> Iterable[Change]:
        """Tell the others of a user who was not in the room before."""
        if self.name not in session.terms.kinds or self.present(session.user_id):
            return ()
        user = {"user": self.participant(session.user_id)}
        return [Change(self.name, "chat.participant_joined", user, self.room())]

    def left(self, session: Session) -> Iterable[Change]:
        """Tell the others of a user who is not in the room any more."""
        if self.name not in session.terms.kinds or self.present(session.user_id):
            return ()
        gone = Change(self.name, "chat.participant_left", {"user_id": session.user_id}, self.room())
        return [*self.typing_ended(session.user_id), gone]

    def room(self) -> Collection[Session]:
        """Return the sessions that see the room."""
        return self.services.sessions.of_kind(self.name).values()

    def others(self, user_id: str) -> Collection[Session]:
        """Return the sessions that see a user type."""
        return [session for session in self.room() if session.user_id != user_id]

    def present(self, user_id: str) -> bool:
        """Say whether a user is in the room."""
        sessions = self.services.sessions.of_user(user_id).values()
        return any(self.name in session.terms.kinds for session in sessions)

    def participant(self, user_id: str) -> JsonObject:
        """Show a user to the room."""
        return public(self.services.store.user(user_id))

    def send(self, action: Action) -> Effects:
        """Put a message in the room."""
        self.check_size(action)
        message = self.message(action)
        self.services.store.put_message(message)
        added = Change(self.name, "chat.message_added", {"message": message}, self.room())
        return Effects([added], {"message_id": message["id"]})

    def message(self, action: Action) -> JsonObject:
        """Make a message of the acting user."""
        return {
            "id": self.services.ids.new(),
            "user_id": action.user_id,
            "content": action.data["content"],
            "sent_at": self.services.clock.now_ms(),
            "edited_at": None,
        }

    def edit(self, action: Action) -> Effects:
        """Give an own message another content."""
        old = self.find_own(action)
        self.check_size(action)
        edited_at = self.services.clock.now_ms()
        message = {**old, "content": action.data["content"], "edited_at": edited_at}
        self.services.store.put_message(message)
        return Effects(
            [Change(self.name, "chat.message_edited", {"message": message}, self.room())]
        )

    def delete(self, action: Action) -> Effects:
        """Take an own message away."""
        message_id = self.find_own(action)["id"]
        self.services.store.delete_message(message_id)
        data = {"message_id": message_id}
        return Effects([Change(self.name, "chat.message_deleted", data, self.room())])

    def find_own(self, action: Action) -> JsonObject:
        """Return the message that an action names, if its user is the author."""
        message = self.services.store.message(action.data["message_id"])
        if message is None:
            raise Refusal(4040, "There is no such message.")
        if message["user_id"] != action.user_id:
            raise Refusal(4030, "Only its author may change a message.")
        return message

    def check_size(self, action: Action) -> None:
        """Refuse a content that is too large."""
        if size(action.data["content"]) > LIMITS["chat_content"]:
            raise Refusal(4130, f"Content is at most {LIMITS['chat_content']} bytes long.")

    def note_typing(self, action: Action) -> Effects:
        """Note that the acting user types for a while, or stopped; who is absent does neither."""
        user_id = action.user_id
        if not action.data["active"]:
            return Effects(self.typing_ended(user_id))
        if not self.present(user_id) or not self.typing.start(user_id, action.data.get("ttl_ms")):
            return Effects()
        return Effects([self.typing_change(user_id, active=True)])

    def typing_ended(self, user_id: str) -> list[Change]:
        """End a user's typing; no change if it did not type."""
        return [self.typing_change(user_id, active=False)] if self.typing.stop(user_id) else []

    def typing_over(self, user_id: str) -> None:
        """Tell that a user's typing ended by itself."""
        self.services.fanout.apply([self.typing_change(user_id, active=False)])

    def typing_change(self, user_id: str, *, active: bool) -> Change:
        """Tell the others that a user types, or does not any more."""
        data = {"user_id": user_id, "active": active}
        return Change(self.name, "chat.typing_changed", data, self.others(user_id))
