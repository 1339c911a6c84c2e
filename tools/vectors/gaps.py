"""Traces of what is missing in the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors.listed import trace

if TYPE_CHECKING:
    from vectors.script import Script


@trace("gap-replay", "CLI-006", "CLI-007", "CLI-024")
def gap_replay(t: Script) -> None:
    """Two messages are lost; what comes behind them waits for the replay, and counts once."""
    t.begins()
    t.tells(t.added("m-1"))
    t.holds()
    before = t.mark()
    lost = [t.added("m-2"), t.added("m-3")]
    seen = t.added("m-4")
    t.tells(seen)
    t.holds(before)
    t.recovers(before)
    t.replays(*lost, seen)
    t.holds()
    t.then(requests=[])
    t.tells(t.added("m-5"))
    t.holds()
