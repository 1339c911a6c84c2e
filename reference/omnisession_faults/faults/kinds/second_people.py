"""Faults of who types, who is there and what users are, that need a second one of something."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Collection, Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.control import Control
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Key, Session
from omnisession_reference.wire import JsonObject

NEWEST = 10


def _began(chat: Chat, action: Action) -> Key:
    """Return the session that began the typing of a user; that of the action where nobody types."""
    began: dict[str, Key] = vars(chat).setdefault("_began", {})
    if action.user_id not in chat.typing.users():
        began[action.user_id] = action.session.key
    return began[action.user_id]


# -- typing --------------------------------------------------------------------------------------------


@fault("typing-renewed-where-begun-only", breaks="CHAT-012")
class TypingRenewedWhereBegunOnly(Chat):
    """That a user still types counts in the session alone that said so first."""

    def note_typing(self, action: Action) -> Effects:
        if action.data["active"] and _began(self, action) != action.session.key:
            return Effects()
        return super().note_typing(action)


@fault("typing-stopped-where-begun-only", breaks="CHAT-010")
class TypingStoppedWhereBegunOnly(Chat):
    """That a user stopped typing counts in the session alone that said so first."""

    def note_typing(self, action: Action) -> Effects:
        if _began(self, action) != action.session.key and not action.data["active"]:
            return Effects()
        return super().note_typing(action)


@fault("typing-ends-where-it-began", breaks="CHAT-010")
class TypingEndsWhereItBegan(Chat):
    """Typing ends with the session that switched it on, though its user has another in the chat."""

    def note_typing(self, action: Action) -> Effects:
        _began(self, action)
        return super().note_typing(action)

    def left(self, session: Session) -> Iterable[Change]:
        ends = vars(self).get("_began", {}).get(session.user_id) == session.key
        gone = self.typing_ended(session.user_id) if ends and self.present(session.user_id) else []
        return [*gone, *super().left(session)]


@fault("typing-in-the-order-of-its-begin", breaks="CHAT-008")
class TypingInTheOrderOfItsBegin(ChatSlice):
    """Who begins to type stands behind those who type already."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        super().reduce(change_type, data)
        if change_type == "chat.typing_changed" and data["active"]:
            self.typing.remove(data["user_id"])
            self.typing.append(data["user_id"])


# -- the room ------------------------------------------------------------------------------------------


@fault("participants-in-the-order-of-coming", breaks="CHAT-011")
class ParticipantsInTheOrderOfComing(ChatSlice):
    """Who comes stands behind those who are there."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        known = [user["id"] for user in self.participants]
        super().reduce(change_type, data)
        if change_type == "chat.participant_joined" and data["user"]["id"] not in known:
            self.participants.remove(data["user"])
            self.participants.append(data["user"])


@fault("renamed-participants-last", breaks="CHAT-011")
class RenamedParticipantsLast(ChatSlice):
    """Who has a new name stands behind all others."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        known = [user["id"] for user in self.participants]
        super().reduce(change_type, data)
        if change_type == "chat.participant_joined" and data["user"]["id"] in known:
            self.participants.remove(data["user"])
            self.participants.append(data["user"])


@fault("edit-sends-anew", breaks="CHAT-005")
class EditSendsAnew(Chat):
    """An edit sets `sent_at` of its message as well."""

    def edit(self, action: Action) -> Effects:
        effects = super().edit(action)
        message = effects.changes[0].data["message"]
        message["sent_at"] = message["edited_at"]
        return effects


@fault("newest-ten-messages-found", breaks="CHAT-005")
class NewestTenMessagesFound(Chat):
    """Of the messages in the list the newest ten can be edited and deleted."""

    def find_own(self, action: Action) -> JsonObject:
        newest = [message["id"] for message in self.services.store.messages()][:NEWEST]
        if action.data["message_id"] not in newest:
            raise Refusal(4040, "There is no such message.")
        return super().find_own(action)


# -- users ---------------------------------------------------------------------------------------------


@fault("update-grants-permissions", breaks="ART-010")
class UpdateGrantsPermissions(Users):
    """Permissions that an update of the user names are those of its session."""

    def update(self, action: Action) -> Effects:
        asked = action.data["changes"].get("permissions")
        if isinstance(asked, list):
            session = action.session
            names = frozenset(str(name) for name in asked)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            session.grant = replace(session.grant, permissions=session.grant.permissions | names)
        return super().update(action)


@fault("one-rename-in-a-session", breaks="USER-004")
class OneRenameInASession(Users):
    """A second new name from one session is acked, and not taken."""

    def update(self, action: Action) -> Effects:
        renamed: set[Key] = vars(self).setdefault("_renamed", set())
        if action.session.key in renamed:
            return Effects()
        effects = super().update(action)
        if "username" in action.data["changes"]:
            renamed.add(action.session.key)
        return effects


@fault("emails-not-replaced", breaks="USER-004")
class EmailsNotReplaced(Users):
    """An email is taken where there is none, and not in the place of another."""

    def update(self, action: Action) -> Effects:
        if self.services.store.user(action.user_id).get("email"):
            action.data["changes"].pop("email", None)
        return super().update(action)


@fault("expired-sessions-stay-listed", breaks="USER-003")
class ExpiredSessionsStayListed(Control):
    """That a session expired is not told to its user's others."""

    def end(self, session: Session, why: str) -> None:
        user = self._kinds.get("user")
        if why != "expired" or not isinstance(user, Users):
            super().end(session, why)
            return
        kinds, self._kinds = self._kinds, {n: k for n, k in self._kinds.items() if k is not user}
        super().end(session, why)
        self._kinds = kinds


@fault("same-id-leaves-the-list", breaks="SEC-008")
class SameIdLeavesTheList(Users):
    """Where a session ends, those of other users with its id are no more listed by them either."""

    def left(self, session: Session) -> Iterable[Change]:
        yield from super().left(session)
        for other in self.services.sessions.all():
            if other.session_id == session.session_id and other.user_id != session.user_id:
                told: Collection[Session] = self.audience(other.user_id)
                data = {"session_id": session.session_id}
                yield Change(self.name, "user.session_closed", data, told)
