"""Faults of several instances that do not act as one.

The server on a journal has one owner, so what it says is right by how it is made. Each fault here lets it
decide as two instances would that deal out users or sessions among them, and hear of each other later than
their clients do, or never.
"""
# ruff: noqa: ARG002, D102  an override means what it overrides

import asyncio
import time
from functools import partial
from zlib import crc32

from omnisession_durable.entries import Limits
from omnisession_durable.people import People
from omnisession_durable.recorded import RecordedActions, RecordedArticles, RecordedSessions
from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_reference.action import Action
from omnisession_reference.change import Change, Listener
from omnisession_reference.errors import Refusal
from omnisession_reference.fanout import Fanout
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Key, Session
from omnisession_reference.wire import JsonObject

HEARD_S = 0.25
"""So much later one instance hears what another one has done."""


def side(*names: str) -> int:
    """Which of two instances something is dealt to."""
    return crc32("/".join(names).encode()) % 2


def is_elsewhere(one: Listener, other: Listener) -> bool:
    """Whether two sessions are dealt to different instances."""
    here, there = ((it.user_id, it.session_id) for it in (one, other))
    return side(*here) != side(*there)


@fault("tells-other-instances-late", breaks="DUR-014", durable=True)
class TellsOtherInstancesLate(Fanout):
    """Sessions that another instance serves hear of a change a moment after its ack."""

    def reach(
        self, session: Listener, change: Change, action: Action | None
    ) -> list[tuple[Change, JsonObject]]:
        if action is None or not is_elsewhere(session, action.session):
            return super().reach(session, change, action)
        later = partial(super().reach, session, change, action)
        asyncio.get_running_loop().call_later(HEARD_S, later)
        return []


@fault("opens-by-what-it-knew", breaks="DUR-014", durable=True)
class OpensByWhatItKnew(Chat):
    """A session that one of two instances opens is not shown the message that the other one took last."""

    def build(self, session: Session) -> ChatSlice:
        built = super().build(session)
        if side(*session.key) and built.messages:
            del built.messages[0]
        return built


@fault("revisions-per-instance", breaks="DUR-015", durable=True)
class RevisionsPerInstance(RecordedArticles):
    """An instance takes a revision for the last one until it has heard of the update of another one."""

    def check_revision(self, action: Action, article: JsonObject) -> None:
        changed: dict[str, tuple[int, float]] = vars(self).setdefault("_last_updates", {})
        here, now = side(*action.session.key), time.monotonic()
        there, at = changed.get(article["id"], (here, 0.0))
        expect = action.body.get("expect")
        is_unheard = there != here and now - at < HEARD_S
        if not (is_unheard and expect and expect["revision"] == article["revision"] - 1):
            super().check_revision(action, article)
        changed[article["id"]] = here, now


@fault("codes-per-instance", breaks="DUR-016", durable=True)
class CodesPerInstance(Urls):
    """Each of two instances looks for a short code among those alone that it has given itself."""

    def is_taken(self, url: JsonObject) -> bool:
        other = self.services.store.url_with(url["short_code"])
        if other is not None and side(other["created_by"]) != side(url["created_by"]):
            return False
        return super().is_taken(url)


class _CountsItsOwn(RecordedSessions):
    """Each of two instances has room for as many sessions of a user as there may be in all."""

    def check_room(self, user_id: str) -> None:
        if len(self.of_user(user_id)) >= 2 * LIMITS["sessions"]:
            super().check_room(user_id)


class _LetsThemIn(People):
    """The journal takes what the owner has let in."""

    def has_room(self, user: str, limits: Limits) -> bool:
        return True


enter(
    Fault(
        "limits-per-instance",
        "DUR-017",
        "Each of two instances counts the sessions of a user that it has opened itself.",
        (_CountsItsOwn, _LetsThemIn),
        durable=True,
    )
)


@fault("numbers-per-instance", breaks="DUR-018", durable=True)
class NumbersPerInstance(RecordedActions):
    """Each action subject has an instance, which hears late of numbers that came on another subject."""

    def decide(self, action: Action) -> None:
        last: dict[Key, tuple[str, float]] = vars(self).setdefault("_last_taken", {})
        session, now = action.session, time.monotonic()
        row, at = last.get(session.key, (action.row, 0.0))
        if row != action.row and now - at < HEARD_S:
            # It expects the number before this one, as it knows no better.
            expected = session.last_action_seq
            refusal = Refusal(4091, f"Send client_seq {expected} first.", expected=expected)
            self.forgotten(action, refusal)
            return
        super().decide(action)
        last[session.key] = action.row, now
