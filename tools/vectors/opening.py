"""Traces of opening."""

from __future__ import annotations

from vectors.listed import Setting, trace
from vectors.script import OPEN, Script

TWO = Setting(("core", "events", "articles", "chat"), kinds=("articles", "chat"))


@trace("open-states-first", "CLI-003", "CLI-022", setting=TWO)
def states_first(t: Script) -> None:
    """States and an event come before the answer to the open, and count all the same."""
    before = t.body("session.opened", **t.terms())
    t.connected(OPEN)
    t.then(position=None, slices=t.mark().slices)
    t.tells(*t.states("open"), t.added("m-1"))
    t.line("answer", to="session.open", body=before)
    t.holds()
    t.then(requests=[])
