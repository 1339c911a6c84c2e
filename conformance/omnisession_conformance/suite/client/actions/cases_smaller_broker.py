"""A later broker takes less than the one before: what is above that is not sent, be it new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered, Prerequisite
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, OF_TEXTS
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import Acts, acting, is_action
from omnisession_conformance.roles.client.steps.again import again_within_s, goes_on
from omnisession_conformance.roles.client.steps.coming_back import way_back
from omnisession_conformance.roles.client.steps.meanwhile import is_back
from omnisession_conformance.roles.client.steps.openings import place_of
from omnisession_conformance.roles.client.steps.pending import keep_back, kept_of
from omnisession_conformance.roles.client.steps.refusals import is_refused

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

SIZE, AGAIN, TOLD = "HYB-012", "HYB-007", "HYB-015"
REASONS = ("too_large", "given_up")
LESS, LONGER, WIDE = 16_384, 20_000, 1_000_000
"""In bytes; whatever else a client says is far smaller."""


@case(SIZE, AGAIN, TOLD, limit_ms=90_000)
async def later_broker_takes_less(ctx: Context) -> None:
    """What has its number is not sent to a broker that takes less: it is given up, and the next is done."""
    # A client may look at the limit of its text as well.
    limits = {**DEFAULT_LIMITS, **dict.fromkeys(OF_TEXTS, WIDE)}
    acts = await acting(ctx, types=1, terms=Terms(limits=limits))
    actor, deed = acts.actor, await acts.deed()
    if not deed.form.text:
        raise NotOffered("its actions have no text that can be as long as one likes")
    kept = keep_back(actor)
    _, said = await acts.acted(deed.longer(LONGER))
    await kept_of(actor, kept, said)
    actor.gate.takes_less(LESS)
    mark = actor.mark()
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    back = await way_back(actor, since=mark, within_s=within_s)
    if back is None:
        raise Prerequisite("the client has not come back (CLI-016)")
    # What a library had in its buffer leaves before its client knows what the broker takes.
    since = place_of(actor, back)
    actor.puppet.truthful_again(ACTIONS)
    why = (
        f"an action of {len(said.payload)} bytes has no outcome, and the broker takes {LESS} by now"
    )
    await actor.until(
        lambda: _above(acts, since) or acts.opens_since(mark), within_s=again_within_s(acts)
    )
    if _is_not_sent(ctx, acts, since, why):
        if acts.opens_since(mark):
            await actor.opened(within_s=WITHIN_S)
        await goes_on(ctx, acts, said, why, AGAIN)
        if _is_not_sent(ctx, acts, since, why) and not _above(acts, mark):
            await _is_told(ctx, acts, said, why)


@case(SIZE, limit_ms=90_000)
async def dispatched_to_a_later_broker_that_takes_less(ctx: Context) -> None:
    """What is dispatched on a later connection is held against what the broker of that one takes."""
    limits = {**DEFAULT_LIMITS, **dict.fromkeys(OF_TEXTS, WIDE)}
    acts = await acting(ctx, types=1, terms=Terms(limits=limits))
    actor, deed = acts.actor, await acts.deed()
    if not deed.form.text:
        raise NotOffered("its actions have no text that can be as long as one likes")
    _, said = await acts.acted(deed)
    await acts.done(said)
    actor.gate.takes_less(LESS)
    mark = actor.mark()
    actor.gate.cut()
    await is_back(actor, since=mark)
    act = await acts.act((await acts.deed()).longer(LONGER))
    why = f"the broker takes {LESS} bytes by now, and an action of more than {LONGER} is dispatched"
    if await is_refused(ctx, acts, act, "too_large", why, SIZE):
        await goes_on(ctx, acts, said, why, SIZE)


async def _is_told(ctx: Context, acts: Acts, said: Seen, why: str) -> None:
    told = await acts.told(said, within_s=WITHIN_S)
    reason = None if told is None else told.get("reason")
    ctx.check(
        TOLD,
        good=reason in REASONS,
        expected=f"refused of a report names it, as {' or '.join(REASONS)}",
        seen=reason or "it is not told",
        on=acts.actor.records([said]),
        why=why,
    )


def _above(acts: Acts, since: int) -> list[Seen]:
    said = acts.actor.gate.seen[since:]
    return [one for one in said if is_action(one) and len(one.payload) > LESS]


def _is_not_sent(ctx: Context, acts: Acts, since: int, why: str) -> bool:
    above = _above(acts, since)
    return ctx.check(
        SIZE,
        good=not above,
        expected=f"no action of more than {LESS} bytes is sent",
        seen=f"one of {len(above[0].payload)} bytes is sent" if above else "none is sent",
        on=acts.actor.records(above[:1]),
        why=why,
    )
