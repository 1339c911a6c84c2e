"""Traces of states and events, and of what is none of the session's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vectors.entries import article, message
from vectors.listed import Setting, trace

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.puppet.served import Message
    from vectors.script import Script

STATES = Setting(("core", "articles", "chat"), kinds=("articles", "chat"), features=())
TWO = Setting(("core", "events", "articles", "chat"), kinds=("articles", "chat"))


def changed(one: Message, **members: Any) -> Message:
    """A message with other members in its body."""
    return replace(one, body={**one.body, **members})


@trace("states-replace", "CLI-004", setting=STATES)
def states_replace(t: Script) -> None:
    """A state takes the place of the whole slice of its kind, and of no other."""
    t.begins()
    one, two = article("a-1", t.at_ms), article("a-2", t.at_ms - 1)
    t.tells(t.state("articles", articles=[one, two], current_article={**one, "content": "text"}))
    t.holds()
    t.tells(t.state("chat", messages=[message("m-1", t.at_ms)], typing_indicators=["bob"]))
    t.holds()
    t.tells(t.state("articles", articles=[two], current_article=None))
    t.holds()
    t.tells(t.state("chat", messages=[], typing_indicators=[]))
    t.holds()
    t.asks_nothing()


@trace("doubled-and-old", "CLI-005", "CLI-009")
def doubled_and_old(t: Script) -> None:
    """What comes twice or late changes nothing, be it of an epoch that is over."""
    t.begins()
    first = t.state("chat", messages=[message("m-0", t.at_ms)])
    second, third = t.added("m-1"), t.added("m-2")
    t.tells(first, second, second, third, first, second)
    t.tells(changed(third, data={"message": message("m-other", t.at_ms)}))
    t.holds()
    t.asks_nothing()
    old = [t.added("m-3"), t.state("chat", messages=[]), t.added("m-4")]
    t.server.begin_epoch()
    t.tells(*t.states("takeover"))
    t.snapshot(may_not_ask=True)
    t.holds()
    t.tells(*old)
    t.holds()
    while t.server.seq < old[0].body["seq"] - 1:
        t.tells(t.added(f"m-9{t.server.seq}"))
    t.tells(*old)
    t.holds()
    t.tells(t.added("m-5"))
    t.holds()
    t.asks_nothing()


@trace("unknown", "CLI-010", "CLI-035")
def unknown(t: Script) -> None:
    """Types, kinds, members and versions that are not known are skipped, and their seqs count."""
    t.begins()
    t.tells(t.event("chat.sparkled", colour="red"), t.event("game.moved", to="e4"))
    t.tells(t.server.stranger({"type": "game", "moves": ["e4"]}, t.at_ms))
    t.is_later("The kind is of a later version.")
    t.asks_nothing()
    more = {**message("m-1", t.at_ms), "mood": "good"}
    t.tells(changed(t.event("chat.message_added", message=more), v="1.9", shade=7))
    t.holds()
    t.pushes("session.sparkled", colour="red")
    t.is_later("The push is of a later version.")
    t.tells(t.added("m-2"))
    t.holds()
    t.beats(colour="red")
    t.asks_nothing(4_000)


@trace("foreign", "CLI-011", "CLI-017")
def foreign(t: Script) -> None:
    """What names another user or session changes nothing, and its seq does not count."""
    t.begins()
    mark = t.mark()
    own = t.added("m-1")
    t.tells(changed(own, session_id="another"), changed(own, user_id="bob"))
    t.tells(changed(t.states("change")[0], session_id="another"))
    closing = t.body("session.closing", code=5030, reconnect=False, after_ms=0)
    t.line("message", on="control", body={**closing, "session_id": "another"})
    t.holds(mark)
    t.then(requests=[], closed=False)
    t.tells(own)
    t.then(position={"epoch": 1, "seq": 2})


@trace("takeover", "CLI-009", "CLI-005", setting=TWO)
def takeover(t: Script) -> None:
    """A higher epoch begins with a state of each kind."""
    t.begins()
    t.tells(t.added("m-1"), t.event("article.created", article=article("a-1", t.at_ms)))
    t.holds()
    t.asks_nothing()
    t.server.begin_epoch()
    t.server.slices["chat"] = {**t.server.slices["chat"], "messages": []}
    t.tells(*t.states("takeover"))
    t.snapshot(may_not_ask=True)
    t.holds()
    t.tells(t.added("m-2"))
    t.holds()
    t.asks_nothing()


@trace("takeover-first-state-lost", "CLI-009", "CLI-008", setting=TWO)
def takeover_lost(t: Script) -> None:
    """Of a higher epoch the first state is lost: that is a gap, though the second one is whole."""
    t.begins()
    t.tells(t.added("m-1"))
    t.holds()
    mark = t.mark()
    t.server.begin_epoch(4)
    t.server.slices["chat"] = {**t.server.slices["chat"], "messages": []}
    t.tells(*t.states("takeover")[1:])
    t.recovers(mark)
    t.snapshot()
    t.holds()
    t.asks_nothing()
