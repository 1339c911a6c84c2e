"""Parts of a server that faults of another part change: what its classes keep for themselves."""

from collections import OrderedDict
from typing import Any

from omnisession_reference.action import Outcome
from omnisession_reference.actions import Actions, Book
from omnisession_reference.session import Key, Session
from omnisession_reference.sessions import Sessions
from omnisession_reference.store import Store


def book_of(actions: Actions, session: Session) -> Book:
    """Return what is known of the numbers of a session."""
    books: dict[Key, Book] = vars(actions)["_books"]
    return books.setdefault(session.key, Book())


def drop_held(actions: Actions, session: Session) -> None:
    """Let go of what a session holds, and tell nobody."""
    held = book_of(actions, session).held
    for _, alarm in [waiting for batch in held.values() for waiting in batch]:
        alarm.cancel()
    held.clear()


def clockwork_of(session: Session) -> dict[str, Any]:
    """Return the alarms and times of a session by their names."""
    return vars(session.timers)


def ended(sessions: Sessions) -> dict[Key, int]:
    """Return the sessions that are known to be over."""
    return vars(sessions)["_ended"]


def outcomes_of(store: Store) -> dict[str, OrderedDict[str, Outcome]]:
    """Return the outcomes that a store remembers, by user and by action."""
    return vars(store)["_outcomes"]
