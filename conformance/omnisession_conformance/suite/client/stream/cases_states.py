"""States: each takes the place of one slice, whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.steps.reducers import vectors_of
from omnisession_conformance.roles.client.steps.showing import shows

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

BOTH = 2


@case("CLI-004")
async def state_replaces_its_slice(ctx: Context) -> None:
    """A state takes the place of the slice of its kind, whole, and of no other."""
    actor = await ctx.live(ctx.kinds(2), ())
    kinds = actor.served.kinds
    beside = await _another(ctx, actor)
    for kind in kinds:
        actor.step(3, kind=kind)
    await shows(actor, "CLI-004", why="after states of each kind")
    for kind in kinds:
        for vector in vectors_of(kind):
            # What was there and is not in it is gone.
            message = actor.puppet.state(actor.served, kind, vector.slice)
            why = f"after a state of {kind}, the first of {vector.name}"
            if not await shows(actor, "CLI-004", why=why, on=message):
                return
    if beside is not None:
        await beside.holds("CLI-004", why="after states in another session of the same program")


async def _another(ctx: Context, actor: Actor) -> Actor | None:
    """A session of another user beside it, None where the program has no room for one."""
    if actor.stage.session.client.hello.sessions < BOTH:
        return None
    return await ctx.live(ctx.kinds(2), ())
