"""Traces of recoveries that fail, and come again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.puppet import bodies
from vectors.listed import trace
from vectors.script import LONGEST_MS, NEW_CODE, TIMERS

if TYPE_CHECKING:
    from vectors.script import Script


@trace("recovery-refused-for-now", "CLI-020", "CLI-027")
def refused_for_now(t: Script) -> None:
    """A recovery that is refused for now comes again when the server wants it, a cut or not."""
    t.begins()
    mark = t.mark()
    lost, seen = t.added("m-1"), t.added("m-2")
    t.tells(seen)
    t.recovers(mark)
    t.refuses("recovery", 4290, retry_after_ms=3_000)
    t.asks_nothing(1_000)
    t.lost()
    t.connected()
    t.asks_nothing(1_999)
    t.recovers(mark, LONGEST_MS)
    t.fails("recovery", bodies.unknown_error(4_999, retryable=True))
    t.is_later(NEW_CODE)
    t.recovers(mark, LONGEST_MS)
    t.replays(lost, seen)
    t.holds()


@trace("recovery-fails-in-a-row", "CLI-027")
def fails_in_a_row(t: Script) -> None:
    """A recovery fails again and again: the waits are a tenth of their bounds together, or more."""
    t.begins()
    mark = t.mark()
    lost, seen = t.added("m-1"), t.added("m-2")
    t.tells(seen)
    t.recovers(mark)
    bounds = [min(TIMERS["retry_max_ms"], TIMERS["retry_base_ms"] << number) for number in range(6)]
    for _ in bounds:
        t.refuses("recovery", 5030)
        t.recovers(mark, LONGEST_MS)
    t.then(clock_ms=sum(bounds) // 10)
    t.replays(lost, seen)
    t.holds()
    t.asks_nothing(4_000)


@trace("recovery-unanswered", "CLI-026", "CLI-028")
def unanswered(t: Script) -> None:
    """A recovery has no answer: the core asks again, and the answer that comes late changes nothing."""
    t.begins()
    mark = t.mark()
    t.added("m-1")
    t.tells(t.added("m-2"))
    t.recovers(mark)
    late = t.resumed("snapshot")
    early = t.body("session.syncing", position=t.position, kinds=["chat"])
    t.tells(*t.states("sync"))
    # Within so long no request may be given up.
    t.asks_nothing(1_999)
    t.recovers(mark, 14_000)
    t.snapshot()
    t.holds()
    t.line(
        "answer",
        to="recovery",
        late=True,
        resume={"body": late, "messages": []},
        sync={"body": early, "messages": []},
    )
    t.holds()
    t.tells(t.added("m-3"))
    t.holds()
    t.asks_nothing(4_000)
