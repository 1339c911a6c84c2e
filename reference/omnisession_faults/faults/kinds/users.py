"""Faults of users, and of what others see of them."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from collections.abc import Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Session
from omnisession_reference.users import public
from omnisession_reference.wire import JsonObject


@fault("permissions-unsorted", breaks="USER-001")
class PermissionsUnsorted(Users):
    """Permissions come in the wrong order."""

    def permissions(self, session: Session) -> list[str]:
        return super().permissions(session)[::-1]


@fault("email-of-participants", breaks="USER-002")
class EmailOfParticipants(Chat):
    """Participants are shown with their email."""

    def participant(self, user_id: str) -> JsonObject:
        return self.services.store.user(user_id)


@fault("closed-sessions-stay", breaks="USER-003")
class ClosedSessionsStay(Users):
    """The end of a session is not told to its user."""

    def left(self, session: Session) -> Iterable[Change]:
        return ()


@fault("participants-keep-old-names", breaks="USER-004")
class ParticipantsKeepOldNames(Users):
    """The chat is not told of a new name."""

    def renamed(self, user: JsonObject) -> list[Change]:
        return []


@fault("stores-what-it-is-sent", breaks="USER-005")
class StoresWhatItIsSent(Users):
    """Whatever an update names becomes a part of the user."""

    def named(self, changes: JsonObject) -> JsonObject:
        return {name: value for name, value in changes.items() if name != "id"}


@fault("absent-users-join-by-name", breaks="CHAT-011")
class AbsentUsersJoinByName(Users):
    """The room is told the new name of a user who is not in it, as of one who is."""

    def renamed(self, user: JsonObject) -> list[Change]:
        room = self.services.sessions.of_kind("chat").values()
        return [Change("chat", "chat.participant_joined", {"user": public(user)}, room)]


@fault("empty-email-taken-away", breaks="USER-004")
class EmptyEmailTakenAway(Users):
    """An update with an empty email leaves the user without one."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        user = self.services.store.user(action.user_id)
        if user.get("email") != "":
            return effects
        user = {name: value for name, value in user.items() if name != "email"}
        self.services.store.put_user(user)
        told = [
            replace(c, data={"user": user}) if c.type == "user.updated" else c
            for c in effects.changes
        ]
        return Effects(told)
