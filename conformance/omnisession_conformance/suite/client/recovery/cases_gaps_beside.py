"""Gaps while something else waits: a ping, an action, or what has failed before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import PING
from omnisession_conformance.roles.client.profiles import ACTIONS as ACTS
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.bodies import error
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.acts import acting
from omnisession_conformance.roles.client.steps.missing import (
    asked_back,
    instead_of_all,
    lose_something,
    recoveries,
    recovers,
    truthful_again,
)
from omnisession_conformance.roles.client.steps.rows import LONGEST_WAIT_MS

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked

GAP = "CLI-006"
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
UNAVAILABLE, RATE, AFTER_MS = 5030, 4290, 6_000
FAILED, GAPS = 6, 4
WAITS = {"retry_base_ms": 200, "retry_max_ms": 10_000}
"""The protocol's: behind so many failures a wait is longer than 2 s, most times."""


@case(GAP, needs=(CORE,), limit_ms=45_000)
async def gap_while_a_ping_is_unanswered(ctx: Context) -> None:
    """A ping may be under way beside a recovery, so that nobody waits for its answer first."""
    actor = await ctx.live(terms=QUICK)
    actor.step()
    await actor.fenced()
    actor.puppet.instead(PING, actor.puppet.swallow)
    said = await actor.says(PING, since=actor.mark(), within_s=ctx.within(2 * LEAST_WINDOW_MS))
    if said is None:
        raise Prerequisite("the client has not pinged (CLI-015)")
    await _finds_a_gap(ctx, actor, "a ping had no answer yet")


@case(GAP, needs=(CORE, ACTS), limit_ms=45_000)
async def gap_while_an_action_waits(ctx: Context) -> None:
    """What the server says of an action, to come later, puts no recovery off."""
    acts = await acting(ctx, types=1)
    actor = acts.actor
    refusal = error(RATE, retry_after_ms=AFTER_MS)
    actor.puppet.instead("actions", lambda asked: actor.puppet.nack(asked, refusal))
    _, said = await acts.acted()
    await actor.until(lambda: actor.records([said]), within_s=ctx.answer_s)
    await actor.fenced()
    await _finds_a_gap(ctx, actor, f"an action had got {RATE} with retry_after_ms {AFTER_MS}")


@case(GAP, needs=(CORE,), slow=True, limit_ms=100_000)
async def gap_after_a_row_of_failures(ctx: Context) -> None:
    """A recovery that has helped ends the row of those that failed: the next one is asked for at once."""
    actor = await ctx.live(timers=WAITS)
    actor.step()
    await actor.fenced()
    refused: list[Asked] = []

    def refuse(asked: Asked) -> None:
        refused.append(asked)
        actor.puppet.refuse(asked, UNAVAILABLE)

    instead_of_all(actor, refuse)
    mark = actor.mark()
    lose_something(ctx, actor)
    within_s = ctx.within(FAILED * LONGEST_WAIT_MS)
    row = await asked_back(actor, mark, number=FAILED, within_s=within_s)
    ctx.require(row is not None, "the client does not ask again and again here (CLI-027)")
    await actor.until(lambda: len(refused) >= FAILED, within_s=ctx.answer_s)
    truthful_again(actor)
    there = await actor.stage.caught_up(actor.served, within_s=ctx.within(2 * LONGEST_WAIT_MS))
    ctx.require(there is not None, "the client does not come back by its last recovery (CLI-028)")
    failed = len(recoveries(actor, mark)) - 1
    for _ in range(GAPS):
        why = f"{failed} recoveries had failed, and the last one has helped"
        if not await _finds_a_gap(ctx, actor, why):
            return


async def _finds_a_gap(ctx: Context, actor: Actor, why: str) -> bool:
    await actor.fenced()
    at, mark = actor.served.position, actor.mark()
    actor.step(deliver=False)
    actor.step()
    if not await recovers(ctx, actor, GAP, mark, at, f"{why}, and then a message did not come"):
        return False
    there = await actor.stage.caught_up(actor.served)
    if there is None:
        raise Prerequisite("the client does not come back by its recovery (CLI-007)")
    return True
