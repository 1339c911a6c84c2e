"""Faults of who is in the room and which sessions a user has: what counts, by which name, for how long."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Callable, Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.users import Users
from omnisession_reference.kinds.users_slice import UserSlice
from omnisession_reference.session import Session, Terms
from omnisession_reference.wire import JsonObject


@fault("participant-while-any-session", breaks="CHAT-011")
class ParticipantWhileAnySession(Chat):
    """A user without a chat session stays in the room as long as it has another one."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = list(super().left(session))
        if self.services.sessions.of_user(session.user_id):
            return [c for c in changes if c.type != "chat.participant_left"]
        if not changes and self.name not in session.terms.kinds:
            data = {"user_id": session.user_id}
            return [Change(self.name, "chat.participant_left", data, self.room())]
        return changes

    def joined(self, session: Session) -> Iterable[Change]:
        if self.services.sessions.of_user(session.user_id):
            known = any(
                p["id"] == session.user_id
                for s in self.room()
                for p in s.slices["chat"].data()["participants"]
            )
            if known:
                return ()
        return super().joined(session)


@fault("open-again-comes-twice", breaks="CHAT-011")
class OpenAgainComesTwice(Control):
    """A session that was opened twice has to leave the room twice."""

    def open(self, request: Request) -> None:
        known = self.services.sessions.live(request.user_id, request.session_id)
        if known is not None:
            known.__dict__["came_twice"] = True
        super().open(request)

    def end(self, session: Session, why: str) -> None:
        chat = self._kinds.get("chat")
        if chat is None or not session.__dict__.get("came_twice"):
            super().end(session, why)
            return
        kinds = self._kinds
        self._kinds = {name: kind for name, kind in kinds.items() if name != "chat"}
        try:
            super().end(session, why)
        finally:
            self._kinds = kinds


@fault("sessions-have-the-kinds-asked-for", breaks="USER-003")
class SessionsHaveTheKindsAskedFor(Control):
    """A session is listed with all kinds that its open asked for, served or not."""

    def agree(self, request: Request, version: str) -> Terms:
        terms = super().agree(request, version)
        _ASKED[request.user_id, request.session_id] = list(request.data["kinds"])
        return terms

    def start(self, session: Session) -> None:
        super().start(session)
        asked = _ASKED.pop(session.key, list(session.terms.kinds))
        info = {"session_id": session.session_id, "opened_at": session.opened_at, "kinds": asked}
        for other in self.services.sessions.of_user(session.user_id).values():
            held = other.slices.get("user")
            if held is not None:
                held.reduce("user.session_opened", {"session": info})


_ASKED: dict[tuple[str, str], list[str]] = {}


@fault("sessions-by-their-ids", breaks="USER-003")
class SessionsByTheirIds(UserSlice):
    """The sessions of a user are ordered by their ids."""

    def data(self) -> JsonObject:
        data = super().data()
        return {**data, "sessions": sorted(data["sessions"], key=lambda s: s["session_id"])}


@fault("a-session-does-not-list-itself", breaks="USER-003")
class ASessionDoesNotListItself(Users):
    """A session is not in its own list of the user's sessions."""

    def build(self, session: Session) -> UserSlice:
        return self.services.parts.of(UserSlice)(
            self.services.store.user(session.user_id),
            self.permissions(session),
            [self.info(s) for s in self.audience(session.user_id)],
        )


@fault("rename-told-to-others-alone", breaks="USER-004")
class RenameToldToOthersAlone(Users):
    """A new name of a participant is told to the sessions of other users alone."""

    def renamed(self, user: JsonObject) -> list[Change]:
        return [
            replace(c, sessions=[s for s in c.sessions if s.user_id != user["id"]])
            for c in super().renamed(user)
        ]


@fault("rename-of-absent-user-lost", breaks="USER-004")
class RenameOfAbsentUserLost(Users):
    """The name of a user who is not in the room stays there as it was, also when it comes."""

    def update(self, action: Action) -> Effects:
        old = self.services.store.user(action.user_id)
        effects = super().update(action)
        if len(effects.changes) == 1:
            user = {**self.services.store.user(action.user_id), "username": old["username"]}
            self.services.store.put_user(user)
        return effects


@fault("empty-user-updates-refused", breaks="USER-004")
class EmptyUserUpdatesRefused(Users):
    """An update of the user that names nothing is refused."""

    def update(self, action: Action) -> Effects:
        if not self.named(action.data["changes"]):
            raise Refusal(4220, "Name what is to be changed.")
        return super().update(action)


@fault("user-updates-need-the-kind", breaks="ACTION-025")
class UserUpdatesNeedTheKind(Users):
    """A user is updated in sessions with the kind `user` alone."""

    def update(self, action: Action) -> Effects:
        if self.name not in action.session.terms.kinds:
            raise Refusal(4040, "There is no such user here.")
        return super().update(action)


@fault("second-update-of-user-takes-the-first-back", breaks="USER-004")
class SecondUpdateTakesTheFirstBack(Users):
    """An update of the user begins from what its token said: what an earlier one changed is undone."""

    def update(self, action: Action) -> Effects:
        grant = action.session.grant
        user = self.services.store.user(action.user_id)
        first = {**user, "username": grant.name}
        if grant.email is not None:
            first["email"] = grant.email
        changes = self.named(action.data["changes"])
        whole = {k: v for k, v in first.items() if k in ("username", "email")} | changes
        return super().update(replace(action, data={"changes": whole}))


def _burning(
    control: Control, request: Request, codes: set[int], opens: Callable[[Request], None]
) -> None:
    """Open a session, and hold its id for used up once that was refused by one of some codes."""
    key = (request.user_id, request.session_id)
    burnt: set[tuple[str, str]] = vars(control).setdefault("burnt", set())
    if key in burnt:
        raise Refusal(4101, "The session is over; open a new one with a new id.")
    try:
        opens(request)
    except Refusal as refusal:
        if refusal.code in codes and not control.services.sessions.live(*key):
            burnt.add(key)
        raise


@fault("refused-open-burns-its-id", breaks="SEC-006")
class RefusedOpenBurnsItsId(Control):
    """A session id under which an open was refused for its credential is over."""

    def open(self, request: Request) -> None:
        _burning(self, request, {4010, 4011, 4031}, super().open)


@fault("open-without-kinds-burns-its-id", breaks="CTRL-006")
class OpenWithoutKindsBurnsItsId(Control):
    """A session id under which an open was refused for its kinds is over."""

    def open(self, request: Request) -> None:
        _burning(self, request, {4220}, super().open)


@fault("open-too-many-burns-its-id", breaks="LIMIT-004")
class OpenTooManyBurnsItsId(Control):
    """A session id that was refused since the user had too many is over, also when there is room."""

    def open(self, request: Request) -> None:
        _burning(self, request, {4291}, super().open)


@fault("refused-version-burns-its-id", breaks="VER-002")
class RefusedVersionBurnsItsId(Control):
    """A session id under which an open was refused for its versions is over."""

    def open(self, request: Request) -> None:
        _burning(self, request, {4003}, super().open)
