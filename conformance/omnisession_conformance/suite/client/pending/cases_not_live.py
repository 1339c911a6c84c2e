"""What is dispatched while a session is not live: it is taken, and sent once the session is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.acts import acting
from omnisession_conformance.roles.client.steps.carried import NEW_WITHIN_S, session_is_over
from omnisession_conformance.roles.client.steps.coming_back import notices_its_loss
from omnisession_conformance.roles.client.steps.meanwhile import (
    MEANWHILE,
    are_sent,
    dispatched,
    free_types,
    is_back,
    starting,
)
from omnisession_conformance.roles.client.steps.missing import (
    WAYS_BACK,
    came,
    hold_all,
    is_core,
    lose_something,
    release,
)
from omnisession_conformance.roles.client.steps.pending import keep_back
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.overrides import Held

STOPS_CODE, UNKNOWN_TYPE = 5030, 4002
AFTER_MS, LONG_MS = 400, 5_000
MANY = 3
TELLS_WITHIN_MS = 4_000


@case(MEANWHILE, limit_ms=45_000)
async def dispatched_before_it_is_opened(ctx: Context) -> None:
    """What is dispatched before the session is opened is sent once it is, in its order."""
    held: list[Held] = []
    types = free_types(ctx, MANY)
    acts = await starting(ctx, types, before=lambda _, puppet: held.append(puppet.hold(OPEN)))
    # Nobody waits for the outcome of the one before, which may be long in coming.
    keep_back(acts.actor)
    row = await dispatched(acts, 1)
    ctx.require(await held[0].came(within_s=WITHIN_S), "the client asks to open no session")
    row += await dispatched(acts, MANY - 1)
    held[0].release()
    await acts.actor.opened()
    await are_sent(ctx, acts, row, "they were dispatched before session.opened")


@case(MEANWHILE, limit_ms=60_000)
async def dispatched_offline(ctx: Context) -> None:
    """What is dispatched without a connection is sent once the session is live again."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=MANY)
        _, before = await acts.acted()
        await acts.done(before)
        deeds = [await acts.deed() for _ in range(MANY)]
        await acts.actor.fenced()
        keep_back(acts.actor)
        mark = acts.actor.mark()
        with acts.actor.gate.refusing():
            await notices_its_loss(acts.actor)
            row = [await acts.dispatch(deed) for deed in deeds]
        await is_back(acts.actor, since=mark)
        await are_sent(ctx, acts, row, "they were dispatched offline")


@case(MEANWHILE, limit_ms=60_000)
async def dispatched_in_a_recovery(ctx: Context) -> None:
    """What is dispatched while a recovery has no answer yet is sent with it, or before."""
    for features in each_way(ctx):
        await _in_a_recovery(ctx, features, lambda actor: lose_something(ctx, actor))


@case(MEANWHILE, limit_ms=60_000)
async def dispatched_in_a_second_recovery(ctx: Context) -> None:
    """The same where a recovery before it was refused for now."""
    await _in_a_recovery(ctx, ctx.usual, lambda actor: lose_something(ctx, actor), refused=True)


@case(MEANWHILE, limit_ms=60_000)
async def dispatched_in_a_recovery_by_states(ctx: Context) -> None:
    """The same where states are asked for, since a message cannot be used."""
    if not is_core(ctx):
        raise NotOffered("a client of states alone asks for them in any recovery")
    for features in each_way(ctx):
        await _in_a_recovery(ctx, features, _say_what_is_of_no_use)


def _say_what_is_of_no_use(actor: Actor) -> None:
    message = actor.step(deliver=False)
    # No replay has it, so that any recovery helps.
    actor.served.forget()
    actor.puppet.anyhow(message.subject, {**message.body, "data": 7})
    actor.step()


async def _in_a_recovery(
    ctx: Context,
    features: tuple[str, ...],
    begin: Callable[[Actor], None],
    *,
    refused: bool = False,
) -> None:
    acts = await acting(ctx, features, types=MANY)
    actor = acts.actor
    deeds = [await acts.deed() for _ in range(MANY)]
    await actor.fenced()
    for type_ in WAYS_BACK if refused else ():
        actor.puppet.instead(type_, lambda asked: actor.puppet.refuse(asked, STOPS_CODE), times=1)
    held = hold_all(actor)
    begin(actor)
    ctx.require(await came(actor, held), "the client asks for no recovery here (CLI-006)")
    row = [await acts.dispatch(deed) for deed in deeds]
    release(held)
    there = await actor.stage.caught_up(actor.served)
    ctx.require(there is not None, "the client does not come back by its recovery (CLI-007)")
    await are_sent(ctx, acts, row, "they were dispatched while a recovery was under way")


@case(MEANWHILE, slow=True, limit_ms=60_000)
async def dispatched_in_a_planned_stop(ctx: Context) -> None:
    """What is dispatched while the server wants to be left alone is sent once the client is back."""
    if not is_core(ctx):
        raise NotOffered("a client of states alone need not hear session.closing")
    await _in_a_stop(ctx, AFTER_MS)


@case(MEANWHILE, needs=("hybrid", "core"), slow=True, limit_ms=60_000)
async def dispatched_long_before_it_is_live(ctx: Context) -> None:
    """What is dispatched while a session is not live has its turn, be that some seconds later."""
    await _in_a_stop(ctx, LONG_MS)


async def _in_a_stop(ctx: Context, after_ms: int) -> None:
    acts = await acting(ctx, types=MANY)
    actor = acts.actor
    deeds = [await acts.deed() for _ in range(MANY)]
    await actor.fenced()
    mark = actor.mark()
    actor.puppet.closing(actor.served, STOPS_CODE, reconnect=True, after_ms=after_ms)
    await actor.fenced()
    row = [await acts.dispatch(deed) for deed in deeds]
    await is_back(actor, since=mark, later_s=after_ms / 1_000)
    why = f"they were dispatched after session.closing with after_ms {after_ms}"
    await are_sent(ctx, acts, row, why)


@case(MEANWHILE, limit_ms=60_000)
async def dispatched_without_a_session(ctx: Context) -> None:
    """What is dispatched after a session is over is sent in the next one."""
    acts = await acting(ctx, types=MANY)
    actor = acts.actor
    deeds = [await acts.deed() for _ in range(MANY)]
    held = actor.puppet.hold(OPEN)
    await session_is_over(acts)
    ctx.require(await held.came(within_s=NEW_WITHIN_S), "the client opens no new session (CLI-019)")
    row = [await acts.dispatch(deed) for deed in deeds]
    held.release()
    await actor.opened(within_s=NEW_WITHIN_S)
    await are_sent(ctx, acts, row, "they were dispatched while a new session was opened")
