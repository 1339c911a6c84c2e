"""Gaps: what is missing is asked for, and nothing beyond it is applied before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import RECOVERIES, RESUME
from omnisession_conformance.roles.client.compare import in_slices

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context

GAP = "CLI-006"
ASKS_WITHIN_MS = 2_000


@case(GAP)
async def gap_is_closed(ctx: Context) -> None:
    """Nothing beyond a gap is applied, and what is missing is asked for within 2 s."""
    for features in ctx.ways:
        await _gap(ctx, features)


async def _gap(ctx: Context, features: tuple[str, ...]) -> None:
    actor = await ctx.live(features=features)
    actor.step(2)
    await actor.fenced()
    at, before = actor.served.position, dict(actor.served.slices)
    held = [actor.puppet.hold(type_) for type_ in RECOVERIES]
    mark = actor.mark()
    lost = actor.step(deliver=False)
    actor.step(3)
    fenced = await actor.fenced()
    unlike = in_slices(before, fenced.report.slices)
    why = f"seq {lost.body['seq']} did not come"
    if not actor.compare(GAP, fenced, unlike, f"{why}: nothing beyond it is applied"):
        return
    asked = await actor.says(*RECOVERIES, since=mark, within_s=ctx.within(ASKS_WITHIN_MS))
    if asked is None:
        ctx.absent(GAP, expected=" or ".join(RECOVERIES), why=why)
        return
    told = (asked.body or {}).get("data")
    if asked.type == RESUME:
        expected = {"epoch": at.epoch, "seq": at.seq}
        ctx.equal(GAP, expected, told, on=actor.records([asked]), why="the position of its resume")
    for one in held:
        one.release()
    await actor.comes_to_the_head(GAP, within_s=10, why=f"{why}, and its recovery is answered")
    await actor.holds(GAP, why=f"{why}, and its recovery is answered")
