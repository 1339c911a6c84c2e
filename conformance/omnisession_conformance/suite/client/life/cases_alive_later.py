"""Signs of life where the first heartbeat was another, or the user does what is not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.actor import PING
from omnisession_conformance.roles.client.profiles import ACTIONS
from omnisession_conformance.roles.client.puppet.effects import TYPES
from omnisession_conformance.roles.client.puppet.terms import (
    LEAST_HEARTBEAT_MS,
    LEAST_WINDOW_MS,
    Terms,
)
from omnisession_conformance.roles.client.steps.acts import acting, trying_on
from omnisession_conformance.roles.client.steps.coming_back import comes_back_to_nothing
from omnisession_conformance.roles.client.steps.deeds import kind_of, takes
from omnisession_conformance.roles.client.steps.signs import is_alive

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.puppet.asked import Asked

ALIVE = "CLI-015"
QUICK = Terms(heartbeat_ms=LEAST_HEARTBEAT_MS, resume_window_ms=LEAST_WINDOW_MS)
HEARTBEAT_MS, WINDOW_MS = 1_000, 2_000
RATE, AFTER_MS = 4290, 50


@case(ALIVE, slow=True, limit_ms=45_000)
async def keeps_its_session_alive_after_a_refused_ping(ctx: Context) -> None:
    """A ping that is refused for now is not the last sign of life."""
    actor = await ctx.live(terms=QUICK)
    # Heartbeats might wake it up.
    actor.puppet.rest()
    refused: list[Asked] = []

    def refuse(asked: Asked) -> None:
        refused.append(asked)
        actor.puppet.refuse(asked, RATE, retry_after_ms=AFTER_MS)

    actor.puppet.instead(PING, refuse, times=1)
    if not await actor.until(lambda: refused, within_s=actor.patience_s("answer_ms")):
        raise NotOffered("it gives signs of life by no ping")
    await actor.fenced()
    await is_alive(ctx, actor, ALIVE)


@case(ALIVE, slow=True, limit_ms=45_000)
async def keeps_a_session_alive_that_has_less_time(ctx: Context) -> None:
    """A later session may be granted less time than the first, and that counts in it."""
    actor = await ctx.live()
    actor.puppet.sessions.terms = QUICK
    asked = await comes_back_to_nothing(actor, over=True)
    ctx.require(asked is not None, "the client does not come back from a cut (CLI-016)")
    await actor.opened()
    await actor.fenced()
    await is_alive(ctx, actor, ALIVE)


@case(ALIVE, needs=(ACTIONS,), slow=True, limit_ms=45_000)
async def keeps_its_session_alive_while_it_refuses(ctx: Context) -> None:
    """What a user does, and the client refuses by itself, is no sign of life: nobody hears of it."""
    known = [type_ for type_ in takes(ctx.declared.actions) if kind_of(type_) is not None]
    if not known:
        raise NotOffered("dispatch takes no action that a server may lack")
    actions = tuple(type_ for type_ in TYPES if type_ != known[0])
    terms = Terms(HEARTBEAT_MS, WINDOW_MS, actions=actions)
    acts = await acting(ctx, types=1, terms=terms)
    deed = await acts.deed(known[0])
    if (await acts.act(deed)).refused is None:
        raise NotOffered("it leaves it to its server to refuse a type")
    async with trying_on(acts, deed):
        await is_alive(ctx, acts.actor, ALIVE)
