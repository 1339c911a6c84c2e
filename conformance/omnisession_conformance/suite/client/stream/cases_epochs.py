"""A higher epoch: it begins with states, and a client gets all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context

EPOCH = "CLI-009"


@case(EPOCH)
async def takeover_is_followed(ctx: Context) -> None:
    """A client goes on in a higher epoch, by its first states or by a recovery."""
    for features in each_way(ctx):
        await _takes_over(ctx, features, lost=0)


@case(EPOCH)
async def takeover_without_its_first_state(ctx: Context) -> None:
    """Where the first state of an epoch is lost, a client is not content with the others."""
    for features in each_way(ctx):
        await _takes_over(ctx, features, lost=1)


async def _takes_over(ctx: Context, features: tuple[str, ...], *, lost: int) -> None:
    actor = await ctx.live(ctx.kinds(2), features)
    served, puppet = actor.served, actor.puppet
    for kind in served.kinds:
        actor.step(2, kind=kind)
    await actor.fenced()
    # The old server has not said this any more: the new one's states have it.
    for kind in served.kinds:
        actor.step(kind=kind, deliver=False)
    puppet.take_over(served, lost=lost)
    actor.step(kind=served.kinds[-1])
    why = "a higher epoch has begun" + (", and its first state was lost" if lost else "")
    if await actor.comes_to_the_head(EPOCH, within_s=WITHIN_S, why=why):
        await actor.holds(EPOCH, why=why)
