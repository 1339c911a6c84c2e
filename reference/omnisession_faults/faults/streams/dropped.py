"""Faults by which something is left out that was to be told: held back, beyond a page, or of many."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.change import Change, Listener
from omnisession_reference.control import Control, Request
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

PAGE = 15
LISTENERS = 7


def _drop(control: Control, request: Request) -> None:
    session = control.services.sessions.live(request.user_id, request.session_id)
    if session is not None:
        session.held_back.clear()


@fault("resume-drops-held-back", breaks="STATE-006")
class ResumeDropsHeldBack(Control):
    """A resume drops the states that are held back."""

    def resume(self, request: Request) -> None:
        _drop(self, request)
        super().resume(request)


@fault("sync-drops-held-back", breaks="STATE-006")
class SyncDropsHeldBack(Control):
    """A sync of one kind drops the states of the others that are held back."""

    def sync(self, request: Request) -> None:
        super().sync(request)
        _drop(self, request)


@fault("refused-sync-drops-held-back", breaks="STATE-006")
class RefusedSyncDropsHeldBack(Control):
    """A sync drops the states that are held back, also where it is refused."""

    def sync(self, request: Request) -> None:
        _drop(self, request)
        super().sync(request)


@fault("participants-of-one-page", breaks="STATE-013")
class ParticipantsOfOnePage(Chat):
    """A new session is shown the first 15 participants."""

    def build(self, session: Session) -> ChatSlice:
        built = super().build(session)
        built.participants = built.participants[:PAGE]
        return built


@fault("events-to-seven", breaks="EVENT-007")
class EventsToSeven(Fanout):
    """The events of a change come to seven sessions of a user at most."""

    def tell(
        self, session: Listener, change: Change, data: JsonObject, action: Action | None
    ) -> None:
        of_user = [one for one in change.sessions if one.user_id == session.user_id]
        if session in of_user[:LISTENERS]:
            super().tell(session, change, data, action)
