"""Recoveries that nobody answers, or that nobody is there for: a client asks again, each time."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    EITHER,
    WAYS_BACK,
    asked_back,
    instead_of_all,
    is_core,
    lose_something,
)
from omnisession_conformance.roles.client.steps.openings import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked

AGAIN = "CLI-028"
SOON = {"answer_ms": 300}
LIMIT_MS = 90_000
"""Without timers the time-out is 4 s, and the longest wait behind it 10 s, each time."""
TIMES = 3
"""Whoever asks once more, and not again, is found out by the third."""


@case(AGAIN, slow=True, limit_ms=LIMIT_MS)
async def recovery_unanswered(ctx: Context) -> None:
    """A recovery that gets no answer is asked again, and so is the one after it."""
    await side_by_side(
        ctx,
        lambda: _is_unanswered(ctx, lose_something),
        lambda: _is_unanswered(ctx, _lose_what_states_bring if is_core(ctx) else lose_something),
    )


def _lose_what_states_bring(_: Context, actor: Actor) -> None:
    """Say what cannot be used, which may lead to a sync at once."""
    message = actor.step(deliver=False)
    actor.served.forget()
    actor.puppet.anyhow(message.subject, {**message.body, "data": 7})
    actor.step()


async def _is_unanswered(ctx: Context, lose: Callable[[Context, Actor], None]) -> None:
    actor = await _at_rest(ctx)
    lost: list[Asked] = []

    def swallow(asked: Asked) -> None:
        if len(lost) < TIMES:
            lost.append(asked)
        else:
            actor.puppet.tell(asked)

    instead_of_all(actor, swallow)
    mark = actor.mark()
    lose(ctx, actor)
    if await _asks_again(actor, mark, "got no answer"):
        await _comes_back(actor, mark, "its recoveries got no answer, and then one")
    await actor.stop()


@case(AGAIN, slow=True, limit_ms=LIMIT_MS)
async def recovery_with_nobody_there(ctx: Context) -> None:
    """So is one that no responder is there for, also on a new connection."""
    await side_by_side(
        ctx, lambda: _finds_nobody(ctx, cut=False), lambda: _finds_nobody(ctx, cut=True)
    )


async def _finds_nobody(ctx: Context, *, cut: bool) -> None:
    actor = await _at_rest(ctx)
    with contextlib.ExitStack() as away:
        away.enter_context(actor.gate.nobody_there(_is_recovery))
        mark = actor.mark()
        if cut:
            actor.gate.cut()
        else:
            lose_something(ctx, actor)
        asked = await _asks_again(actor, mark, "found no responders")
    if asked:
        await _comes_back(actor, mark, "its recoveries found no responders, and then one")
    await actor.stop()


async def _at_rest(ctx: Context) -> Actor:
    actor = await ctx.live(timers=SOON)
    actor.step()
    await actor.fenced()
    # Nor is it told of a head that would make it ask for another reason.
    actor.puppet.rest()
    return actor


async def _asks_again(actor: Actor, since: int, why: str) -> bool:
    """Observe that a recovery is asked again and again; Prerequisite where none comes at all."""
    if await asked_back(actor, since) is None:
        raise Prerequisite("the client asks for no recovery here")
    within_s = actor.patience_s("answer_ms", "retry_max_ms")
    for number in range(2, TIMES + 1):
        if await asked_back(actor, since, number=number, within_s=within_s) is None:
            told = f"recovery {number - 1} {why}"
            return actor.ctx.absent(AGAIN, expected=EITHER, waited_s=within_s, why=told)
    return actor.ctx.check(AGAIN, good=True, expected=EITHER, seen=EITHER, why=f"each {why}")


async def _comes_back(actor: Actor, since: int, why: str) -> None:
    within_s = actor.patience_s("answer_ms", "retry_max_ms")
    last = await asked_back(actor, since, number=TIMES + 1, within_s=within_s)
    if last is None:
        actor.ctx.absent(AGAIN, expected=EITHER, waited_s=within_s, why=why)
    elif last.type == OPEN:
        # In its own session, or in another one: either is something else to ask for.
        served = await actor.opened_by(last)
        if served is None:
            actor.ctx.absent(AGAIN, expected="its states", waited_s=WITHIN_S, why=why)
    elif await actor.comes_to_the_head(AGAIN, within_s=WITHIN_S, why=why):
        await actor.holds(AGAIN, why=why)


def _is_recovery(one: Seen) -> bool:
    return one.type in WAYS_BACK
