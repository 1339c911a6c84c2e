"""Recoveries that are right and not usual: of fewer kinds, before any state, with copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.actor import RESUME
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import asked_back
from omnisession_conformance.roles.client.steps.openings import start_kept
from omnisession_conformance.roles.client.steps.replays import answer_by, replayed

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked

CLOSES, ORDER, VALID = "CLI-012", "CLI-007", "CLI-034"


@case(CLOSES, limit_ms=40_000)
async def unusable_where_fewer_kinds_are_served(ctx: Context) -> None:
    """The states that are asked for are those of the kinds that `opened` names, be it fewer than asked."""
    several = ctx.kinds(2)
    if len(several) == 1:
        raise NotOffered("it opens one kind")
    actor = await ctx.live(several, terms=Terms(kinds=several[:1]))
    actor.step()
    await actor.fenced()
    # A replay would bring the same body again.
    actor.served.forget()
    message = actor.step(deliver=False)
    actor.puppet.anyhow(message.subject, {**message.body, "data": 7})
    actor.step()
    why = f"a message could not be used, and of {' and '.join(several)} one kind is served"
    if await actor.comes_to_the_head(CLOSES, within_s=WITHIN_S, why=why):
        actor.step()
        await actor.holds(CLOSES, why=why)


@case(ORDER, needs=(CORE,), limit_ms=40_000)
async def replay_with_a_copy(ctx: Context) -> None:
    """What a replay repeats is ignored, and the rest of it applied."""
    actor = await ctx.live()
    actor.step(2)
    await actor.fenced()
    known = actor.served.history[1, actor.served.seq]
    meant: list[Asked] = []

    def answer(asked: Asked) -> None:
        meant.append(asked)
        answer_by(actor, asked, [known, *replayed(actor, asked)])

    actor.puppet.instead(RESUME, answer, times=1)
    mark = actor.mark()
    actor.step(2, deliver=False)
    actor.step()
    asked = await asked_back(actor, mark)
    if asked is None or asked.type != RESUME:
        raise NotOffered("it closes this gap by no resume")
    why = "a replay began with a message that had come before"
    if await actor.comes_to_the_head(ORDER, within_s=WITHIN_S, why=why):
        await actor.holds(ORDER, why=why)


@case(VALID, limit_ms=45_000)
async def recovery_before_any_state(ctx: Context) -> None:
    """A session that was cut before its first state is recovered from seq 0, in a body that is valid."""
    actor, kept = await start_kept(ctx)
    kept.answer()
    await actor.fenced()
    mark = actor.mark()
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    asked = await asked_back(actor, mark, within_s=within_s)
    ctx.require(asked is not None, "the client has not come back from a cut (CLI-016)")
    why = "its connection was cut between the answer to its open and the first state"
    await actor.comes_to_the_head(VALID, within_s=WITHIN_S, why=why)
