"""Versions of bodies: a later MINOR is read, another MAJOR cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.compare import in_slices
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import hold_all, release
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context

VERSION = "CLI-035"
MAJORS = ("2.0", "10.0")
"""The second begins as version 1 does."""


@case(VERSION)
async def later_minor_is_read(ctx: Context) -> None:
    """Bodies of version 1.9 are taken as those of 1.0, with nothing asked for."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step()
        await actor.fenced()
        # Who cannot use them would get them by a recovery.
        hold_all(actor)
        for minor in (1, 9, 10):
            message = actor.step(deliver=False)
            message.body["v"] = f"1.{minor}"
            actor.puppet.deliver([message])
            if not await actor.holds(VERSION, why=f"after a body of version 1.{minor}", on=message):
                return


@case(VERSION)
async def other_major_is_not_used(ctx: Context) -> None:
    """What a body of another MAJOR would say in version 1 is not taken; the gap is closed."""
    for features in each_way(ctx):
        for version in MAJORS:
            if all_well(ctx):
                await _not_used(ctx, features, version)


async def _not_used(ctx: Context, features: tuple[str, ...], version: str) -> None:
    actor = await ctx.live(features=features)
    served = actor.served
    actor.step(2)
    await actor.fenced()
    before = dict(served.slices)
    held = hold_all(actor)
    message = actor.step(deliver=False)
    # No replay has it: a server of version 1 says the same by states.
    served.history.pop(served.position.head)
    actor.puppet.anyhow(message.subject, {**message.body, "v": version})
    fenced = await actor.fenced()
    why = f"after a body of version {version}"
    if not actor.compare(VERSION, fenced, in_slices(before, fenced.report.slices), why):
        return
    release(held)
    actor.step()
    if await actor.comes_to_the_head(VERSION, within_s=WITHIN_S, why=why):
        await actor.holds(VERSION, why=why)
