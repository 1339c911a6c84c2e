"""CTRL: what one user sends at once holds nobody else up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.bounds import BOUND_S
from omnisession_conformance.roles.server.steps.control import PING
from omnisession_conformance.roles.server.steps.sending import NOOP, burst

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

ACTIONS = 300
"""Few enough for every server, and far too many for one that takes some milliseconds for each in turn."""


@case("CTRL-001", phase=Phase.LOUD)
async def bursts_hold_nobody_up(ctx: Context) -> None:
    """A ping that comes behind 300 actions of another user is answered in its time."""
    busy, calm = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    sent = await burst(busy, [busy.action_body(NOOP) for _ in range(ACTIONS)])
    pending = await calm.send(PING)
    why = f"a ping behind {ACTIONS} actions of another user"
    answer = await pending.answer()
    expected = f"an answer within {BOUND_S:g} s"
    if answer is None:
        ctx.absent("CTRL-001", expected=expected, waited_s=ctx.answer_s, why=why)
    else:
        ctx.check("CTRL-001", good=True, expected=expected, seen=str(answer), on=answer, why=why)
    # The cases after this one are not to wait for what is left of it.
    for action in sent[-1:]:
        await action.outcome()
