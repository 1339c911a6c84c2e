"""Sizes of actions: what is too large is refused here, before it has a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.acts import Acts, acting
from omnisession_conformance.roles.client.steps.again import goes_on
from omnisession_conformance.roles.client.steps.refusals import is_refused

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

SIZE, HERE = "HYB-012", "HYB-016"
SMALL, WIDE = 8_192, 1_000_000
LIMITS = {
    **DEFAULT_LIMITS,
    "action": SMALL,
    **dict.fromkeys(("article_content", "article_rest", "chat_content", "target_url"), WIDE),
}
"""Nothing but the size of an action is near: no member is too long by itself."""
ABOVE_ANY_BROKER = 1_100_000
"""In bytes; the kit's broker takes 1 MiB, and one that is handed more ends the connection."""
SAMPLES = 3


@case(SIZE, HERE, limit_ms=30_000)
async def action_above_the_limit(ctx: Context) -> None:
    """What fits is sent to the last byte; what does not is refused, has no number, and ends nothing."""
    acts = await acting(ctx, types=1, terms=Terms(limits=LIMITS))
    over, last = await _envelope(ctx, acts)
    if over is None:
        return
    deed = await acts.deed()
    deed = deed.longer(SMALL - over - deed.size)
    act = await acts.act(deed)
    said = None if act.refused else await acts.said(act, within_s=10)
    why = f"limits.action is {SMALL}, and the whole body has as many bytes"
    if not ctx.check(
        HERE,
        good=said is not None,
        expected=f"an action of {SMALL} bytes is sent",
        seen=f"it is refused: {act.refused}" if act.refused else "nothing is sent",
        why=why,
    ):
        return
    last = said or last
    await acts.done(last)
    for more in (1, ABOVE_ANY_BROKER):
        if not await _above(ctx, acts, last, over, SMALL + more):
            return
        following = await goes_on(ctx, acts, last, f"{more} bytes too many were refused", SIZE)
        if following is None:
            return
        last = following


async def _envelope(ctx: Context, acts: Acts) -> tuple[int | None, Seen]:
    """How many bytes of an action are not its data, and the last that was sent; None where it varies."""
    sizes: set[int] = set()
    while True:
        deed = await acts.deed()
        act, said = await acts.acted(deed.longer(1_000))
        await acts.done(said)
        sizes.add(len(said.payload) - act.deed.size)
        if len(acts.found) >= SAMPLES:
            break
    if len(sizes) > 1:
        ctx.unsure(SIZE, "actions of one size of data have bodies of several sizes")
        ctx.unsure(HERE, "actions of one size of data have bodies of several sizes")
        return None, said
    return sizes.pop(), said


async def _above(ctx: Context, acts: Acts, before: Seen, over: int, size: int) -> bool:
    actor = acts.actor
    connections, deed = actor.gate.connections, await acts.deed()
    act = await acts.act(deed.longer(size - over - deed.size))
    why = f"limits.action is {SMALL}, and its body would have {size} bytes"
    if not await is_refused(ctx, acts, act, "too_large", why, SIZE):
        return False
    return ctx.equal(
        SIZE,
        connections,
        actor.gate.connections,
        on=actor.records([before]),
        why=f"connections of the client: {why}",
    )
