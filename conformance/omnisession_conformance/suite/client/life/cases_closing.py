"""A server that stops for a while: a client comes back when it says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.steps.coming_back import RECOVERY, WAYS_BACK, way_back
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

LATER = "CLI-018"
STOPS_CODE = 5030
EARLY_S = 0.005
"""Clocks of two programs may round a timer to the millisecond, each in its way."""
AFTER_MS = 400
"""How long the server wants to be left alone; longer than the client takes to be back in any case."""


@case(LATER, slow=True, limit_ms=60_000)
async def closed_and_back(ctx: Context) -> None:
    """After a planned stop a client recovers when its time has come, and not before."""
    for features in ctx.ways:
        actor = await ctx.live(features=features)
        for which in ("", ", for the second time"):
            if all_well(ctx):
                await _comes_back_later(actor, f"session.closing with reconnect true{which}")
        await actor.stop()


@case(LATER, slow=True, limit_ms=60_000)
async def closed_and_back_on_a_new_connection(ctx: Context) -> None:
    """The time that a server wants to be left alone holds on the next connection, too."""
    actor = await ctx.live()
    await _comes_back_later(actor, "session.closing with reconnect true, and a cut", cut=True)


async def _comes_back_later(actor: Actor, why: str, *, cut: bool = False) -> None:
    actor.step()
    await actor.fenced()
    after_ms = max(AFTER_MS, actor.timers["reconnect_ms"] * 2 * cut)
    mark, said_s = actor.mark(), asyncio.get_running_loop().time()
    actor.puppet.rest()
    actor.puppet.closing(actor.served, STOPS_CODE, reconnect=True, after_ms=after_ms)
    fenced = await actor.fenced()
    # Nor is something that is missing a reason to come earlier.
    actor.step(deliver=False)
    actor.step()
    actor.puppet.heartbeat(actor.served)
    if cut:
        actor.gate.cut()
    within_s = actor.patience_s("retry_max_ms") + after_ms / 1_000
    asked = await way_back(actor, since=mark, within_s=within_s)
    if asked is None:
        actor.ctx.absent(LATER, expected=RECOVERY, waited_s=within_s, why=why)
        return
    waited_ms = (asked.at_s - said_s) * 1_000
    early = waited_ms < after_ms - EARLY_S * 1_000
    if early and not fenced.exact and actor.ctx.is_first:
        actor.ctx.unsure(LATER, f"{why}: its reports count nothing, so it is looked at again")
        return
    actor.ctx.check(
        LATER,
        good=not early,
        expected=f"{' or '.join(WAYS_BACK)} after {after_ms} ms",
        seen=f"{asked.type} after {waited_ms:.0f} ms",
        on=actor.records([asked]),
        why=why,
    )
    if not early and await actor.comes_to_the_head(LATER, within_s=10, why=why):
        await actor.holds(LATER, why=why)
