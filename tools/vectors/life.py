"""Traces of ends and new beginnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors import lines
from vectors.listed import Setting, trace
from vectors.script import LONGEST_MS, refusal

if TYPE_CHECKING:
    from vectors.script import Script

ACTS = Setting(("core", "events", "chat", "actions", "hybrid"), mode="hybrid")


@trace("cut-and-back", "CLI-003", "CLI-016", "CLI-037")
def cut_and_back(t: Script) -> None:
    """A connection is lost; on the next one the core recovers from its place, twice."""
    t.begins()
    t.tells(t.added("m-1"))
    t.holds()
    mark = t.mark()
    missed = t.added("m-2")
    t.lost()
    t.asks_nothing(30_000)
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.replays(missed)
    t.holds()
    mark = t.mark()
    t.lost()
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.is_current()
    t.holds()
    t.asks_nothing(4_000)


@trace("cut-while-recovering", "CLI-016", "CLI-026")
def cut_while_recovering(t: Script) -> None:
    """A recovery is under way when the connection is lost: on the next one the core asks again."""
    t.begins()
    mark = t.mark()
    lost, seen = t.added("m-1"), t.added("m-2")
    t.tells(seen)
    t.recovers(mark)
    t.lost()
    t.asks_nothing(30_000)
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.replays(lost, seen)
    t.holds()


@trace("closing-for-good", "CLI-017", setting=ACTS)
def closing_for_good(t: Script) -> None:
    """The server ends the session for good: nothing more is sent, whatever was pending."""
    t.begins()
    x1 = t.dispatches("chat.send", content="first")
    t.sends(x1)
    t.pushes("session.closing", code=4013, reconnect=False, after_ms=0)
    t.then(closed=True)
    t.refused("chat.send", "closed", content="second")
    t.beats()
    t.added("m-1")
    t.tells(t.added("m-2"))
    t.passes(60_000)
    t.then(requests=[], actions=[], still=["x1"])
    t.lost()
    t.connected()
    t.passes(60_000)
    t.then(requests=[], actions=[], still=["x1"])


@trace("closing-and-back", "CLI-018")
def closing_and_back(t: Script) -> None:
    """The server stops for a while: the core asks nothing before that, and recovers then."""
    t.begins()
    mark = t.mark()
    missed = t.added("m-1")
    t.pushes("session.closing", code=5030, reconnect=True, after_ms=5_000)
    t.asks_nothing(3_000)
    t.lost()
    t.connected()
    t.asks_nothing(1_999)
    t.recovers(mark, LONGEST_MS)
    t.replays(missed)
    t.holds()
    mark = t.mark()
    lost, seen = t.added("m-2"), t.added("m-3")
    t.tells(seen)
    t.recovers(mark)
    t.pushes("session.closing", code=5030, reconnect=True, after_ms=2_000)
    t.asks_nothing(1_999)
    t.recovers(mark, LONGEST_MS)
    t.replays(lost, seen)
    t.holds()


@trace("unknown-session", "CLI-019", "CLI-032", "CLI-011")
def unknown_session(t: Script) -> None:
    """The server does not know the session any more: the core opens one with a new id."""
    t.begins()
    t.tells(t.added("m-1"))
    t.holds()
    mark = t.mark()
    late = t.added("m-2")
    t.lost()
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.refuses("recovery", 4041)
    t.renews()
    t.opened()
    t.holds()
    t.line("message", on="events", session=1, body={**late.body, "session_id": "${session:1}"})
    t.holds()
    t.tells(t.added("m-3"))
    t.holds()
    t.asks_nothing(4_000)
    mark = t.mark()
    t.lost()
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.refuses("recovery", 4101)
    t.renews()
    t.opened()
    t.holds()


@trace("unknown-session-by-ping", "CLI-019", "CLI-015")
def by_ping(t: Script) -> None:
    """A ping is what tells that the session is over."""
    t.begins()
    t.tells(t.added("m-1"))
    t.passes(t.timers["resume_window_ms"], "session.ping")
    t.refuses("session.ping", 4101)
    t.renews()
    t.opened()
    t.holds()


@trace("resume-refused-for-good", "CLI-019", "CLI-008")
def resume_refused(t: Script) -> None:
    """A resume that gets a final error is followed by a sync; who syncs goes on as ever."""
    t.begins()
    mark = t.mark()
    t.added("m-1")
    t.tells(t.added("m-2"))
    t.recovers(mark)
    error = t.body("error", error=refusal(4001))
    synced = t.body("session.syncing", position=t.position, kinds=["chat"])
    states = lines.listed(t.states("sync"))
    t.line(
        "answer",
        to="recovery",
        resume={"body": error, "messages": []},
        sync={"body": synced, "messages": states},
    )
    t.line(
        "answer",
        to="recovery",
        within_ms=LONGEST_MS,
        resume={"body": error, "messages": []},
        sync={"body": synced, "messages": states},
        none={"messages": []},
    )
    t.holds()
    t.tells(t.added("m-3"))
    t.holds()
