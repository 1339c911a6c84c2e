"""Actions under way when something else goes wrong: none of them is forgotten."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.steps.acts import Acts, acting, id_of, session_of
from omnisession_conformance.roles.client.steps.again import (
    AGAIN,
    Nacks,
    again_within_s,
    goes_on,
    same_again,
)
from omnisession_conformance.roles.client.steps.missing import came, hold_all, is_core

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.puppet import Puppet
    from omnisession_conformance.roles.client.testee.messages import Report

TOLD, HERE = "HYB-015", "HYB-016"
FORBIDDEN, TELLS_WITHIN_MS = 4030, 2_000
RATE, AFTER_MS = 4290, 150
OUTCOME_MS = 1_000
"""Longer than a nack takes to come, also where much goes on beside it."""
DUE_S = 0.4
"""The copy is due by then: after the wait that its nack asks for, and the longest first one of its own."""


@case(TOLD, HERE, limit_ms=60_000)
async def session_is_lost_under_an_action(ctx: Context) -> None:
    """What was under way when its session was lost is told as given up, or comes in the next session."""
    acts, kept = await acting(ctx, types=1, timers={"outcome_ms": OUTCOME_MS}), list["Asked"]()
    actor = acts.actor
    actor.puppet.instead("actions", kept.append)
    act, first = await acts.acted()
    ctx.require(await actor.until(lambda: kept, within_s=10), "the action has not come here")
    # Not forgotten: an open of it again would have a new one under the same id.
    actor.puppet.expire(actor.served)
    actor.puppet.truthful_again("actions")
    actor.gate.cut()
    await actor.opened(within_s=15)

    def is_settled(report: Report) -> bool:
        sessions = {session_of(one) for one in acts.copies(act)}
        told = (one.get("action_id") == id_of(first) for one in report.refused)
        return len(sessions) > 1 or any(told)

    within_s = again_within_s(acts)
    settled = await actor.stage.reported_of("refused", is_settled, within_s=within_s)
    expected = "refused of a report names it, or it is sent again in the new session"
    why = "its session was lost before it had an outcome, and another one is open"
    if settled is None:
        on = actor.records([first])
        ctx.absent(TOLD, expected=expected, waited_s=within_s, on=on, why=why)
        return
    ctx.check(TOLD, good=True, expected=expected, seen=expected, why=why)
    if any(session_of(one) == actor.served.session_id for one in acts.copies(act)):
        await actor.until(lambda: actor.served.counted, within_s=10)
    await actor.fenced()
    # The new session is as the one before: the next action is taken, and its end told.
    actor.puppet.instead("actions", partial(_refuse_others, actor.puppet, id_of(first)))
    following = await acts.act(within_s=5)
    taken = following.refused is None
    seen = "it is taken" if taken else f"refused: {following.refused}"
    why = f"{why}; this is the next action"
    if ctx.check(HERE, good=taken, expected="it is taken", seen=seen, why=why):
        said = await acts.said(following, within_s=10)
        ctx.require(said is not None, "it has taken an action, and sends nothing")
        if said is not None:
            await _is_told(ctx, acts, said, f"{why}, and got a final nack")


def _refuse_others(puppet: Puppet, id_: str, asked: Asked) -> None:
    """Refuse what comes for good, but another copy of an action that is done."""
    if asked.action.get("action_id") == id_:
        puppet.tell(asked)
    else:
        puppet.refuse_for_good(asked, FORBIDDEN)


@case(TOLD, needs=(CORE,), limit_ms=60_000)
async def nack_while_it_recovers(ctx: Context) -> None:
    """A final nack that comes while a recovery is under way is told as any other."""
    acts, kept = await acting(ctx, types=1), list["Asked"]()
    actor = acts.actor
    actor.puppet.instead("actions", kept.append)
    _, said = await acts.acted()
    ctx.require(await actor.until(lambda: kept, within_s=10), "the action has not come here")
    held = hold_all(actor)
    actor.step(deliver=False)
    actor.step()
    ctx.require(await came(actor, held), "the client asks for no recovery here (CLI-006)")
    actor.puppet.truthful_again("actions")
    actor.puppet.refuse_for_good(kept[0], FORBIDDEN)
    await actor.fenced()
    for one in held:
        one.release()
    await _is_told(ctx, acts, said, "its final nack came while a recovery was under way")


async def _is_told(ctx: Context, acts: Acts, said: Seen, why: str) -> None:
    told = await acts.told(said, within_s=ctx.within(TELLS_WITHIN_MS))
    on = acts.actor.records([said])
    if told is None:
        expected = f"refused of a report names it, with the code {FORBIDDEN}"
        ctx.absent(TOLD, expected=expected, waited_s=TELLS_WITHIN_MS / 1_000, on=on, why=why)
    else:
        given_up = told.get("reason") == "given_up"
        if given_up and ctx.is_first:
            # A client may give an action up that has no outcome in time, and the nack may have been late.
            ctx.unsure(TOLD, f"{why}: given_up is told, so it is looked at again")
            return
        ctx.equal(TOLD, FORBIDDEN, told.get("code"), on=on, why=f"what is told: {why}")


@case(AGAIN, limit_ms=60_000)
async def copy_is_due_in_a_recovery(ctx: Context) -> None:
    """A copy whose time comes while the client recovers is sent then, or once it is back."""
    acts = await acting(ctx, types=1)
    actor = acts.actor
    nacks = Nacks(acts, bodies.error(RATE, retry_after_ms=AFTER_MS), [])
    actor.puppet.instead("actions", nacks, times=1)
    act, first = await acts.acted()
    await actor.until(lambda: nacks.at_s, within_s=10)
    held = hold_all(actor)
    if is_core(ctx):
        actor.step(deliver=False)
        actor.step()
    else:
        await actor.fenced()
        actor.gate.cut()
    asks = await actor.until(lambda: any(one.asked for one in held), within_s=15)
    ctx.require(asks, "the client asks for no recovery here (CLI-006, CLI-016)")
    await actor.until(lambda: len(acts.copies(act)) > 1, within_s=DUE_S)
    for one in held:
        one.release()
    why = "its nack was retryable, and the client was recovering when the next copy was due"
    if await same_again(ctx, acts, act, 2, why, is_free=True) is not None:
        await goes_on(ctx, acts, first, f"{why}; its copy is done", AGAIN)
