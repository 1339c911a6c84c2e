"""SEC: what is no business of a user leaves that user's sessions alone, whatever kinds there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.kinds.abilities import ALTER
from omnisession_conformance.roles.server.steps.any_kind import (
    AnyKind,
    alter,
    change,
    open_any,
    open_any_watchers,
)
from omnisession_conformance.roles.server.steps.any_kind.every import every_kind
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.sending import NOOP, UNKNOWN, feature, noops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

TYPING = "chat.typing"


@every_kind("SEC-007", only=("url", "user"))
async def private_changes_do_not_show_elsewhere(ctx: Context, kind: AnyKind) -> None:
    """What a user does with its own things, and what is refused to it, moves no session of another."""
    mine = await open_any(ctx, ctx.user(), kind)
    watched = await open_any_watchers(ctx, ctx.user(), kind)
    await meet(ctx, *watched)
    before = await ctx.fences(*watched)
    done = await change(ctx, mine, kind)
    if kind.name in ctx.declared.able_kinds(ALTER):
        await alter(ctx, mine, done)
    for deed in (kind.broken(ctx), kind.of_nothing(ctx)):
        if deed is not None:
            await mine.act(deed.type, deed.data)
    await noops(mine, 1)
    await mine.act(UNKNOWN)
    await mine.sync()
    await _unmoved(
        ctx, watched, before, f"after changes and refusals of another user ({kind.name})"
    )


@case("SEC-007", alone=True)
async def what_changes_nothing_moves_nobody(ctx: Context) -> None:
    """Refusals, syncs and noops of one user leave another's sessions alone; typing leaves one's own."""
    kind = ctx.declared.cheapest_kind
    mine, theirs = await ctx.open(ctx.user(), kinds=[kind]), ctx.user()
    watched = [
        await ctx.open(theirs, kinds=[kind], features=features) for features in ([], ["events"])
    ]
    await meet(ctx, mine, *watched)
    before = await ctx.fences(*watched)
    await noops(mine, 1)
    await mine.act(UNKNOWN)
    await mine.outcome_of({**mine.action_body(NOOP), "data": 5})
    await mine.sync()
    await _unmoved(ctx, watched, before, "after refusals, noops and syncs of another user")
    if TYPING in ctx.declared.actions and "chat" in ctx.declared.claimed_kinds:
        room = [await ctx.open(theirs, kinds=["chat"], features=f) for f in ([], ["events"])]
        await meet(ctx, *watched, *room)
        before = await ctx.fences(*room)
        for active in (True, False):
            await room[0].apply(TYPING, {"active": active})
        await _unmoved(ctx, room, before, "after typing of its own user")


async def _unmoved(
    ctx: Context, watched: Sequence[Session], before: Sequence[Position], why: str
) -> None:
    """Observe that sessions stand where they stood, and were told nothing."""
    for session, first in zip(watched, before, strict=True):
        last = await session.position()
        await session.wait(lambda s=session, at=last: s.head >= at.head or None, ctx.answer_s)
        told = session.after(first)
        # With events a server may publish states as it likes; they must tell nothing new.
        free = feature(session, "events") and all(r.address.family == "state" for r in told)
        ctx.check(
            "SEC-007",
            last.head == first.head or (free and len(told) == last.seq - first.seq),
            expected=f"position {first}",
            seen=last,
            on=told,
            why=f"a session of {session.user.id}, {why}",
        )
