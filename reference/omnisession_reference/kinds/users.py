"""The kind user: what a user sees of itself."""

from collections.abc import Collection, Iterable, Mapping

from omnisession_reference.action import Action, Effects, Handler
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.users_slice import UserSlice
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.users import MAX_TEXT, public
from omnisession_reference.wire import JsonObject, size

# What users may write of themselves; the id is who they are.
MEMBERS = ("username", "email")


class Users:
    """All sessions of a user show the same user and sessions; permissions are each session's own."""

    name = "user"

    def __init__(self, services: Services) -> None:
        self.services = services

    def handlers(self) -> Mapping[str, Handler]:
        """Return the actions of the kind by type."""
        return {"user.update": self.update}

    def build(self, session: Session) -> UserSlice:
        """Make the slice of a session that is being opened; it stands in its own list."""
        return self.services.parts.of(UserSlice)(
            self.services.store.user(session.user_id),
            self.permissions(session),
            [self.info(s) for s in {*self.audience(session.user_id), session}],
        )

    def joined(self, session: Session) -> Iterable[Change]:
        """Tell the user's other sessions of a new one."""
        data = {"session": self.info(session)}
        return [Change(self.name, "user.session_opened", data, self.audience(session.user_id))]

    def left(self, session: Session) -> Iterable[Change]:
        """Tell the user's other sessions that one is over."""
        data = {"session_id": session.session_id}
        return [Change(self.name, "user.session_closed", data, self.audience(session.user_id))]

    def audience(self, user_id: str) -> Collection[Session]:
        """Return the sessions that changes of a user reach; its email goes nowhere else."""
        return self.services.sessions.of_user(user_id).values()

    def permissions(self, session: Session) -> list[str]:
        """Show what a session's actions are judged by."""
        return sorted(session.grant.permissions)

    def info(self, session: Session) -> JsonObject:
        """Show a session to its user."""
        return {
            "session_id": session.session_id,
            "opened_at": session.opened_at,
            "kinds": list(session.terms.kinds),
        }

    def update(self, action: Action) -> Effects:
        """Change the members named; whoever sees the name is told."""
        old = self.services.store.user(action.user_id)
        user = {**old, **self.named(action.data["changes"])}
        self.check_sizes(user)
        if user == old:
            return Effects()
        self.services.store.put_user(user)
        told = [Change(self.name, "user.updated", {"user": user}, self.audience(user["id"]))]
        if user["username"] != old["username"]:
            told += self.renamed(user)
        return Effects(told)

    def named(self, changes: JsonObject) -> JsonObject:
        """Take from an update what the protocol names, and nothing else."""
        return {member: changes[member] for member in MEMBERS if member in changes}

    def check_sizes(self, user: JsonObject) -> None:
        """Refuse texts that are too long."""
        for member in MEMBERS:
            if size(user.get(member, "")) > MAX_TEXT:
                raise Refusal(4130, f"The {member} is at most {MAX_TEXT} bytes long.")

    def renamed(self, user: JsonObject) -> list[Change]:
        """Tell the chat of a new name, if the user is there."""
        if not any("chat" in session.terms.kinds for session in self.audience(user["id"])):
            return []
        room = self.services.sessions.of_kind("chat").values()
        return [Change("chat", "chat.participant_joined", {"user": public(user)}, room)]
