"""How many actions may be pending: a client that keeps them takes 32 at least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.steps.acts import acting
from omnisession_conformance.roles.client.steps.pending import keep_back, serve

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.acts import Act, Acts
    from omnisession_conformance.roles.client.steps.deeds import Deed

HERE = "HYB-016"
LEAST_MANY, DONE_WITHIN_S = 32, 20.0


@case(HERE, needs=("hybrid",), limit_ms=60_000)
async def takes_many(ctx: Context) -> None:
    """Actions are taken as long as fewer than 32 are pending, with a connection and without one."""
    acts = await acting(ctx, types=1)
    deeds = [await acts.deed() for _ in range(LEAST_MANY)]
    await acts.actor.fenced()
    kept = keep_back(acts.actor)
    half = LEAST_MANY // 2
    if await _are_taken(ctx, acts, deeds[:half], 0, "the session is live"):
        with acts.actor.gate.refusing():
            good = await _are_taken(ctx, acts, deeds[half:], half, "the connection is lost")
        serve(acts.actor, kept)
        all_ = await acts.actor.until(
            lambda: acts.actor.served.counted >= LEAST_MANY, within_s=DONE_WITHIN_S
        )
        if good:
            ctx.require(all_, f"not all {LEAST_MANY} have come (HYB-008)")
            await acts.actor.fenced()
            why = f"all {LEAST_MANY} that were pending are done"
            await _are_taken(ctx, acts, [await acts.deed()], 0, why)


async def _are_taken(ctx: Context, acts: Acts, deeds: list[Deed], before: int, where: str) -> bool:
    for number, deed in enumerate(deeds, before):
        act: Act = await acts.dispatch(deed)
        good = ctx.check(
            HERE,
            good=act.refused is None,
            expected=f"a right {deed.type} is taken: {number} of {LEAST_MANY} are pending",
            seen="it is taken" if act.refused is None else f"refused: {act.refused}",
            why=where,
        )
        if not good:
            return False
    return True
