"""Planned stops of every sort: at once, for other reasons, for longer than a timer can be set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.closed import tells_that_it_is_closed
from omnisession_conformance.roles.client.steps.coming_back import RECOVERY, WAYS_BACK, way_back
from omnisession_conformance.roles.client.steps.openings import side_by_side

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

SILENT, LATER = "CLI-017", "CLI-018"
STOPS_CODE, INTERNAL = 5030, 5000
AFTER_MS = 300
WEEKS_MS = 2**31 + 60_000
"""More than 24 days: what counts milliseconds in 32 bits holds it for none, or for less."""


@case(LATER, slow=True, limit_ms=60_000)
async def closed_and_back_whatever_the_code(ctx: Context) -> None:
    """`reconnect` alone says that a client comes back, and `after_ms` when, be it at once."""
    await side_by_side(
        ctx,
        lambda: _comes_back(ctx, STOPS_CODE, 0),
        lambda: _comes_back(ctx, INTERNAL, AFTER_MS),
    )


async def _at_rest(ctx: Context) -> Actor:
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    actor.puppet.rest()
    return actor


async def _comes_back(ctx: Context, code: int, after_ms: int) -> None:
    actor = await _at_rest(ctx)
    mark = actor.mark()
    actor.puppet.closing(actor.served, code, reconnect=True, after_ms=after_ms)
    within_s = actor.patience_s("retry_max_ms") + after_ms / 1_000
    why = f"session.closing with the code {code}, reconnect true and after_ms {after_ms}"
    if await way_back(actor, since=mark, within_s=within_s) is None:
        ctx.absent(LATER, expected=RECOVERY, waited_s=within_s, why=why)
    else:
        actor.step()
        await actor.comes_to_the_head(LATER, within_s=WITHIN_S, why=why)
    await actor.stop()


@case(LATER, slow=True, limit_ms=60_000)
async def closed_for_weeks(ctx: Context) -> None:
    """A server that wants to be left alone for weeks is."""
    actor = await _at_rest(ctx)
    actor.puppet.closing(actor.served, STOPS_CODE, reconnect=True, after_ms=WEEKS_MS)
    await _is_left_alone(actor, LATER, f"session.closing asked for {WEEKS_MS} ms")


@case(SILENT, slow=True, limit_ms=45_000)
async def closed_for_good_whatever_the_code(ctx: Context) -> None:
    """A client is closed by `reconnect` false with any code, be it that of a planned stop."""
    actor = await _at_rest(ctx)
    actor.puppet.closing(actor.served, STOPS_CODE, reconnect=False, after_ms=AFTER_MS)
    why = f"session.closing with the code {STOPS_CODE} and reconnect false"
    await _is_left_alone(actor, SILENT, why)
    await tells_that_it_is_closed(actor, SILENT, why)


async def _is_left_alone(actor: Actor, requirement: str, why: str) -> None:
    """Observe that a client asks for nothing once it has heard of a stop, for longer than `AFTER_MS`."""
    fenced, mark = await actor.fenced(), actor.mark()
    within_s = actor.spell_s + AFTER_MS / 1_000
    await actor.until(lambda: actor.said(*WAYS_BACK, since=mark), within_s=within_s)
    actor.says_nothing(requirement, WAYS_BACK, since=mark, exact=fenced.exact, why=why)
