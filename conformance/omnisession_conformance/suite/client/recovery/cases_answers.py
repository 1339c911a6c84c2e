"""Answers that set a client back, or into another epoch: it goes by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    came,
    hold_all,
    release,
    returns,
)
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.overrides import Held

PLACE = "CLI-008"
COUNTED = 5


@case(PLACE, limit_ms=40_000)
async def states_at_a_lower_place(ctx: Context) -> None:
    """A server that has lost the end of the stream answers with a lower place, and that is taken."""
    for features in each_way(ctx):
        await _falls_back(ctx, features, useless=False)


@case(PLACE, limit_ms=40_000)
async def states_at_a_lower_place_for_what_cannot_be_used(ctx: Context) -> None:
    """The same where a message that cannot be used has led to the recovery, which may be a sync."""
    for features in each_way(ctx):
        await _falls_back(ctx, features, useless=True)


async def _falls_back(ctx: Context, features: tuple[str, ...], *, useless: bool) -> None:
    actor = await ctx.live(ctx.kinds(2), features, terms=Terms(counted=COUNTED))
    for _ in range(2):
        if all_well(ctx):
            await _falls(ctx, actor, useless=useless)


async def _falls(ctx: Context, actor: Actor, *, useless: bool) -> None:
    served = actor.served
    actor.step(2)
    kept, slices = served.seq, dict(served.slices)
    actor.step(3)
    future = await _waits_beyond_a_gap(ctx, actor, useless=useless)
    ahead = served.seq
    served.fall_back(kept, slices)
    # No server says less than it has said, unless it knows less: it is taken with the position.
    served.counted -= 1
    release(future)
    why = "its recovery was answered by states at a lower place"
    if not await returns(ctx, actor, PLACE, why):
        return
    # What was held is of a future that is gone: other messages have its numbers now.
    while served.seq <= ahead:
        actor.step(kind=served.kinds[-1])
    await actor.holds(PLACE, why=f"{why}, and the stream went on from there")


@case(PLACE)
async def states_of_a_higher_epoch(ctx: Context) -> None:
    """A recovery that is answered by states of a higher epoch takes a client there."""
    for features in each_way(ctx):
        actor = await ctx.live(ctx.kinds(2), features)
        actor.step(2)
        future = await _waits_beyond_a_gap(ctx, actor)
        served = actor.served
        actor.puppet.take_over(served, lost=len(served.kinds))
        release(future)
        why = "its recovery was answered by states of a higher epoch"
        if await actor.comes_to_the_head(PLACE, within_s=WITHIN_S, why=why):
            actor.step(2)
            await actor.holds(PLACE, why=why)


async def _waits_beyond_a_gap(ctx: Context, actor: Actor, *, useless: bool = False) -> list[Held]:
    """Have a client wait for the answer to a recovery, with messages that do not connect."""
    await actor.fenced()
    held = hold_all(actor)
    missed = actor.step(deliver=False)
    if useless:
        actor.puppet.anyhow(missed.subject, {**missed.body, "data": 7})
    actor.step(2)
    ctx.require(await came(actor, held), "no recovery came after a gap")
    await actor.fenced()
    return held
