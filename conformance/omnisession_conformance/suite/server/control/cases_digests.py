"""CTRL: the digests in heartbeats, after whatever may change what a session shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    SHARE,
    change,
    each_kind,
    one_kind,
    share,
)
from omnisession_conformance.roles.server.steps.control import NOWHERE, OPEN, RESUME
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.timers import BEATS, MS, beaten

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

STEADY = {**BEATS, "coalesce_ms": 0}
HOLDING = {**BEATS, "coalesce_ms": 1_000}
TRIES = 3
"""Heartbeats that are to come while a change is held back."""


@case("CTRL-009", needs=("digests", *CHANGES), slow=True)
async def digests_follow_every_change(ctx: Context) -> None:
    """After any change, and each way to be told all anew, heartbeats tell the digest of the stream."""
    user, kinds = ctx.user(), ctx.declared.kinds
    actor, stranger = await ctx.open(user, kinds=kinds), await ctx.open(ctx.user(), kinds=kinds)
    wishes = (("digests",), ("digests", "events"))
    sessions = [await ctx.open(user, kinds=kinds, features=f, timers=STEADY) for f in wishes]
    kind = one_kind(ctx)
    for step in ("another session", "itself", "what tells all anew", "another user", "no action"):
        if step == "another session":
            for each in each_kind(ctx):
                await change(ctx, actor, each)
        elif step == "another user":
            await _seen_by_all(ctx, stranger)
        elif step == "no action":
            # That a session opens, and ends, is told to others of its user, and in the chat.
            late = [await ctx.open(who, kinds=kinds) for who in (user, ctx.user())]
            await meet(ctx, *sessions, *late)
        for session in sessions if step in ("itself", "what tells all anew") else ():
            await (_told_anew(ctx, session) if "anew" in step else change(ctx, session, kind))
        await ctx.fences(*sessions)
        since = ctx.log.mark()
        for session in sessions:
            await _next(ctx, session, since, f"after a change by {step}")


async def _seen_by_all(ctx: Context, stranger: Session) -> None:
    """Have another user change what everybody is shown, where there is such a kind with room."""
    if set(ctx.declared.able_kinds(SHARE)) - ctx.declared.cramped().keys():
        await share(ctx, stranger, each_kind(ctx, SHARE)[0])


async def _told_anew(ctx: Context, session: Session) -> None:
    """Have all states told anew in each way, with a change in between."""
    await session.sync()
    await change(ctx, session, one_kind(ctx))
    for type_, data in ((RESUME, NOWHERE), (OPEN, session.open_data())):
        await session.ask(type_, data)


async def _next(ctx: Context, session: Session, since: int, why: str) -> None:
    """Observe the digests of the next heartbeat, where states alone say what they must be.

    Those of sessions with events, and what a server adds to them, are judged by the sweep.
    """
    found = await beaten(ctx, session, 1, since)
    ctx.require(found is not None, "a session got no heartbeat")
    for beat in found or ():
        at, told = Position.of(beat.payload.get("position")), beat.payload.get("digests")
        ctx.require(at is not None, "a heartbeat without a position")
        if at is None or "events" in session.features:
            continue
        await session.reach(at)
        own: dict[str, Any] = {k: digest(session.slice(k, upto=at)) for k in session.kinds}
        why = f"the digest of each kind at {at}, {why}"
        ctx.equal("CTRL-009", own, told, on=beat, pointer="/data/digests", why=why)


@case("CTRL-009", needs=("digests", *CHANGES), slow=True)
async def digests_are_those_of_the_stream(ctx: Context) -> None:
    """While a change is held back, heartbeats tell the digest of what the session was shown."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await ctx.open(user, kinds=[kind.name])
    others = ctx.declared.other_kinds(kind.name)[:1]
    session = await ctx.open(user, kinds=[kind.name, *others], features=["digests"], timers=HOLDING)
    held_ms = session.timers.get("coalesce_ms", 0)
    for _ in range(TRIES):
        two = await beaten(ctx, session, 2, ctx.log.mark())
        ctx.require(two is not None, "a session got no heartbeat")
        apart = (two[1].t_ns - two[0].t_ns) // MS if two else 0
        if others:
            # What was digested before this stands at another position: it has to be done again.
            await session.sync(others)
        # So the change is likely to be held back when the next heartbeat comes, however short that is.
        await session.wait(lambda: None, max(0, apart - held_ms // 2) / 1_000)
        since = ctx.log.mark()
        await change(ctx, actor, kind)
        await _next(ctx, session, since, "while a change of another session may be held back")
