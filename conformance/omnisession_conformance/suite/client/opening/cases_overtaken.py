"""Answers that the stream overtakes: they come on another subject, so that nothing orders the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.steps.coming_back import WAYS_BACK
from omnisession_conformance.roles.client.steps.openings import start_kept
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.overrides import Kept

HOLD = "CLI-003"
ASKS_WITHIN_MS = 2_000
REST_WITHIN_S = 5.0
MANY = 40


@case(HOLD, limit_ms=40_000)
async def states_overtake_the_answer_to_open(ctx: Context) -> None:
    """First states and changes that come before the answer to the open are there behind it."""
    for features in ctx.ways:
        actor, kept = await start_kept(ctx, ctx.kinds(2), features)
        # No heartbeat helps.
        actor.puppet.rest()
        kept.stream()
        actor.step(2)
        await actor.fenced()
        kept.answer()
        await _is_there(actor, "its states came before the answer to session.open")
        await actor.stop()


@case(HOLD, limit_ms=40_000)
async def changes_overtake_a_replay(ctx: Context) -> None:
    """Changes that come before a replay are there behind it."""
    for features in ctx.ways:
        await _overtaken(ctx, features, forgotten=False)


@case(HOLD, limit_ms=40_000)
async def states_overtake_a_snapshot(ctx: Context) -> None:
    """States and changes that come before the answer that they follow are there behind it."""
    for features in ctx.ways:
        await _overtaken(ctx, features, forgotten=True)


async def _overtaken(ctx: Context, features: tuple[str, ...], *, forgotten: bool) -> None:
    actor = await ctx.live(ctx.kinds(2), features)
    # Then again, with more than a small buffer has, and at last with an epoch that begins meanwhile.
    for number, begins in ((2, False), (MANY, False), (1, True)):
        if all_well(ctx):
            await _one_overtaken(actor, number, forgotten=forgotten, begins=begins)
    await actor.stop()


async def _one_overtaken(actor: Actor, number: int, *, forgotten: bool, begins: bool) -> None:
    actor.step(2)
    await actor.fenced()
    actor.puppet.rest()
    kept = [actor.puppet.keep(type_) for type_ in WAYS_BACK]
    actor.step(deliver=False)
    actor.step()
    if forgotten:
        actor.served.forget()
    asked = await _came(actor, kept)
    if asked is None:
        raise Prerequisite("the client has asked for nothing, with a message missing")
    for type_ in WAYS_BACK:
        actor.puppet.truthful_again(type_)
    asked.stream()
    actor.step(number)
    if begins:
        actor.puppet.take_over(actor.served)
    await actor.fenced()
    asked.answer()
    await _is_there(actor, "the stream went on before its recovery was answered")


async def _came(actor: Actor, kept: list[Kept]) -> Kept | None:
    def find() -> Kept | None:
        return next((one for one in kept if one.parts is not None), None)

    return await actor.stage.bell.until(find, within_s=actor.ctx.within(ASKS_WITHIN_MS))


async def _is_there(actor: Actor, why: str) -> None:
    if await actor.comes_to_the_head(HOLD, within_s=REST_WITHIN_S, why=why):
        await actor.holds(HOLD, why=why)
