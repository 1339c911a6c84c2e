"""The last message is lost, and nothing comes behind it: a head that is told is come to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import PING
from omnisession_conformance.roles.client.compare import in_slices
from omnisession_conformance.roles.client.profiles import ACTIONS, CORE
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    ASKS_WITHIN_MS,
    EITHER,
    is_core,
    recoveries,
    recovers,
)
from omnisession_conformance.roles.client.steps.openings import start_kept
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

HEAD = "CLI-013"
NOOP, FORBIDDEN = "session.noop", 4030
PINGS = 3
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
OWN_TIME_MS = 10_000
"""A client that hears no heartbeats takes a time of its own."""


@case(HEAD, needs=(CORE,))
async def lost_tail_told_by_heartbeats(ctx: Context) -> None:
    """Two heartbeats with a head above the position lead to a recovery, and that to the head."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        # As a text the head is below the position: 10 and 9.
        actor.step(9 - actor.served.seq)
        for _ in range(2):
            if all_well(ctx):
                await _loses_its_end(ctx, actor)


async def _loses_its_end(ctx: Context, actor: Actor) -> None:
    await actor.fenced()
    at, mark = actor.served.position, actor.mark()
    actor.step(deliver=False)
    await _is_told_twice(actor)
    why = "two heartbeats told of a message that did not come"
    if await recovers(ctx, actor, HEAD, mark, at, why):
        await _comes(ctx, actor, why)


@case(HEAD, needs=(CORE,))
async def lost_epoch_told_by_heartbeats(ctx: Context) -> None:
    """So do two heartbeats that tell of a higher epoch, of which nothing has come."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step(2)
        await actor.fenced()
        at, mark = actor.served.position, actor.mark()
        actor.puppet.take_over(actor.served, lost=len(actor.served.kinds))
        await _is_told_twice(actor)
        why = "two heartbeats told of an epoch of which nothing has come"
        if await recovers(ctx, actor, HEAD, mark, at, why):
            await _comes(ctx, actor, why)


@case(HEAD, needs=(CORE,), limit_ms=40_000)
async def lost_tail_while_the_head_moves(ctx: Context) -> None:
    """Two heartbeats lead to a recovery as well where something comes, or gets lost, between them."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        for comes in (True, False):
            if not all_well(ctx):
                return
            actor.step()
            await actor.fenced()
            at, mark = actor.served.position, actor.mark()
            late = actor.step(deliver=False)
            between = actor.served.position
            actor.step(deliver=False)
            actor.puppet.heartbeat(actor.served)
            await actor.fenced()
            if comes:
                actor.puppet.deliver([late])
                at = between
            else:
                actor.step(deliver=False)
            actor.puppet.heartbeat(actor.served)
            await actor.fenced()
            what = "the first of two lost ones came" if comes else "one more was lost"
            why = f"two heartbeats told of more than has come, and {what} between them"
            if await _has_recovered(ctx, actor, mark, at, why):
                await _comes(ctx, actor, why)


async def _has_recovered(ctx: Context, actor: Actor, mark: int, at: Position, why: str) -> bool:
    """Observe a recovery; whoever asks at the first heartbeat may have asked from an earlier place."""
    if recoveries(actor, mark):
        return ctx.check(HEAD, good=True, expected=EITHER, seen=EITHER, why=why)
    return await recovers(ctx, actor, HEAD, mark, at, why)


@case(HEAD, needs=(CORE,), limit_ms=40_000)
async def lost_first_states_told_by_heartbeats(ctx: Context) -> None:
    """So do two heartbeats where nothing has come at all behind the answer to the open."""
    for features in each_way(ctx):
        actor, kept = await start_kept(ctx, features=features)
        actor.puppet.rest()
        kept.answer()
        await actor.fenced()
        await _is_told_twice(actor)
        await _comes(ctx, actor, "two heartbeats told of first states that did not come")


async def _is_told_twice(actor: Actor) -> None:
    for _ in range(2):
        actor.puppet.heartbeat(actor.served)
        await actor.fenced()


@case(HEAD, slow=True, limit_ms=40_000)
async def lost_tail_told_by_pongs(ctx: Context) -> None:
    """A pong with a head above the position leads there, with the next heartbeat at the latest."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features, terms=QUICK)
        # Heartbeats would tell the head as well.
        actor.puppet.rest()
        actor.step(2)
        await actor.fenced()
        mark = actor.mark()
        actor.step(deliver=False)
        # By the time of the third the answer to the first is there.
        within_s = ctx.within(PINGS * LEAST_WINDOW_MS)
        asked = await actor.says(PING, since=mark, number=PINGS, within_s=within_s)
        ctx.require(asked is not None, "the client sends no pings here")
        await _comes_by_the_next_heartbeat(ctx, actor, "a pong told of a message that did not come")


@case(HEAD, needs=(ACTIONS, f"action:{NOOP}"))
async def lost_tail_told_by_an_outcome(ctx: Context) -> None:
    """An outcome with a position above its own leads there, with the next heartbeat at the latest."""
    # Who hears no heartbeats goes by its pings, which come as often as heartbeats would.
    terms = None if is_core(ctx) else QUICK
    for features in each_way(ctx):
        for refused in (False, True):
            if all_well(ctx):
                await _told_by_an_outcome(ctx, features, terms, refused=refused)


async def _told_by_an_outcome(
    ctx: Context, features: tuple[str, ...], terms: Terms | None, *, refused: bool
) -> None:
    actor = await ctx.live(features=features, terms=terms)
    actor.step(2)
    await actor.fenced()
    if refused:
        refuse = partial(actor.puppet.refuse_for_good, code=FORBIDDEN)
        actor.puppet.instead("actions", refuse, times=1)
    actor.step(deliver=False)
    counted = actor.served.counted
    await actor.dispatch(NOOP, {})
    done = await actor.until(lambda: actor.served.counted > counted, within_s=WITHIN_S)
    ctx.require(done, "the client has sent no action here")
    await actor.fenced()
    why = "an outcome told of a message that did not come"
    await _comes_by_the_next_heartbeat(ctx, actor, why)


async def _comes_by_the_next_heartbeat(ctx: Context, actor: Actor, why: str) -> None:
    if is_core(ctx):
        actor.puppet.heartbeat(actor.served)
        await _comes(ctx, actor, f"{why}, and then a heartbeat", ASKS_WITHIN_MS)
    else:
        await _comes(ctx, actor, why, OWN_TIME_MS)


async def _comes(
    ctx: Context, actor: Actor, why: str, within_ms: int = round(WITHIN_S * 1_000)
) -> None:
    if await actor.comes_to_the_head(HEAD, within_s=ctx.within(within_ms), why=why):
        fenced = await actor.fenced()
        # Which actions count there is told by the next heartbeat.
        actor.compare(HEAD, fenced, in_slices(actor.served.slices, fenced.report.slices), why)
