"""Faults by which what one session does counts for another: rights, typing, names."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.control import Control
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_typing import Typing
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject


@fault("permissions-of-latest-session", breaks="ART-010")
class PermissionsOfLatestSession(Control):
    """All sessions of a user have the permissions of the one that was opened last."""

    def start(self, session: Session) -> None:
        super().start(session)
        for other in self.services.sessions.of_user(session.user_id).values():
            other.grant = session.grant


@fault("permissions-of-any-session", breaks="ART-010")
class PermissionsOfAnySession(Control):
    """A session has the permissions of all sessions of its user that are live."""

    def start(self, session: Session) -> None:
        held = session.grant.permissions
        for other in self.services.sessions.of_user(session.user_id).values():
            held |= other.grant.permissions
        session.grant = replace(session.grant, permissions=held)
        super().start(session)


@fault("permissions-of-first-session", breaks="ART-010")
class PermissionsOfFirstSession(Control):
    """A session has the permissions of the first session of its user that is live."""

    def start(self, session: Session) -> None:
        for other in list(self.services.sessions.of_user(session.user_id).values())[:1]:
            session.grant = other.grant
        super().start(session)


@fault("one-types-at-a-time", breaks="CHAT-008")
class OneTypesAtATime(Chat):
    """Whoever begins to type ends the typing of all others."""

    def note_typing(self, action: Action) -> Effects:
        effects = super().note_typing(action)
        others = [u for u in self.typing.users() if u != action.user_id] if effects.changes else []
        return replace(
            effects, changes=[*effects.changes, *(c for u in others for c in self.typing_ended(u))]
        )


@fault("stop-ends-all-typing", breaks="CHAT-012")
class StopEndsAllTyping(Chat):
    """Whoever says that it stopped ends the typing of all."""

    def note_typing(self, action: Action) -> Effects:
        effects = super().note_typing(action)
        if action.data["active"]:
            return effects
        others = [u for u in self.typing.users() if u != action.user_id]
        return replace(
            effects, changes=[*effects.changes, *(c for u in others for c in self.typing_ended(u))]
        )


@fault("stop-forgets-all-typing", breaks="CHAT-012")
class StopForgetsAllTyping(Typing):
    """Where one stops typing, later sessions show nobody who types."""

    def stop(self, user_id: str) -> bool:
        found = super().stop(user_id)
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()
        return found


@fault("leaving-ends-all-typing", breaks="CHAT-012")
class LeavingEndsAllTyping(Chat):
    """Whoever leaves the chat ends the typing of all."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = list(super().left(session))
        if not changes:
            return changes
        return [
            *changes,
            *(c for user_id in self.typing.users() for c in self.typing_ended(user_id)),
        ]


@fault("message-ends-all-typing", breaks="CHAT-012")
class MessageEndsAllTyping(Chat):
    """A message ends the typing of all."""

    def send(self, action: Action) -> Effects:
        effects = super().send(action)
        over = [c for user_id in self.typing.users() for c in self.typing_ended(user_id)]
        return replace(effects, changes=[*effects.changes, *over])


@fault("participants-by-name", breaks="CHAT-011")
class ParticipantsByName(Chat):
    """Of users with one name the room shows one."""

    def participant(self, user_id: str) -> JsonObject:
        found = super().participant(user_id)
        room = sorted(s.user_id for s in self.room())
        same = [
            id_ for id_ in room if self.services.store.user(id_)["username"] == found["username"]
        ]
        return {**found, "id": same[0]} if same and found["username"] else found


@fault("token-renames-user", breaks="USER-006")
class TokenRenamesUser(Control):
    """A later open with another name in its token renames the user."""

    def start(self, session: Session) -> None:
        super().start(session)
        user = {**self.services.store.user(session.user_id), "username": session.grant.name}
        self.services.store.put_user(user)


@fault("older-token-undoes-update", breaks="USER-006")
class OlderTokenUndoesUpdate(MemoryStore):
    """An open makes the user anew, as its token tells it."""

    def meet_user(self, user: JsonObject) -> None:
        self._users[user["id"]] = user


@fault("token-brings-email", breaks="USER-006")
class TokenBringsEmail(MemoryStore):
    """An open brings the email of its token."""

    def meet_user(self, user: JsonObject) -> None:
        super().meet_user(user)
        if "email" in user:
            self._users[user["id"]] = {**self._users[user["id"]], "email": user["email"]}
