"""Whatever came to a client: it is at the head again, holds what it should, and acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.profiles import ACTIONS
from omnisession_conformance.roles.client.steps.acts import acts_of
from omnisession_conformance.roles.client.steps.deeds import takes

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.testee.messages import Report

GOES_ON = "CLI-029"
WITHIN_S, WITHOUT_TIMERS_S = 15.0, 40.0


async def acts_by_now(ctx: Context, actor: Actor) -> bool:
    """Whether its user can do something before anything has come; where not, nothing says why."""
    if ACTIONS not in ctx.declared.profiles:
        return False
    if not takes(ctx.declared.actions, actor.served.kinds):
        return False
    acts = acts_of(actor)
    act = await acts.act(within_s=2)
    said = None if act.refused else await acts.said(act, within_s=5)
    return said is not None and await acts.done(said)


async def goes_on(ctx: Context, actor: Actor, why: str, *, acts: bool = False) -> bool:
    """Observe that a client goes on, in the session that it has or in another one."""
    if (served := actor.puppet.session) is not None:
        for kind in served.kinds:
            # What it has made of a body that was none is over with the next state.
            actor.puppet.state(served, kind)

    def is_there(report: Report) -> bool:
        served = actor.puppet.session
        there = served is not None and report.session_id == served.session_id
        return served is not None and there and report.head >= served.position.head

    within_s = WITHIN_S if actor.takes_timers else WITHOUT_TIMERS_S
    if await actor.reported(is_there, within_s=within_s) is None:
        expected = "a report at the head of its session"
        return ctx.absent(GOES_ON, expected=expected, waited_s=within_s, why=why)
    actor.latest()
    good = await actor.holds(GOES_ON, why=why)
    return good and (not acts or await _acts(ctx, actor, why))


async def _acts(ctx: Context, actor: Actor, why: str) -> bool:
    acts = acts_of(actor)
    act = await acts.act()
    said = None if act.refused else await acts.said(act, within_s=10)
    done = said is not None and await acts.done(said)
    return ctx.check(
        GOES_ON,
        good=done,
        expected=f"its user's {act.deed.type} is sent, and done",
        seen=f"it is refused: {act.refused}"
        if act.refused
        else "it is done"
        if done
        else "nothing",
        on=actor.records([] if said is None else [said]),
        why=why,
    )
