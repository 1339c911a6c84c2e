"""Waits before the next recovery or open: as long as the server asks, and longer where nothing helps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.actor import OPEN, RESUME
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.bodies import error, told
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    ASKS_WITHIN_MS,
    EITHER,
    asked_back,
    instead_of_all,
    lose_something,
    recoveries,
)
from omnisession_conformance.roles.client.steps.openings import first_open, side_by_side
from omnisession_conformance.roles.client.steps.rows import (
    EARLY_S,
    FAILURES,
    LEAST_LONGER_ROW_S,
    LONGER_ROW,
    LONGEST_WAIT_MS,
    ROW,
    check_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.puppet import Puppet

PACE = "CLI-027"
UNAVAILABLE, OVER = 5030, 4101
AFTER_MS, LONG_AFTER_MS, AFTER_A_CUT_MS = 400, 1_500, 4_000
"""Above the waits of a client that takes timers; without them a connection comes after 2 s."""
TWICE = 2
WEEKS_MS = 2**31 + 60_000
"""What counts milliseconds in 32 bits holds it for none, or for less."""


@case(PACE, slow=True, limit_ms=60_000)
async def retry_after_is_waited_for(ctx: Context) -> None:
    """A recovery that is refused for now comes again when its `retry_after_ms` is over, each time."""
    await side_by_side(
        ctx,
        lambda: _recovers_later(
            ctx, lambda actor: lose_something(ctx, actor), usual_ms=LONG_AFTER_MS
        ),
        lambda: _recovers_later(ctx, lambda actor: _say_what_is_of_no_use(ctx, actor)),
        lambda: _recovers_later(ctx, lambda actor: lose_something(ctx, actor), cut=True),
    )


def _say_what_is_of_no_use(ctx: Context, actor: Actor) -> None:
    """So that a sync is asked for, where that is what a client does."""
    if CORE not in ctx.declared.profiles:
        lose_something(ctx, actor)
        return
    message = actor.step(deliver=False)
    actor.served.forget()
    actor.puppet.anyhow(message.subject, {**message.body, "data": 7})
    actor.step()


async def _recovers_later(
    ctx: Context,
    begin: Callable[[Actor], None],
    *,
    usual_ms: int = AFTER_MS,
    cut: bool = False,
) -> None:
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    after_ms = AFTER_A_CUT_MS if cut and not actor.takes_timers else usual_ms
    refused: list[Asked] = []
    times = 1 if cut else TWICE

    def refuse(asked: Asked) -> None:
        if len(refused) < times:
            refused.append(asked)
            actor.puppet.refuse(asked, UNAVAILABLE, retry_after_ms=after_ms)
        else:
            actor.puppet.tell(asked)

    instead_of_all(actor, refuse)
    mark = actor.mark()
    begin(actor)
    ctx.require(await asked_back(actor, mark) is not None, "the client asks for no recovery here")
    if cut:
        await actor.until(
            lambda: recoveries(actor, mark)[0].reply in actor.gate.answered, within_s=5
        )
        await actor.fenced()
        actor.gate.cut()
    within_s = ctx.within(times * (LONGEST_WAIT_MS + after_ms))
    last = await asked_back(actor, mark, number=times + 1, within_s=within_s)
    why = f"{EITHER} got {UNAVAILABLE} with retry_after_ms {after_ms}" + (
        ", and a cut" if cut else ""
    )
    if last is None:
        ctx.absent(PACE, expected=EITHER, waited_s=within_s, why=why)
    elif _are_later(actor, recoveries(actor, mark)[: times + 1], after_ms, why):
        await actor.comes_to_the_head(PACE, within_s=WITHIN_S, why=why)
    await actor.stop()


def _are_later(actor: Actor, asked: Sequence[Seen], after_ms: int, why: str) -> bool:
    """Observe that each came so long after the refusal of the one before had passed."""
    answered = actor.gate.answered
    waits = [later.at_s - answered.get(one.reply, one.at_s) for one, later in pairwise(asked)]
    return actor.ctx.check(
        PACE,
        good=all(wait >= after_ms / 1_000 - EARLY_S for wait in waits),
        expected=f"{after_ms} ms or more between a refusal and the next request",
        seen=", ".join(f"{wait * 1_000:.0f} ms" for wait in waits),
        on=actor.records(asked),
        why=why,
    )


@case(PACE, slow=True, limit_ms=60_000)
async def retry_after_of_weeks_is_waited_for(ctx: Context) -> None:
    """A `retry_after_ms` that no timer of 32 bits can hold is waited for as well."""
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    mark = actor.mark()
    refused: list[Asked] = []

    def refuse(asked: Asked) -> None:
        refused.append(asked)
        actor.puppet.refuse(asked, UNAVAILABLE, retry_after_ms=WEEKS_MS)

    instead_of_all(actor, refuse)
    lose_something(ctx, actor)
    ctx.require(await asked_back(actor, mark) is not None, "the client asks for no recovery here")
    await actor.until(lambda: refused, within_s=WITHIN_S)
    await asked_back(actor, mark, number=TWICE, within_s=actor.spell_s)
    asked = recoveries(actor, mark)
    ctx.equal(
        PACE,
        1,
        len(asked),
        on=actor.records(asked),
        why=f"recoveries, of which the first got {UNAVAILABLE} with retry_after_ms {WEEKS_MS}",
    )


@case(PACE, needs=(CORE,), limit_ms=40_000)
async def mode_that_nobody_knows_has_not_helped(ctx: Context) -> None:
    """An answer to a resume of a mode that a client does not know is of no use: it asks again."""
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    actor.puppet.rest()

    def answer(asked: Asked) -> None:
        data: dict[str, Any] = {
            "mode": "elsewhere",
            "position": told(actor.served.position),
            "messages": [],
        }
        body = actor.served.body("session.resumed", data, asked.body["timestamp"])
        actor.puppet.anyhow(asked.reply, body)

    actor.puppet.instead(RESUME, answer, times=1)
    mark = actor.mark()
    actor.step(deliver=False)
    actor.step()
    first = await asked_back(actor, mark)
    if first is None or first.type != RESUME:
        raise NotOffered("it closes this gap by no resume")
    why = "its resume was answered in a mode that nobody knows"
    await actor.comes_to_the_head(PACE, within_s=ctx.within(LONGEST_WAIT_MS), why=why)


@case(PACE, slow=True, limit_ms=60_000)
async def retry_after_of_an_open_is_waited_for(ctx: Context) -> None:
    """So does an open that is refused for now."""
    refusal = error(UNAVAILABLE, retry_after_ms=AFTER_MS)
    actor = await ctx.start(
        before=lambda _, puppet: puppet.instead(
            OPEN, lambda asked: puppet.refuse_as(asked, refusal), times=TWICE
        )
    )
    await first_open(actor)
    within_s = ctx.within(TWICE * (LONGEST_WAIT_MS + AFTER_MS))
    last = await actor.says(OPEN, number=TWICE + 1, within_s=within_s)
    why = f"{OPEN} got {UNAVAILABLE} with retry_after_ms {AFTER_MS}"
    if last is None:
        ctx.absent(PACE, expected=OPEN, waited_s=within_s, why=why)
    else:
        _are_later(actor, actor.said(OPEN)[: TWICE + 1], AFTER_MS, why)


@case(PACE, slow=True, limit_ms=100_000)
async def sessions_that_are_over_at_once_are_spread(ctx: Context) -> None:
    """New sessions that are asked for again and again, since each is over at once, are such a row."""

    def before(_: object, puppet: Puppet) -> None:
        puppet.instead(OPEN, lambda asked: puppet.refuse(asked, OVER), times=FAILURES)

    actor = await ctx.start(timers=ROW, before=before)
    await first_open(actor)
    within_s = ctx.within(FAILURES * LONGEST_WAIT_MS)
    await actor.says(OPEN, number=FAILURES + 1, within_s=within_s)
    asked = actor.said(OPEN)
    if len(asked) <= FAILURES:
        # After 4101 it need not open another one: it may as well tell its user.
        ctx.check(PACE, good=True, expected="no burst", seen=f"{len(asked)} opens")
        return
    check_row(ctx, actor, PACE, asked[: FAILURES + 1], f"{FAILURES} opens in a row got {OVER}")


@case(PACE, needs=(CORE,), slow=True, limit_ms=100_000)
async def answers_whose_states_do_not_come_are_spread(ctx: Context) -> None:
    """An answer has helped when the states are there that it promised: until then the row goes on."""
    actor = await ctx.live(timers=LONGER_ROW)
    actor.step()
    await actor.fenced()
    actor.puppet.rest()

    def answer_alone(asked: Asked) -> None:
        actor.served.forget()
        actor.puppet.answer_alone(asked)
        # What comes right behind the answer shows the gap: how long the kit takes counts for no wait.
        actor.step()

    instead_of_all(actor, answer_alone)
    mark = actor.mark()
    actor.step(deliver=False)
    actor.step()
    for number in range(1, FAILURES + 2):
        if await _asked_for_states(ctx, actor, mark, number):
            continue
        ctx.require(number > 1, "the client asks for no recovery here")
        why = f"{number - 1} recoveries were answered, and no states came"
        waited_s = ctx.within(LONGEST_WAIT_MS + ASKS_WITHIN_MS)
        ctx.absent(PACE, expected=EITHER, waited_s=waited_s, why=why)
        return
    asked = recoveries(actor, mark)[: FAILURES + 1]
    why = "recoveries were answered, and no states came"
    check_row(ctx, actor, PACE, asked, why, least_s=LEAST_LONGER_ROW_S)


async def _asked_for_states(ctx: Context, actor: Actor, mark: int, number: int) -> bool:
    """Wait for the n-th recovery, and show the gap again to whoever dropped what came with the answer."""
    soon_s = actor.timers["retry_max_ms"] / 1_000
    if await asked_back(actor, mark, number=number, within_s=soon_s) is None:
        actor.step()
        within_s = ctx.within(LONGEST_WAIT_MS + ASKS_WITHIN_MS)
        return await asked_back(actor, mark, number=number, within_s=within_s) is not None
    return True
