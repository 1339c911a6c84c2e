"""Sizes of actions: what is too large is refused here, before it has a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS, OF_TEXTS
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.acts import Acts, acting
from omnisession_conformance.roles.client.steps.again import goes_on
from omnisession_conformance.roles.client.steps.carried import NEW_WITHIN_S, session_is_over
from omnisession_conformance.roles.client.steps.refusals import is_refused

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

SIZE, TOLD, HERE = "HYB-012", "HYB-015", "HYB-016"
SMALL, WIDE, BEYOND = 8_192, 1_000_000, 4_000_000
LIMITS = {
    **DEFAULT_LIMITS,
    "action": SMALL,
    **dict.fromkeys(OF_TEXTS, WIDE),
}
"""Nothing but the size of an action is near: no member is too long by itself."""
OVER = (1, 1_100_000)
"""In bytes; the kit's broker takes 1 MiB, and one that is handed more ends the connection."""
WIDE_ONE, FEW_CHARACTERS = "é", SMALL * 3 // 4
"""Of two bytes, or six where a client escapes what is not ASCII: these are too many, be they few enough
where characters are counted."""
SAMPLES, SAMPLE, COUNTED = 3, 1_000, 10_000


@case(SIZE, TOLD, HERE, limit_ms=30_000)
async def action_above_the_limit(ctx: Context) -> None:
    """What fits is sent to the last byte; what does not is refused, has no number, and ends nothing."""
    # With numbers of several digits: they have their place in the body.
    acts = await acting(ctx, types=1, terms=Terms(limits=LIMITS, counted=COUNTED))
    samples = [await _sent(ctx, acts, SAMPLE, HERE) for _ in range(SAMPLES)]
    if None in samples:
        return
    over = {len(one.payload) - SAMPLE for one in samples if one is not None}
    if min(over) <= 0:
        raise NotOffered("its actions have no text that can be as long as one likes")
    ctx.require(len(over) == 1, "actions of one size of data have bodies of several sizes")
    beside = over.pop()
    last = await _sent(ctx, acts, SMALL - beside, HERE, SIZE)
    if last is None:
        return
    for text in (*("x" * (SMALL + more - beside) for more in OVER), WIDE_ONE * FEW_CHARACTERS):
        size = beside + len(text.encode())
        if not await _is_refused(ctx, acts, text, size):
            return
        why = f"limits.action is {SMALL}, and an action of {size} bytes or more was refused"
        following = await goes_on(ctx, acts, last, why, SIZE)
        if following is None:
            return
        last = following


@case(SIZE, TOLD, limit_ms=40_000)
async def action_above_what_the_broker_takes(ctx: Context) -> None:
    """Where the limit of actions is above what the broker takes, that is what counts."""
    acts = await acting(ctx, types=1, terms=Terms(limits={**LIMITS, "action": BEYOND}))
    last = await _sent(ctx, acts, SAMPLE)
    ctx.require(last is not None, "the client sends nothing here")
    size = max(OVER)
    if last is not None and await _is_refused(ctx, acts, "x" * size, size):
        await goes_on(ctx, acts, last, "the broker takes 1 MiB, and more was refused", SIZE)


@case(SIZE, TOLD, limit_ms=60_000)
async def action_above_the_limit_of_a_later_session(ctx: Context) -> None:
    """A later session may have another limit, and that is the one of its actions."""
    wide = {**LIMITS, "action": WIDE}
    acts = await acting(ctx, types=1, terms=Terms(limits=wide))
    ctx.require(await _sent(ctx, acts, SAMPLE) is not None, "the client sends nothing here")
    acts.actor.puppet.sessions.terms = Terms(limits=LIMITS)
    await session_is_over(acts)
    await acts.actor.opened(within_s=NEW_WITHIN_S)
    last = await _sent(ctx, acts, SAMPLE)
    ctx.require(last is not None, "the client sends nothing in its second session")
    if last is not None and await _is_refused(ctx, acts, "x" * SMALL, SMALL):
        why = f"limits.action of the second session is {SMALL}, and more was refused"
        await goes_on(ctx, acts, last, why, SIZE)


async def _sent(ctx: Context, acts: Acts, longer: int, *requirements: str) -> Seen | None:
    """Let the user send an action with so many bytes of text more, which fits."""
    act = await acts.act((await acts.deed()).longer(longer))
    said = None if act.refused else await acts.said(act, within_s=10)
    refused = f"it is refused: {act.refused}" if act.refused else "nothing is sent"
    size = None if said is None else len(said.payload)
    for one in requirements:
        ctx.check(
            one,
            good=said is not None,
            expected=f"an action of no more than {SMALL} bytes is sent",
            seen=refused if size is None else f"one of {size} bytes is sent",
            on=acts.actor.records([] if said is None else [said]),
            why=f"limits.action is {SMALL}",
        )
    if said is not None:
        await acts.done(said)
    return said


async def _is_refused(ctx: Context, acts: Acts, text: str, size: int) -> bool:
    gate = acts.actor.gate
    connections, deed = gate.connections, await acts.deed()
    act = await acts.act(deed.with_more(text))
    limit = acts.actor.served.limits["action"]
    why = f"limits.action is {limit}, and its body would have {size} bytes or more"
    refused = await is_refused(ctx, acts, act, "too_large", why, SIZE)
    if not acts.copies(act):
        seen = "nothing" if act.refused is None else f"refused: {act.refused}"
        told = act.refused is not None
        ctx.check(TOLD, good=told, expected="refused: too_large", seen=seen, why=why)
    why = f"connections of the client by now: {why}"
    return refused and ctx.equal(SIZE, connections, gate.connections, why=why)
