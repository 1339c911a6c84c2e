"""Requests that nobody answers, or that nobody is there for: a client asks again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.steps.coming_back import comes_back_to_nothing
from omnisession_conformance.roles.client.steps.openings import (
    AGAIN_MS,
    first_open,
    opens_again,
    place_of,
    start_unlike,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.gate.seen import Seen

AGAIN = "CLI-028"
SOON = {"answer_ms": 300}
"""Such a case alone has a short time-out: a slow client would ask twice in every other."""


@case(AGAIN, slow=True, limit_ms=AGAIN_MS)
async def open_unanswered(ctx: Context) -> None:
    """An open that gets no answer is asked again, and its answer taken."""
    actor, _ = await start_unlike(ctx, lambda puppet, asked: puppet.swallow(asked), timers=SOON)
    await opens_again(actor, AGAIN, since=0, number=2, why="its open got no answer")


@case(AGAIN, slow=True, limit_ms=AGAIN_MS)
async def later_open_unanswered(ctx: Context) -> None:
    """So is that of a later session."""
    actor = await ctx.live(timers=SOON)
    actor.puppet.instead(OPEN, actor.puppet.swallow, times=1)
    refused = await comes_back_to_nothing(actor, over=True)
    ctx.require(refused is not None, "the client has not come back from a cut")
    if refused is not None:
        since = place_of(actor, refused) + 1
        why = "the open of its second session got no answer"
        await opens_again(actor, AGAIN, since=since, number=2, why=why)


@case(AGAIN, slow=True, limit_ms=AGAIN_MS)
async def open_with_nobody_there(ctx: Context) -> None:
    """An open that no responder is there for is asked again, and its answer taken."""
    with contextlib.ExitStack() as away:

        def before(gate: Gate, _: object) -> None:
            away.enter_context(gate.nobody_there(_is_open))

        actor = await ctx.start(timers=SOON, before=before)
        await first_open(actor)
    mark = actor.mark()
    await opens_again(actor, AGAIN, since=mark, number=1, why="its open found no responders")


def _is_open(one: Seen) -> bool:
    return one.type == OPEN
