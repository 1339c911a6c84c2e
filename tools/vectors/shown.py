"""Traces of the optimistic view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectors.entries import article, message
from vectors.listed import Setting, trace
from vectors.outcomes import SEND, effect
from vectors.script import refusal

if TYPE_CHECKING:
    from vectors.script import Script

PROFILES = ("core", "events", "articles", "chat", "actions", "hybrid", "optimistic")
VIEW = Setting(PROFILES, "optimistic", kinds=("articles", "chat"))


def begun(t: Script) -> None:
    """A session with an article and a message of bob's."""
    t.begins()
    t.tells(t.event("article.created", article=article("a-1", t.at_ms)), t.added("m-1"))


@trace("view-rebase", "HYB-003", "HYB-005", "HYB-011", setting=VIEW)
def rebase(t: Script) -> None:
    """Others change what the user's actions are shown on: the view is always the fold over what is held."""
    begun(t)
    x1 = t.dispatches("article.update", article_id="a-1", changes={"title": "Mine"})
    t.shows(x1)
    x2 = t.dispatches(SEND, content="hello")
    t.shows(x1, x2)
    theirs = article("a-1", t.at_ms, revision=2, title="Theirs", subtitle="New")
    t.tells(t.event("article.updated", article=theirs), t.added("m-2"))
    t.holds()
    t.shows(x1, x2)
    mark = t.mark()
    t.server.counted = x1.number
    mine = {**theirs, "revision": 3, "title": "Mine"}
    told = t.event("article.updated", article=mine, cause=t.cause(x1))
    t.acks(x1)
    t.holds(mark)
    t.shows(x1, x2, mark=mark)
    t.replays(told, may_not_ask=True)
    t.holds()
    t.shows(x2)
    t.tells(effect(t, x2, "m-3"))
    t.shows()
    t.is_pending()


@trace("view-rollback", "HYB-005", "HYB-006", "HYB-015", setting=VIEW)
def rollback(t: Script) -> None:
    """A final nack takes an action out of the view, and nothing else."""
    begun(t)
    x1 = t.dispatches("article.delete", article_id="a-1")
    t.shows(x1)
    x2 = t.dispatches("article.update", article_id="a-1", changes={"title": "Mine"})
    x3 = t.dispatches("chat.edit", message_id="m-1", content="Mine")
    t.shows(x1, x2, x3)
    t.server.counted = x1.number
    t.nacks(x1, refusal(4030))
    t.shows(x2, x3)
    t.nacks(x2, refusal(4290, retry_after_ms=100))
    t.shows(x2, x3)
    t.server.counted = x2.number
    t.nacks(x2, refusal(4030))
    t.shows(x3)
    t.then(failed=[["x1", 4030], ["x2", 4030]])
    t.is_pending(x3)


@trace("view-of-a-create", "HYB-002", "HYB-003", "HYB-005", setting=VIEW)
def create(t: Script) -> None:
    """What is created is shown until it counts; once its effect is seen a core may leave it out."""
    begun(t)
    x1 = t.dispatches(SEND, content="hello")
    t.shows(x1)
    told = effect(t, x1, "m-2", counts=False)
    t.tells(told)
    t.holds()
    t.shows(x1, optional=[x1])
    t.is_pending(x1)
    t.server.counted = x1.number
    t.tells(t.added("m-3"))
    t.shows()
    t.is_pending()


@trace("view-before-the-first-state", "HYB-005", "HYB-017", setting=VIEW)
def before(t: Script) -> None:
    """Before there is any state the view is made of what is pending alone."""
    t.connected()
    t.asks_open()
    x1 = t.dispatches(SEND, content="hello")
    t.shows(x1)
    x2 = t.dispatches("article.update", article_id="a-1", changes={"title": "Mine"})
    t.shows(x1, x2)
    slices = t.server.slices
    slices["articles"] = {**slices["articles"], "articles": [article("a-1", t.at_ms)]}
    slices["chat"] = {**slices["chat"], "messages": [message("m-1", t.at_ms)]}
    t.opened()
    t.holds()
    t.shows(x1, x2)
    t.sends(x1, x2)


@trace("local-id", "HYB-018", "HYB-005", setting=VIEW)
def local_id(t: Script) -> None:
    """An id that only the own view has is never sent: the action is refused, or waits."""
    begun(t)
    x1 = t.dispatches(SEND, content="hello")
    t.sends(x1)
    t.refused("chat.delete", "local_id", None, message_id="local:${x1}")
    t.passes(1_000)
    t.then(actions=[])
