"""Traces of what comes along into a new session, and of what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors.entries import article
from vectors.listed import Setting, trace
from vectors.outcomes import SEND
from vectors.script import LONGEST_MS, refusal

if TYPE_CHECKING:
    from vectors.script import Script

PROFILES = ("core", "events", "articles", "chat", "actions", "hybrid")
BOTH = Setting(PROFILES, "hybrid", kinds=("articles", "chat"))
FORGETS = Setting(
    ("core", "events", "chat", "actions", "hybrid"), "hybrid", limits={"outcomes_ms": 60_000}
)


@trace("carried-over", "CLI-019", "HYB-001", "HYB-009", "HYB-010", setting=BOTH)
def carried_over(t: Script) -> None:
    """Pending actions come along into a new session, whole, and under its numbers."""
    t.begins()
    t.tells(t.event("article.created", article=article("a-1", t.at_ms)))
    x1 = t.dispatches(SEND, content="first")
    x2 = t.dispatches(
        "article.update", {"revision": 1}, article_id="a-1", changes={"title": "Other"}
    )
    x3 = t.dispatches(SEND, content="third")
    t.sends(x1, x2, x3)
    t.server.counted = 1
    t.nacks(x1, refusal(4030))
    t.is_pending(x2, x3)
    mark = t.mark()
    t.lost()
    x4 = t.dispatches(SEND, content="fourth")
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.refuses("recovery", 4041)
    x2, x3, x4 = t.renews(x2, x3, x4)
    x5 = t.dispatches(SEND, content="fifth")
    t.opened()
    t.passes(2_000)
    t.sends(x2, x3, x4, x5)
    t.is_pending(x2, x3, x4, x5)
    t.server.counted = 1
    t.acks(x2, "duplicate")
    t.is_pending(x3, x4, x5)
    mark = t.mark()
    t.lost()
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.refuses("recovery", 4101)
    some = t.renews(x3, x4, x5)
    t.opened()
    t.passes(2_000)
    t.sends(*some)
    t.is_pending(*some)
    t.then(failed=[["x1", 4030]])


@trace("long-away", "HYB-019", "HYB-015", setting=FORGETS)
def long_away(t: Script) -> None:
    """Away for so long that nobody knows what became of its action, a client gives it up and tells."""
    t.begins()
    x1 = t.dispatches(SEND, content="first")
    t.sends(x1)
    t.is_pending(x1)
    mark = t.mark()
    t.lost()
    t.passes(t.timers["resume_window_ms"] + t.limits["outcomes_ms"] + 5_000)
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.refuses("recovery", 4041)
    t.renews()
    # What went to the old session on the way is no matter.
    t.then(again=[])
    t.opened()
    t.passes(4_000)
    t.then(actions=[], still=["x1"], failed=[["x1", "given_up"]])
    t.is_pending()
    t.holds()
    x2 = t.dispatches(SEND, content="second")
    t.sends(x2)


@trace("not-so-long-away", "HYB-009", "HYB-019", setting=FORGETS)
def not_so_long(t: Script) -> None:
    """A client was away for less than outcomes are remembered: its action comes along."""
    t.begins()
    x1 = t.dispatches(SEND, content="first")
    t.sends(x1)
    mark = t.mark()
    t.lost()
    t.passes((t.timers["resume_window_ms"] + t.limits["outcomes_ms"]) // 2)
    t.connected()
    t.recovers(mark, LONGEST_MS)
    t.refuses("recovery", 4041)
    (x1,) = t.renews(x1)
    t.opened()
    t.passes(2_000)
    t.sends(x1)
    t.is_pending(x1)
    t.then(failed=[])
