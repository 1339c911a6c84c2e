"""States: each takes the place of one slice, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context


@case("CLI-004")
async def state_replaces_its_slice(ctx: Context) -> None:
    """A state takes the place of the slice of its kind, whole, and of no other."""
    actor = await ctx.live(ctx.kinds(2), ())
    kinds = actor.served.kinds
    for kind in kinds:
        actor.step(3, kind=kind)
    await actor.holds("CLI-004", why="after states of each kind")
    # What is gone from it is gone.
    first = actor.puppet.world.first(kinds[0])
    actor.puppet.state(actor.served, kinds[0], first)
    await actor.holds("CLI-004", why=f"after a state of {kinds[0]} with less in it")
