"""Traces of opening."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.puppet import bodies
from vectors.listed import Setting, trace
from vectors.script import LONGEST_MS, NEW_CODE

if TYPE_CHECKING:
    from vectors.script import Script

TWO = Setting(("core", "events", "articles", "chat"), kinds=("articles", "chat"))


@trace("open-states-first", "CLI-003", "CLI-022", setting=TWO)
def states_first(t: Script) -> None:
    """States and an event come before the answer to the open, and count all the same."""
    answer = t.body("session.opened", **t.terms())
    t.connected()
    t.asks_open()
    t.then(position=None, slices=t.mark().slices)
    t.tells(*t.states("open"), t.added("m-1"))
    t.line("answer", to="session.open", body=answer)
    t.holds()
    t.asks_nothing()
    t.tells(t.added("m-2"))
    t.holds()


@trace("open-refused-for-now", "CLI-020", "CLI-027")
def refused_for_now(t: Script) -> None:
    """An open that is refused for now is repeated, not before the server wants it."""
    t.connected()
    t.asks_open()
    t.refuses("session.open", 4290, retry_after_ms=1_500)
    t.asks_nothing(1_499)
    t.asks_open()
    t.fails("session.open", bodies.unknown_error(4_999, retryable=True))
    t.is_later(NEW_CODE)
    t.asks_open()
    t.opened()
    t.holds()


@trace("open-refused-for-good", "CLI-030")
def refused_for_good(t: Script) -> None:
    """An open that is refused for good is not repeated, be it on a new connection."""
    t.connected()
    t.asks_open()
    t.refuses("session.open", 4031)
    t.then(closed=True)
    t.asks_nothing(60_000)
    t.lost()
    t.connected()
    t.asks_nothing(60_000)


@trace("open-unanswered", "CLI-028", "CLI-003")
def unanswered(t: Script) -> None:
    """The answer to an open is lost, and what the session showed is not: the core opens again."""
    t.connected()
    t.asks_open()
    t.tells(*t.states("open"))
    t.asks_open(14_000)
    t.opened()
    t.holds()
    t.asks_nothing()


@trace("nobody-there", "CLI-028", "CLI-016")
def nobody_there(t: Script) -> None:
    """Nobody is there for an open, and then for a recovery: the core asks again."""
    t.connected()
    t.asks_open()
    t.line("answer", to="session.open", body=None)
    t.asks_open()
    t.opened()
    mark = t.mark()
    missed = t.added("m-1")
    t.lost()
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.line("answer", to="recovery", body=None)
    t.recovers(mark, LONGEST_MS)
    t.replays(missed)
    t.holds()


@trace("cut-while-opening", "CLI-016", "CLI-022")
def cut_while_opening(t: Script) -> None:
    """The connection is lost before the open is answered: on the next one the core opens."""
    t.connected()
    t.asks_open()
    t.lost()
    t.passes(60_000)
    t.then(requests=[], position=None, slices=t.mark().slices)
    t.connected()
    t.asks_open()
    t.opened()
    t.holds()
