"""A higher epoch: it begins with states, and a client gets all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

EPOCH = "CLI-009"
EPOCHS = (2, (1 << 40) + 9, (1 << 40) + (1 << 32) + 3)
"""Some servers take the time; a client that keeps 32 bits of it takes the last one for an old one."""


@case(EPOCH)
async def takeover_is_followed(ctx: Context) -> None:
    """A client goes on in a higher epoch, and in the next one, by its first states or by a recovery."""
    for features in each_way(ctx):
        actor = await ctx.live(ctx.kinds(2), features)
        for epoch in EPOCHS:
            await _takes_over(ctx, actor, epoch)


@case(EPOCH)
async def takeover_without_its_first_states(ctx: Context) -> None:
    """Where first states of an epoch are lost, a client is not content with what comes behind them."""
    for features in each_way(ctx):
        actor = await ctx.live(ctx.kinds(2), features)
        # First the first one, and then all of them.
        for lost in range(1, len(actor.served.kinds) + 1):
            await _takes_over(ctx, actor, actor.served.epoch + 1, lost=lost)


@case(EPOCH, limit_ms=40_000)
async def epoch_that_goes_on_where_the_last_one_was(ctx: Context) -> None:
    """What has the next number is not the next message, where it is of another epoch."""
    for features in each_way(ctx):
        actor = await ctx.live(ctx.kinds(2), features)
        served = actor.served
        actor.step(2)
        await actor.fenced()
        at = served.seq
        for kind in served.kinds:
            actor.step(kind=kind, deliver=False)
        actor.puppet.take_over(served, lost=len(served.kinds))
        while served.seq < at:
            actor.step(deliver=False)
        actor.step()
        why = f"of epoch 2 nothing has come before seq {at + 1}, and of epoch 1 all up to {at}"
        if await actor.comes_to_the_head(EPOCH, within_s=WITHIN_S, why=why):
            await actor.holds(EPOCH, why=why)


@case(EPOCH, needs=(EVENTS,))
async def epoch_that_begins_with_an_event(ctx: Context) -> None:
    """An event is no begin of an epoch: what the states before it would have told is missing."""
    actor = await ctx.live(ctx.kinds(2), (EVENTS,))
    actor.step(2)
    await actor.fenced()
    actor.step(deliver=False)
    actor.served.begin_epoch()
    actor.step()
    why = "epoch 2 has begun with an event"
    if await actor.comes_to_the_head(EPOCH, within_s=WITHIN_S, why=why):
        await actor.holds(EPOCH, why=why)


async def _takes_over(ctx: Context, actor: Actor, epoch: int, *, lost: int = 0) -> None:
    if not all_well(ctx):
        return
    served, puppet = actor.served, actor.puppet
    for kind in served.kinds:
        actor.step(2, kind=kind)
    await actor.fenced()
    # The old server has not said this any more: the new one's states have it.
    for kind in served.kinds:
        actor.step(kind=kind, deliver=False)
    puppet.take_over(served, lost=lost, epoch=epoch)
    actor.step(kind=served.kinds[-1])
    why = f"epoch {epoch} has begun" + (
        f", and {lost} of its first states were lost" if lost else ""
    )
    if await actor.comes_to_the_head(EPOCH, within_s=WITHIN_S, why=why):
        await actor.holds(EPOCH, why=why)
