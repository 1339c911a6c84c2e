"""A later broker takes less than the one before: what has its number, and is above that, is not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import Acts, acting, is_action
from omnisession_conformance.roles.client.steps.again import again_within_s, goes_on
from omnisession_conformance.roles.client.steps.coming_back import way_back
from omnisession_conformance.roles.client.steps.pending import keep_back, kept_of

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

SIZE, AGAIN = "HYB-012", "HYB-007"
LESS, LONGER = 16_384, 20_000
"""In bytes; whatever else a client says is far smaller."""


@case(SIZE, AGAIN, limit_ms=90_000)
async def later_broker_takes_less(ctx: Context) -> None:
    """What has its number is not sent to a broker that takes less: it is given up, and the next is done."""
    acts = await acting(ctx, types=1)
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
    ctx.require(back is not None, "the client has not come back (CLI-016)")
    actor.puppet.truthful_again(ACTIONS)
    why = (
        f"an action of {len(said.payload)} bytes has no outcome, and the broker takes {LESS} by now"
    )
    await actor.until(
        lambda: _above(acts, mark) or acts.opens_since(mark), within_s=again_within_s(acts)
    )
    if _is_not_sent(ctx, acts, mark, why):
        if acts.opens_since(mark):
            await actor.opened(within_s=WITHIN_S)
        await goes_on(ctx, acts, said, why, AGAIN)
        _is_not_sent(ctx, acts, mark, why)


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
