"""Streams that are drawn: lost, doubled and out of order, they lead to the same slices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.puppet.terms import LEAST_HEARTBEAT_MS, Terms
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.reducers import events_of
from omnisession_conformance.roles.client.steps.trails import drawn, trail
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.served import Message
    from omnisession_conformance.roles.client.steps.reducers import Told

ANY_ORDER = "CLI-024"
PARTS, LENGTH = 3, 14
"""After each part a client comes to rest: what is wrong is soon written over by what comes behind it."""
MOST_KINDS = 2


@case(ANY_ORDER, needs=(EVENTS,))
async def drawn_stream_1(ctx: Context) -> None:
    """However a drawn stream comes, it leads to the slices that it has: the first."""
    await _comes_out(ctx)


@case(ANY_ORDER, needs=(EVENTS,))
async def drawn_stream_2(ctx: Context) -> None:
    """However a drawn stream comes, it leads to the slices that it has: the second."""
    await _comes_out(ctx)


@case(ANY_ORDER, needs=(EVENTS,))
async def drawn_stream_3(ctx: Context) -> None:
    """However a drawn stream comes, it leads to the slices that it has: the third."""
    await _comes_out(ctx)


@case(ANY_ORDER, needs=(EVENTS,))
async def drawn_stream_4(ctx: Context) -> None:
    """However a drawn stream comes, it leads to the slices that it has: the fourth."""
    await _comes_out(ctx)


@case(ANY_ORDER, needs=(EVENTS,), limit_ms=40_000)
async def copy_of_what_was_undone(ctx: Context) -> None:
    """A copy of what the last message has undone, which stands just below it, brings nothing back."""
    for kind in ctx.declared.kinds:
        if not all_well(ctx):
            return
        actor = await ctx.live((kind,), (EVENTS,))
        made = actor.step()
        actor.puppet.undo(actor.served, actor.puppet.steps)
        actor.puppet.deliver([made])
        await actor.holds(
            ANY_ORDER, why=f"{made.body['type']} came again behind what has undone it"
        )


async def _comes_out(ctx: Context) -> None:
    rng = ctx.draws.rng("trail", ctx.case.name)
    known = ctx.declared.kinds
    kinds = tuple(rng.sample(known, min(len(known), MOST_KINDS)))
    # Heartbeats tell the head, again and again.
    actor = await ctx.live(kinds, (EVENTS,), terms=Terms(heartbeat_ms=LEAST_HEARTBEAT_MS))
    served, puppet = actor.served, actor.puppet
    pool = [told for kind in served.kinds for told in events_of(kind)]
    for part in range(1, PARTS + 1):
        said: list[Message] = []
        last: Told | None = None
        for _ in range(LENGTH):
            last = drawn(rng, pool, served, last, lambda slice_: _can_be_said(ctx, slice_))
            said.append(puppet.event(served, last.type, last.data, deliver=False))
        puppet.deliver(trail(said, rng))
        why = f"{part * LENGTH} events came, some of them lost, doubled or out of order"
        if not await actor.comes_to_the_head(ANY_ORDER, within_s=WITHIN_S, why=why):
            return
        if not await actor.holds(ANY_ORDER, why=why):
            return


def _can_be_said(ctx: Context, slice_: Slice) -> bool:
    """Whether a state may say a slice."""
    name = str(slice_.get("type", "")).capitalize()
    return not slice_ or ctx.checker.is_valid(f"state.schema.json#/$defs/{name}State", slice_)
