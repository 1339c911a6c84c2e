"""Who comes is shown to others a while later, as the protocol allows."""

from collections.abc import Iterable
from dataclasses import replace

from omnisession_faults.variants.registry import variant
from omnisession_reference.change import Change, Listener
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.users import Users
from omnisession_reference.kinds.users_slice import UserSlice
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

LATE_MS = 900


def _shows(session: Listener, user: JsonObject) -> bool:
    # Who has a new name since is shown with it.
    held = session.slices.get(Chat.name)
    return isinstance(held, ChatSlice) and user in held.participants


def _to_whom_it_is_shown(change: Change, user: JsonObject) -> Change:
    return replace(change, sessions=[one for one in change.sessions if _shows(one, user)])


@variant("joins-late")
class LateJoining(Chat):
    """Who comes to the chat is shown to others a while after that."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._coming = dict[str, Session]()

    def build(self, session: Session) -> ChatSlice:
        """Show those only who were told, and whose session it is."""
        built = super().build(session)
        for user_id in self._coming.keys() - {session.user_id}:
            built.reduce("chat.participant_left", {"user_id": user_id})
        return built

    def joined(self, session: Session) -> Iterable[Change]:
        """Put it off."""
        if list(super().joined(session)):
            self._coming[session.user_id] = session
            self.services.clock.call_later(LATE_MS, lambda: self._come(session))
        return ()

    def left(self, session: Session) -> Iterable[Change]:
        """Tell it to those alone to whom the user is shown, by a new name for example."""
        changes = list(super().left(session))
        if changes and self._coming.pop(session.user_id, None) is not None:
            user = self.participant(session.user_id)
            return [*changes[:-1], _to_whom_it_is_shown(changes[-1], user)]
        return changes

    def _come(self, session: Session) -> None:
        user_id = session.user_id
        if self._coming.get(user_id) is session:
            del self._coming[user_id]
            user = self.participant(user_id)
            untold = [other for other in self.others(user_id) if not _shows(other, user)]
            came = Change(self.name, "chat.participant_joined", {"user": user}, untold)
            self.services.fanout.apply([came])


@variant("sessions-listed-late")
class LateListing(Users):
    """Other sessions of a user list a new one a while after its open."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._coming = list[Session]()

    def build(self, session: Session) -> UserSlice:
        """List those only that were told, and itself."""
        built = super().build(session)
        for other in self._coming:
            if other is not session and other.user_id == session.user_id:
                built.reduce("user.session_closed", {"session_id": other.session_id})
        return built

    def joined(self, session: Session) -> Iterable[Change]:
        """Put it off."""
        self._coming.append(session)
        self.services.clock.call_later(LATE_MS, lambda: self._come(session))
        return ()

    def left(self, session: Session) -> Iterable[Change]:
        """Tell nothing of a session that was not listed elsewhere."""
        if session in self._coming:
            self._coming.remove(session)
            return ()
        return super().left(session)

    def _come(self, session: Session) -> None:
        if session in self._coming:
            self._coming.remove(session)
            others = [s for s in self.audience(session.user_id) if s is not session]
            data = {"session": self.info(session)}
            self.services.fanout.apply([Change(self.name, "user.session_opened", data, others)])


@variant("sessions-unlisted-late")
class LateUnlisting(Users):
    """Other sessions of a user list one that has ended a while longer."""

    def left(self, session: Session) -> Iterable[Change]:
        """Put it off."""
        changes = list(super().left(session))
        self.services.clock.call_later(LATE_MS, lambda: self.services.fanout.apply(changes))
        return ()
