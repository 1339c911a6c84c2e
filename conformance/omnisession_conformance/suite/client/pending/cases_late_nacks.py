"""Final nacks that come behind a position that has counted their action: the user is told all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.acts import Acts, acting, id_of
from omnisession_conformance.roles.client.steps.pending import (
    GONE_WITHIN_MS,
    keep_back,
    kept_of,
    names,
    serve,
)
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

TOLD = "HYB-015"
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
"""So that a client pings soon."""
FORBIDDEN = 4030
TELLS_WITHIN_MS = 4_000
MANY = 24
"""Below the 32 that may be pending at a time, and that are to be known."""


@case(TOLD, needs=("hybrid",), limit_ms=45_000)
async def nack_behind_its_count(ctx: Context) -> None:
    """A pong overtakes a final nack, and counts its action: the user is told once the nack is there."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1, terms=QUICK)
        actor, kept = acts.actor, keep_back(acts.actor)
        actor.puppet.rest()
        _, said = await acts.acted()
        asked = await kept_of(actor, kept, said)
        actor.puppet.refuse_unheard(asked, FORBIDDEN)
        counted = await _is_counted(ctx, acts, said)
        ctx.require(counted, "what a pong counts stays pending here (HYB-002)")
        # It is a copy by now, and has the outcome that was under way.
        serve(actor, kept)
        await _is_told(ctx, acts, said, "a pong has")


@case(TOLD, needs=("hybrid",), limit_ms=45_000)
async def nack_behind_a_later_ack(ctx: Context) -> None:
    """The outcome of the next action may count the refused one as well, before its nack is there."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=1)
        actor, kept = acts.actor, keep_back(acts.actor)
        actor.puppet.rest()
        row = [(await acts.acted())[1] for _ in range(2)]
        first, second = [await kept_of(actor, kept, one) for one in row]
        actor.puppet.refuse_unheard(first, FORBIDDEN)
        # By nothing but its ack, so that no message of the stream counts both before.
        actor.puppet.count(second)
        counted = await _is_counted(ctx, acts, row[0])
        ctx.require(counted, "what a later outcome counts stays pending here (HYB-002)")
        serve(actor, (first,))
        await _is_told(ctx, acts, row[0], "the ack of the next one has")


@case(TOLD, needs=("hybrid",), limit_ms=60_000)
async def nack_behind_many_counts(ctx: Context) -> None:
    """A late nack is told though others were counted since: a client knows the last 32 at least."""
    acts = await acting(ctx, types=1, terms=QUICK)
    actor, kept = acts.actor, keep_back(acts.actor)
    actor.puppet.rest()
    row = [(await acts.acted())[1] for _ in range(MANY)]
    asked = [await kept_of(actor, kept, one) for one in row]
    actor.puppet.refuse_unheard(asked[0], FORBIDDEN)
    for one in asked[1:]:
        actor.puppet.count(one, told=False)
    for said in (row[0], row[-1]):
        counted = await _is_counted(ctx, acts, said)
        ctx.require(counted, "what a pong counts stays pending here (HYB-002)")
    serve(actor, asked[:1])
    await _is_told(ctx, acts, row[0], f"a pong has, and {MANY - 1} more behind it:")


async def _is_counted(ctx: Context, acts: Acts, said: Seen) -> bool:
    """Wait until an action is pending no more, since a position counts it."""
    report = await acts.actor.stage.reported_of(
        "pending",
        lambda found: found.pending is not None and id_of(said) not in (names(found) or ()),
        within_s=ctx.within(GONE_WITHIN_MS),
    )
    return report is not None


async def _is_told(ctx: Context, acts: Acts, said: Seen, what: str) -> None:
    within_s, on = ctx.within(TELLS_WITHIN_MS), acts.actor.records([said])
    told = await acts.told(said, within_s=within_s)
    why = f"{what} counted it, and its nack came later, with the code {FORBIDDEN}"
    if told is None:
        expected = f"refused of a report names the action, with the code {FORBIDDEN}"
        ctx.absent(TOLD, expected=expected, waited_s=within_s, on=on, why=why)
    else:
        ctx.equal(TOLD, FORBIDDEN, told.get("code"), on=on, why=f"what is told: {why}")
