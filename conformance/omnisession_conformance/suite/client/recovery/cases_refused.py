"""Recoveries that are refused for now: they come again, and not all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    EITHER,
    asked_back,
    instead_of_all,
    lose_something,
    recoveries,
)
from omnisession_conformance.roles.client.steps.rows import (
    FAILURES,
    LONGEST_WAIT_MS,
    ROW,
    check_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked

PACE = "CLI-027"
UNAVAILABLE = 5030
MORE = 10


@case(PACE, slow=True, limit_ms=100_000)
async def refused_recoveries_are_spread(ctx: Context) -> None:
    """A recovery that is refused for now is asked again each time, and not all times at once."""
    await _is_refused(ctx, lambda actor: lose_something(ctx, actor))


@case(PACE, needs=(CORE,), slow=True, limit_ms=100_000)
async def refused_syncs_are_spread(ctx: Context) -> None:
    """So is one after a message that cannot be used, be it a sync."""
    await _is_refused(ctx, _say_what_is_of_no_use)


def _say_what_is_of_no_use(actor: Actor) -> None:
    message = actor.step(deliver=False)
    # No replay has it, so that any recovery helps.
    actor.served.forget()
    actor.puppet.anyhow(message.subject, {**message.body, "data": 7})
    actor.step()


async def _is_refused(ctx: Context, begin: Callable[[Actor], None]) -> None:
    actor = await ctx.live(timers=ROW)
    actor.step()
    await actor.fenced()
    # Who doubles its bound for ever is found out by more of them, and a client's own times are long.
    failures = FAILURES if actor.stage.session.begun.timers is None else MORE
    refused: list[Asked] = []

    def refuse(asked: Asked) -> None:
        if len(refused) < failures:
            refused.append(asked)
            actor.puppet.refuse(asked, UNAVAILABLE)
        else:
            actor.puppet.tell(asked)

    instead_of_all(actor, refuse)
    mark = actor.mark()
    begin(actor)
    ctx.require(await asked_back(actor, mark) is not None, "the client asks for no recovery here")
    for number in range(1, failures + 1):
        within_s = ctx.within(LONGEST_WAIT_MS)
        again = await asked_back(actor, mark, number=number + 1, within_s=within_s)
        if again is None:
            why = f"{number} recoveries were refused for now"
            ctx.absent(PACE, expected=EITHER, waited_s=within_s, why=why)
            return
    # The first repeat may come at once, and so may another request in its place.
    asked = recoveries(actor, mark)[: FAILURES + 1]
    check_row(ctx, actor, PACE, asked, f"{failures} recoveries were refused for now")
    why = "at last a recovery was answered"
    if await actor.comes_to_the_head(PACE, within_s=WITHIN_S, why=why):
        await actor.holds(PACE, why=why)
