"""What a later session takes, and what a new epoch leaves as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, OF_TEXTS
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.acts import acting, number_of, session_of
from omnisession_conformance.roles.client.steps.carried import NEW_WITHIN_S, session_is_over
from omnisession_conformance.roles.client.steps.deeds import kind_of, takes
from omnisession_conformance.roles.client.steps.pending import keep_back, kept_of, serve

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context

NUMBERS, SIZE, TOLD, HERE = "HYB-001", "HYB-012", "HYB-015", "HYB-016"
WIDE, SMALL, LONG, SHORT = 1_000_000, 8_192, 20_000, 100
LIMITS = {**DEFAULT_LIMITS, **dict.fromkeys(OF_TEXTS, WIDE)}
TELLS_WITHIN_MS, TAKES_WITHIN_S = 5_000, 10.0


@case(HERE, limit_ms=60_000)
async def type_that_a_later_session_takes(ctx: Context) -> None:
    """What the first session did not take is taken by a later one whose server takes it."""
    known = [type_ for type_ in takes(ctx.declared.actions) if kind_of(type_) is not None]
    if not known:
        raise NotOffered("dispatch takes no action that a server may lack")
    actions = tuple(type_ for type_ in TYPES if type_ != known[0])
    acts = await acting(ctx, types=1, terms=Terms(actions=actions))
    acts.actor.puppet.sessions.terms = Terms()
    await session_is_over(acts)
    await acts.actor.opened(within_s=NEW_WITHIN_S)
    act = await acts.act(await acts.deed(known[0]))
    said = None if act.refused else await acts.said(act, within_s=TAKES_WITHIN_S)
    ctx.check(
        HERE,
        good=said is not None,
        expected=f"{known[0]} is sent",
        seen="it is sent" if said else f"refused: {act.refused}" * bool(act.refused) or "nothing",
        on=acts.actor.records([said] if said else []),
        why=f"opened.actions of the first session lacked {known[0]}, those of the second have it",
    )


@case(SIZE, TOLD, needs=("hybrid",), limit_ms=60_000)
async def pending_above_the_limit_of_a_later_session(ctx: Context) -> None:
    """What comes along is measured once more: a later session may take less than the one before."""
    acts = await acting(ctx, types=1, terms=Terms(limits={**LIMITS, "action": WIDE}))
    actor, kept = acts.actor, keep_back(acts.actor)
    deed = (await acts.deed()).longer(LONG)
    act, said = await acts.acted(deed)
    await kept_of(actor, kept, said)
    if len(said.payload) <= LONG:
        raise NotOffered("its actions have no text that can be as long as one likes")
    actor.puppet.sessions.terms = Terms(limits={**LIMITS, "action": SMALL})
    await session_is_over(acts)
    await actor.opened(within_s=NEW_WITHIN_S)
    why = f"an action of {len(said.payload)} bytes was pending, and limits.action is {SMALL} now"
    told = await acts.told(said, within_s=ctx.within(TELLS_WITHIN_MS))
    here = [one for one in acts.copies(act) if session_of(one) == actor.served.session_id]
    seen = f"{len(here[0].payload)} bytes are sent" if here else "nothing is sent"
    expected = "nothing of it is sent"
    ctx.check(SIZE, good=not here, expected=expected, seen=seen, on=actor.records(here), why=why)
    if told is None:
        waited_s = TELLS_WITHIN_MS / 1_000
        ctx.absent(TOLD, expected="the user is told: too_large", waited_s=waited_s, why=why)
        return
    ctx.check(TOLD, good=True, expected="the user is told", seen=told, why=why)
    serve(actor, ())
    following = (await acts.acted((await acts.deed()).longer(SHORT)))[1]
    on = actor.records([following])
    ctx.equal(SIZE, 1, number_of(following), on=on, why=f"{why}: the number of the next one")


@case(NUMBERS, needs=(CORE,), limit_ms=40_000)
async def numbers_over_a_new_epoch(ctx: Context) -> None:
    """A new epoch of the session leaves its numbers as they are."""
    acts = await acting(ctx)
    first = (await acts.acted())[1]
    await acts.done(first)
    await acts.actor.fenced()
    acts.actor.puppet.take_over(acts.actor.served)
    there = await acts.actor.stage.caught_up(acts.actor.served)
    ctx.require(there is not None, "the client does not take a new epoch (CLI-009)")
    following = (await acts.acted())[1]
    on, why = acts.actor.records([following, first]), "between the two an epoch has begun"
    wanted = (number_of(first) or 0) + 1
    ctx.equal(NUMBERS, wanted, number_of(following), on=on, pointer="/client_seq", why=why)
