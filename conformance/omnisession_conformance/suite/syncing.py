"""CTRL: states that are asked for in a live session, by an open again and by sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import case
from omnisession_conformance.suite.changes import (
    CHANGES,
    KIND,
    change,
    create_article,
    open_articles,
    takes,
)
from omnisession_conformance.suite.heartbeats import next_beats
from omnisession_conformance.suite.sending import NOOP
from omnisession_conformance.suite.states import UNKNOWN_KIND, states_follow, with_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.actor import Session
    from omnisession_conformance.answer import Answer, PendingAction
    from omnisession_conformance.world import World

BRISK = {"heartbeat_ms": 200, "resume_window_ms": 10_000, "coalesce_ms": 0, "gap_ms": 0}
SLOW = {"heartbeat_ms": 5_000, "resume_window_ms": 20_000}
KEPT = ("kinds", "features", "timers")


# -- open again --------------------------------------------------------------------------------------


async def _open_again(w: World, session: Session, **asked: Any) -> Answer:
    """Open a live session again and observe that nothing but its states is new."""
    before = await session.fence()
    mark = w.log.mark()
    answer = await session.open(**asked)
    first = session.opened.data if session.opened else {}
    why = f"the answer to an open of a live session with {asked}"
    for name in KEPT:
        seen = answer.data.get(name) if answer.code is None else str(answer)
        at = f"/data/{name}"
        w.equal("CTRL-004", first.get(name), seen, on=answer, pointer=at, why=why)
    w.require(answer.type == "session.opened", f"an open of a live session got {answer}")
    at = answer.position
    w.check(
        "CTRL-004",
        at is not None
        and at.head >= before.head
        and (at.epoch, at.last_action_seq) == (before.epoch, before.last_action_seq),
        expected=f"the position of the session, {before} or later in that epoch",
        seen=at or "no position",
        on=answer,
        pointer="/data/position",
        why=why,
    )
    await states_follow(w, "CTRL-004", session, answer, session.kinds, "open")
    await session.fence()
    states = with_reason(session, "open", mark)
    w.equal("CTRL-004", len(session.kinds), len(states), on=states, why=f"states after {why}")
    return answer


@case("CTRL-004")
async def open_again_changes_nothing(w: World) -> None:
    """An open of a live session gets the first answer and the states again, whatever it asks for."""
    kinds, features = w.declared.kinds, w.declared.features
    first: Sequence[tuple[Sequence[str], Sequence[str], Mapping[str, int]]] = (
        (kinds[-1:], (), BRISK),
        (kinds[::-1], features, SLOW),
    )
    for some_kinds, some_features, timers in first:
        session = await w.open(w.user(), kinds=some_kinds, features=some_features, timers=timers)
        await session.apply(NOOP)
        await _open_again(
            w, session, kinds=some_kinds, features=some_features, timers=dict(timers)
        )
        others = () if some_features else features
        other_timers = SLOW if timers is BRISK else BRISK
        await _open_again(w, session, kinds=kinds, features=others, timers=dict(other_timers))
        await _open_again(w, session, kinds=[UNKNOWN_KIND, *kinds], features=["x-feature"])


@case("CTRL-004", needs=CHANGES)
async def open_again_keeps_features_and_timers(w: World) -> None:
    """After an open with other features and timers a session is told its changes as before."""
    user = w.user()
    actor = await open_articles(w, user)
    session = await open_articles(w, user, timers={**BRISK, "heartbeat_ms": 300})
    await session.open(kinds=[KIND], features=w.declared.features, timers=SLOW)
    mark = w.log.mark()
    done = await change(w, actor)
    await session.fence()
    events = session.events()
    why = "a session without events, after an open that asked for them"
    seen = [record.type for record in events] or "none"
    w.check("CTRL-004", not events, expected="no events", seen=seen, on=events, why=why)
    shown = done.shows(session.slice(KIND))
    w.check("CTRL-004", shown, expected="the change in its states", seen=shown, on=done.ack)
    why = "a heartbeat in a session with heartbeat_ms 300, after an open that asked for 5 000"
    await next_beats(w, "CTRL-004", session, 1, mark, why)


# -- sync --------------------------------------------------------------------------------------------


async def _sync(
    w: World, session: Session, asked: Sequence[str] | None, actor: Session, article_id: str
) -> None:
    """Observe a sync in the middle of another session's changes."""
    mark = w.log.mark()
    data = {} if asked is None else {"kinds": list(asked)}
    before = await _burst(actor, article_id)
    pending = await session.send("session.sync", data)
    after = await _burst(actor, article_id)
    answer = await pending.must()
    for action in (*before, *after):
        await action.must()
    wanted = list(asked or session.kinds)
    why = f"session.sync with {data}"
    if answer.type != "session.syncing":
        expected, seen = "session.syncing", str(answer)
        w.check("CTRL-005", good=False, expected=expected, seen=seen, on=answer, why=why)
        return
    kinds = answer.data.get("kinds")
    w.equal("CTRL-005", wanted, kinds, on=answer, pointer="/data/kinds", why=why)
    await states_follow(w, "CTRL-005", session, answer, wanted, "sync")
    await session.fence()
    states = with_reason(session, "sync", mark)
    why = f"kinds of all states that followed {why}"
    w.equal("CTRL-005", wanted, [r.payload.get("type") for r in states], on=states, why=why)


async def _burst(session: Session, article_id: str) -> list[PendingAction]:
    data = {"article_id": article_id, "changes": {"title": "Again"}}
    return [
        await session.send_action(session.action_body("article.update", data)) for _ in range(3)
    ]


@case("CTRL-005", needs=takes("create", "update"))
async def sync_publishes_what_is_asked_in_traffic(w: World) -> None:
    """While another session of the user acts, sync publishes the kinds asked, directly in a row."""
    user = w.user()
    actor = await open_articles(w, user)
    article_id = await create_article(actor)
    kinds = w.declared.kinds
    for features in ((), w.declared.features):
        session = await w.open(user, kinds=kinds, features=features)
        for asked in (None, [], list(kinds[::-1]), *([kind] for kind in kinds)):
            await _sync(w, session, asked, actor, article_id)


@case("CTRL-005")
async def sync_publishes_what_is_asked(w: World) -> None:
    """Also when nothing changed, sync publishes a state for each kind asked, and of no other."""
    kinds = w.declared.kinds
    session = await w.open(w.user(), kinds=kinds)
    for asked in (None, [], list(kinds[::-1]), *([kind] for kind in kinds), None):
        mark = w.log.mark()
        answer = await session.ask("session.sync", {} if asked is None else {"kinds": asked})
        wanted = list(asked or kinds)
        why = f"session.sync with kinds {asked}"
        seen = answer.data.get("kinds") if answer.type == "session.syncing" else str(answer)
        w.equal("CTRL-005", wanted, seen, on=answer, pointer="/data/kinds", why=why)
        if answer.position is not None:
            await states_follow(w, "CTRL-005", session, answer, wanted, "sync")
        await session.fence()
        states = with_reason(session, "sync", mark)
        seen = [r.payload.get("type") for r in states]
        w.equal("CTRL-005", wanted, seen, on=states, why=f"kinds of all states after {why}")


@case("CTRL-006")
async def sync_of_a_kind_that_is_not_open(w: World) -> None:
    """A sync that names a kind that is not open is refused, and no state follows."""
    kinds = w.declared.kinds
    session = await w.open(w.user(), kinds=kinds[:1])
    other = [kind for kind in ("articles", "chat", "url", "user") if kind not in session.kinds]
    asked = ([UNKNOWN_KIND], [kinds[0], UNKNOWN_KIND], [UNKNOWN_KIND, kinds[0]], other[:1])
    for names in asked:
        mark = w.log.mark()
        answer = await (await session.send("session.sync", {"kinds": names})).answer()
        why = f"session.sync with kinds {names} in a session with {list(session.kinds)}"
        w.refused("CTRL-006", answer, 4220, why=why)
        await session.fence()
        states = with_reason(session, "sync", mark)
        seen = [r.payload.get("type") for r in states] or "none"
        w.check("CTRL-006", not states, expected="no states", seen=seen, on=states, why=why)


