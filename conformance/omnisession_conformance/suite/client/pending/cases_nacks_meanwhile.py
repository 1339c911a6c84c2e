"""Final nacks that come while a client waits for an answer that it never gets: no replay has them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.acts import acting
from omnisession_conformance.roles.client.steps.missing import (
    asked_back,
    first_of,
    keep_all,
    lose_something,
    truthful_again,
)
from omnisession_conformance.roles.client.steps.pending import keep_back, kept_of
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context

TOLD = "HYB-015"
TERMS = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
ANSWER_MS, LONGEST_MS, TELLS_WITHIN_MS = 500, 14_000, 4_000
"""The time-out of a request, how long a client may take that has its own, and until a nack is told."""
FORBIDDEN = 4030
BOTH = 2


@case(TOLD, needs=("hybrid", "core"), limit_ms=60_000)
async def nack_before_an_answer_that_is_lost(ctx: Context) -> None:
    """A final nack comes while a recovery is under way, whose answer is lost: the user is told of it."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1, terms=TERMS, timers={"answer_ms": ANSWER_MS})
        actor, kept = acts.actor, keep_back(acts.actor)
        actor.puppet.rest()
        _, said = await acts.acted()
        asked = await kept_of(actor, kept, said)
        await actor.fenced()
        lost, begun = keep_all(actor), actor.mark()
        lose_something(ctx, actor)
        first = await first_of(actor, lost)
        ctx.require(first is not None, "the client asks for no recovery here (CLI-006)")
        # Its copies are kept back from now on, so that this nack is the only one there is.
        actor.puppet.refuse_for_good(asked, FORBIDDEN)
        truthful_again(actor)
        again = await asked_back(actor, begun, number=BOTH, within_s=ctx.within(LONGEST_MS))
        ctx.require(again is not None, "the client does not ask again (CLI-026)")
        there = await actor.stage.caught_up(actor.served)
        ctx.require(there is not None, "the client does not come back by its second recovery")
        within_s, on = ctx.within(TELLS_WITHIN_MS), actor.records([said])
        told = await acts.told(said, within_s=within_s)
        why = "its final nack came while a recovery was under way, and the answer to that was lost"
        if told is None:
            expected = f"refused of a report names the action, with the code {FORBIDDEN}"
            ctx.absent(TOLD, expected=expected, waited_s=within_s, on=on, why=why)
        else:
            ctx.equal(TOLD, FORBIDDEN, told.get("code"), on=on, why=f"what is told: {why}")
