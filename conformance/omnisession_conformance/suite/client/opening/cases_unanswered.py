"""Requests that nobody answers, or that nobody is there for: a client asks again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.openings import first_open, start_unlike

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.gate import Gate
    from omnisession_conformance.roles.client.gate.seen import Seen

AGAIN = "CLI-028"
SOON = {"answer_ms": 300}
"""Such a case alone has a short time-out: a slow client would ask twice in every other."""
LIMIT_MS = 45_000
"""Without timers the time-out is 4 s, the longest wait behind it 10 s."""


@case(AGAIN, slow=True, limit_ms=LIMIT_MS)
async def open_unanswered(ctx: Context) -> None:
    """An open that gets no answer is asked again, and its answer taken."""
    actor, _ = await start_unlike(ctx, lambda puppet, asked: puppet.swallow(asked), timers=SOON)
    await opens_again(actor, AGAIN, since=0, number=2, why="its open got no answer")


@case(AGAIN, slow=True, limit_ms=LIMIT_MS)
async def open_with_nobody_there(ctx: Context) -> None:
    """An open that no responder is there for is asked again, and its answer taken."""
    with contextlib.ExitStack() as away:

        def before(gate: Gate, _: object) -> None:
            away.enter_context(gate.nobody_there(_is_open))

        actor = await ctx.start(timers=SOON, before=before)
        await first_open(actor)
    mark = actor.mark()
    await opens_again(actor, AGAIN, since=mark, number=1, why="its open found no responders")


async def opens_again(
    actor: Actor, requirement: str, *, since: int, number: int, why: str
) -> Seen | None:
    """Observe that a client opens again, be it under another id, and comes to its states."""
    within_s = actor.patience_s("answer_ms", "retry_max_ms")
    again = await actor.says(OPEN, since=since, number=number, within_s=within_s)
    if again is None:
        actor.ctx.absent(requirement, expected=f"another {OPEN}", waited_s=within_s, why=why)
        return None
    served = await actor.opened_by(again)
    if served is None:
        expected = "a report of the first states"
        actor.ctx.absent(requirement, expected=expected, waited_s=WITHIN_S, why=f"{why}, then one")
        return None
    on = actor.records([again])
    actor.ctx.check(requirement, good=True, expected=OPEN, seen=OPEN, on=on, why=why)
    return again


def _is_open(one: Seen) -> bool:
    return one.type == OPEN
