"""Faults by which sessions and actions of two users that have one id are taken for one."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions, Book
from omnisession_reference.clock import Clock
from omnisession_reference.control import Control, Request
from omnisession_reference.errors import Refusal
from omnisession_reference.rate import Rate
from omnisession_reference.session import Key, Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import MemoryStore


@fault("closed-ids-of-all-users", breaks="SEC-008")
class ClosedIdsOfAllUsers(Sessions):
    """A session id that one user closed is over for all."""

    def find(self, user_id: str, session_id: str) -> Session | None:
        found = super().find(user_id, session_id)
        if found is None and any(key[1] == session_id for key in self._ended):
            raise Refusal(4101, "The session is over; open a new one with a new id.")
        return found


@fault("one-id-one-user", breaks="SEC-008")
class OneIdOneUser(Sessions):
    """A session id that one user has open cannot be opened by another."""

    def find(self, user_id: str, session_id: str) -> Session | None:
        found = super().find(user_id, session_id)
        if found is None and any(key[1] == session_id for key in self._live):
            raise Refusal(4101, "The session is over; open a new one with a new id.")
        return found


@fault("same-id-takes-over", breaks="SEC-008")
class SameIdTakesOver(Control):
    """The open of a session ends those of other users with the same id."""

    def start(self, session: Session) -> None:
        for other in self.services.sessions.all():
            if other.session_id == session.session_id and other.user_id != session.user_id:
                self.end(other, "closed")
        super().start(session)


@fault("close-of-same-id", breaks="SEC-008")
class CloseOfSameId(Control):
    """A close ends the sessions of other users with the same id as well."""

    def close(self, request: Request) -> None:
        super().close(request)
        for other in self.services.sessions.all():
            if other.session_id == request.session_id:
                self.end(other, "closed")


@fault("terms-of-same-id", breaks="SEC-008")
class TermsOfSameId(Control):
    """A session has the features of another user's with the same id."""

    def start(self, session: Session) -> None:
        for other in self.services.sessions.all():
            if other.session_id == session.session_id:
                features = other.terms.features
                session.terms = replace(session.terms, features=features)
        super().start(session)


@fault("numbers-by-session-id", breaks="SEC-008")
class NumbersBySessionId(Actions):
    """Sessions of two users with one id share what is known of used numbers."""

    def _book(self, session: Session) -> Book:
        return self._books.setdefault(("", session.session_id), Book())


@fault("edits-by-session-id", breaks="EDIT-004")
class EditsBySessionId(MemoryStore):
    """The end of a session ends the edits of another user's with the same id."""

    def edited_in(self, session: Key) -> list[str]:
        found: list[str] = []
        for key, articles in list(self._edited_in.items()):
            if key[1] == session[1]:
                found += articles
                if key != session:
                    for article_id in list(articles):
                        self.end_edit(article_id, key)
        return found


def _one_memory(name: str, part: str, sentence: str) -> None:
    class OneMemory(Actions):
        def known(self, action: Action) -> Outcome | None:
            found = super().known(action)
            if found is not None or not str(action.body.get("type")).startswith(part):
                return found
            return self.services.store.outcome(part, action.action_id)

        def settle(self, action: Action, outcome: Outcome) -> None:
            super().settle(action, outcome)
            if str(action.body.get("type")).startswith(part):
                self.services.store.remember(part, outcome)

    OneMemory.__doc__ = sentence
    fault(name, breaks="ACTION-021")(OneMemory)


for _part in ("article.", "chat.", "url.", "user."):
    _kind = _part[:-1]
    _one_memory(
        f"one-memory-for-{_kind}-actions", _part, f"Ids of {_kind} actions count for all users."
    )


@fault("refused-ids-of-all", breaks="ACTION-021")
class RefusedIdsOfAll(MemoryStore):
    """An id under which an action was refused is refused to all users."""

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        return super().outcome(user_id, action_id) or super().outcome("", action_id)

    def remember(self, user_id: str, outcome: Outcome) -> None:
        super().remember(user_id, outcome)
        if outcome.error is not None:
            super().remember("", outcome)


class _RateOfAll(Rate):
    def __init__(self, clock: Clock, per_second: int | None) -> None:
        super().__init__(clock, per_second)
        self.first: Session | None = None

    def take(self, session: Session) -> None:
        self.first = self.first or session
        super().take(self.first)


enter(
    Fault(
        "one-rate-for-all",
        "LIMIT-006",
        "All users together may send so many actions as one.",
        (_RateOfAll,),
        rate=25,
    )
)


@fault("held-by-session-id", breaks="ACTION-001")
class HeldBySessionId(Actions):
    """What a session holds under a number takes the place of what another user's of its id holds."""

    def ahead(self, action: Action) -> None:
        for key, book in self._books.items():
            if key[1] == action.session.session_id and key != action.session.key:
                for _, alarm in book.held.pop(action.client_seq, []):
                    alarm.cancel()
        super().ahead(action)


@fault("gap-closed-by-same-id", breaks="ACTION-001")
class GapClosedBySameId(Actions):
    """Where the gap of a session closes, what another user's of its id holds is let go of."""

    def release(self, session: Session) -> None:
        for key, book in self._books.items():
            if key[1] == session.session_id and key != session.key:
                for _, alarm in book.held.pop(session.last_action_seq + 1, []):
                    alarm.cancel()
        super().release(session)
