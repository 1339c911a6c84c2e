"""EVENT: ids of changes of one thing, and of changes by actions of one id: all are different."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, one_kind, open_any
from omnisession_conformance.roles.server.steps.chat import (
    LONG_MS,
    edit,
    open_chat,
    say,
    takes_chat,
    text,
    type_,
)
from omnisession_conformance.roles.server.steps.fold_law import event_id
from omnisession_conformance.roles.server.steps.sending import NO_GAP, burst

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.traffic.record import Record

ROUNDS = 2
AT_ONCE = 16
"""So many actions of a user at once, which no rate may refuse."""


@case("EVENT-004", needs=("events", *takes_chat("send", "edit", "typing")))
async def event_ids_of_one_thing_are_different(ctx: Context) -> None:
    """Edits of one message, and typing that begins and ends again, have each an id of its own."""
    author, watcher = ctx.user(), await open_chat(ctx, ctx.user(), events=True)
    session = await open_chat(ctx, author)
    id_ = await say(session, text(ctx))
    for _ in range(ROUNDS):
        await edit(session, id_, text(ctx))
        await type_(session, ttl_ms=LONG_MS)
        await type_(session, active=False)
    await watcher.fence()
    told = [r for r in watcher.events() if (r.body or {}).get("actor") == author.id]
    ctx.require(len(told) > 2 * ROUNDS, "what another user did in the chat is not told")
    _all_different(ctx, told, "events of what one user did again and again")


@case("EVENT-004", needs=("events", *CHANGES))
async def event_ids_are_not_those_of_actions(ctx: Context) -> None:
    """Changes that two users make by actions of one id have each an id of its own."""
    kind = one_kind(ctx)
    sessions = [await open_any(ctx, ctx.user(), kind, events=True) for _ in range(2)]
    action_id, told = sessions[0].new_action_id(), list["Record"]()
    for session in sessions:
        answer = await session.needed_outcome_of(kind.new(ctx).body(session, action_id=action_id))
        ctx.require(answer.acked, f"a change was not acked: {answer}")
        upto = answer.position_or_stop("action.ack")
        await session.reach(upto)
        own = [r for r in session.events() if (r.body or {}).get("actor") == session.user.id]
        ctx.require(bool(own), "a change is told by no event")
        told += own
    _all_different(ctx, told, "events of two users' actions of one id")


@case("EVENT-004", needs=("events", *CHANGES))
async def event_ids_of_one_moment_are_different(ctx: Context) -> None:
    """Changes that two users make at once, as fast as they can, have each an id of its own."""
    kind = one_kind(ctx)
    sessions = [await open_any(ctx, ctx.user(), kind, events=True, timers=NO_GAP) for _ in range(2)]
    sent = [
        action
        for session in sessions
        for action in await burst(session, [kind.new(ctx).body(session) for _ in range(AT_ONCE)])
    ]
    for action in sent:
        await action.must()
    told = list["Record"]()
    for session in sessions:
        await session.fence()
        own = [r for r in session.events() if (r.body or {}).get("actor") == session.user.id]
        told += own
    ctx.require(len(told) > AT_ONCE, "changes of a burst are told by no events")
    _all_different(ctx, told, "events of what two users did at once")


def _all_different(ctx: Context, told: list[Record], why: str) -> None:
    ids = [event_id(record) for record in told]
    twice = [r for r, id_ in zip(told, ids, strict=True) if ids.count(id_) > 1]
    ctx.check(
        "EVENT-004",
        not twice,
        expected=f"{len(ids)} ids",
        seen=f"{len(set(ids))} ids",
        on=twice,
        pointer="/event_id",
        why=why,
    )
