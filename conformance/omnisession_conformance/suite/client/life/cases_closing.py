"""A server that stops for a while: a client comes back when it says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.steps.coming_back import RECOVERY, WAYS_BACK, way_back
from omnisession_conformance.roles.client.steps.missing import (
    came,
    hold_all,
    lose_something,
    release,
)
from omnisession_conformance.roles.client.steps.openings import side_by_side, start_kept
from omnisession_conformance.roles.client.steps.rows import EARLY_S
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

LATER = "CLI-018"
STOPS_CODE = 5030
AFTER_MS = (400, 700)
"""How long the server wants to be left alone; longer than the client takes to be back in any case."""
ANSWER_MS, LONG_AFTER_MS = 1_500, 2_000
"""Whoever does not heed the push asks again meanwhile, since its open has no answer."""
BEHIND_MS = 90_000
"""So late is the clock of the server: no clock of another tells when a duration began."""


@case(LATER, slow=True, limit_ms=60_000)
async def closed_and_back(ctx: Context) -> None:
    """After a planned stop a client recovers when its time has come, and not before."""
    for features in ctx.ways:
        actor = await ctx.live(features=features)
        for after_ms, which in zip(AFTER_MS, ("", ", for the second time"), strict=True):
            if all_well(ctx):
                why = f"session.closing with reconnect true{which}"
                await _comes_back_later(actor, why, after_ms)
        await actor.stop()


@case(LATER, slow=True, limit_ms=60_000)
async def closed_and_back_on_a_new_connection(ctx: Context) -> None:
    """The time that a server wants to be left alone holds on the next connection, too."""
    actor = await ctx.live()
    await _comes_back_later(actor, "session.closing with reconnect true, and a cut", cut=True)


@case(LATER, slow=True, limit_ms=60_000)
async def closed_twice(ctx: Context) -> None:
    """A server that says once more that it stops is left alone for that time as well."""
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    mark, connections = actor.mark(), actor.gate.connections
    # A fence between the two might take as long as the first of them asks for.
    _says_that_it_stops(actor, AFTER_MS[0])
    stopped = await _stops(actor, LONG_AFTER_MS)
    asked = [one.type for one in actor.gate.seen[mark : stopped.heard] if one.type in WAYS_BACK]
    ctx.require(not asked, f"{asked} came before the second session.closing was heard")
    # Whoever leaves at the first one may never hear the second.
    stayed = stopped.connected and actor.gate.connections == connections
    ctx.require(stayed, "the client has left its connection at the first session.closing")
    await _is_back(actor, stopped, "session.closing with reconnect true came twice")


@case(LATER, slow=True, limit_ms=60_000)
async def closed_while_it_asks(ctx: Context) -> None:
    """A client that waits for an answer heeds it at once; an answer that comes after it does not help."""
    await side_by_side(
        ctx,
        lambda: _while_it_opens(ctx, answered=False),
        lambda: _while_it_opens(ctx, answered=True),
        lambda: _while_it_recovers(ctx),
    )


async def _while_it_opens(ctx: Context, *, answered: bool) -> None:
    """Whoever takes the late answer to its open has an open session, which any recovery brings back."""
    actor, kept = await start_kept(ctx, timers={} if answered else {"answer_ms": ANSWER_MS})
    stopped = await _stops(actor, AFTER_MS[0] if answered else LONG_AFTER_MS, opening=True)
    if answered:
        kept.answer()
    why = f"session.closing came before {'the' if answered else 'any'} answer to session.open"
    await _is_back(actor, stopped, why, WAYS_BACK if answered else (OPEN,))
    await actor.stop()


async def _while_it_recovers(ctx: Context) -> None:
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    held = hold_all(actor)
    lose_something(ctx, actor)
    ctx.require(await came(actor, held), "the client asks for no recovery here")
    stopped = await _stops(actor, AFTER_MS[0])
    release(held)
    await _is_back(actor, stopped, "session.closing came before the answer to a recovery")
    await actor.stop()


@dataclass(frozen=True, slots=True)
class _Stopped:
    """When a server has said that it stops, for how long, and where in what the client said."""

    mark: int
    said_s: float
    after_ms: int
    exact: bool
    connected: bool
    opening: bool
    """Whether no session was open yet: the next open may be under another id."""
    heard: int
    """Where in what the client said it is known to have heard that."""


async def _stops(actor: Actor, after_ms: int, *, opening: bool = False) -> _Stopped:
    mark, said_s = actor.mark(), asyncio.get_running_loop().time()
    _says_that_it_stops(actor, after_ms)
    fenced = await actor.fenced()
    return _Stopped(
        mark, said_s, after_ms, fenced.exact, fenced.connected, opening, heard=actor.mark()
    )


def _says_that_it_stops(actor: Actor, after_ms: int) -> None:
    actor.puppet.rest()
    actor.puppet.closing(
        actor.served, STOPS_CODE, reconnect=True, after_ms=after_ms, behind_ms=BEHIND_MS
    )


async def _comes_back_later(
    actor: Actor, why: str, after_ms: int = AFTER_MS[0], *, cut: bool = False
) -> None:
    actor.step()
    await actor.fenced()
    stopped = await _stops(actor, max(after_ms, actor.timers["reconnect_ms"] * 2 * cut))
    # Nor is something that is missing a reason to come earlier.
    actor.step(deliver=False)
    actor.step()
    actor.puppet.heartbeat(actor.served)
    if cut:
        actor.gate.cut()
    await _is_back(actor, stopped, why)


async def _is_back(
    actor: Actor, stopped: _Stopped, why: str, ways: tuple[str, ...] = WAYS_BACK
) -> None:
    """Observe that the client asks when its time has come, in one of some ways, and comes to the head."""
    after_ms = stopped.after_ms
    within_s = actor.patience_s("retry_max_ms") + after_ms / 1_000
    if stopped.opening:
        asked = await actor.says(*WAYS_BACK, since=stopped.mark, within_s=within_s)
    else:
        asked = await way_back(actor, since=stopped.mark, within_s=within_s)
    if asked is None:
        actor.ctx.absent(LATER, expected=RECOVERY, waited_s=within_s, why=why)
        return
    waited_ms = (asked.at_s - stopped.said_s) * 1_000
    early = waited_ms < after_ms - EARLY_S * 1_000
    if early and not stopped.exact and actor.ctx.is_first:
        actor.ctx.unsure(LATER, f"{why}: its reports count nothing, so it is looked at again")
        return
    good = actor.ctx.check(
        LATER,
        good=not early and asked.type in ways,
        expected=f"{' or '.join(ways)} after {after_ms} ms",
        seen=f"{asked.type} after {waited_ms:.0f} ms",
        on=actor.records([asked]),
        why=why,
    )
    if good and stopped.opening and asked.type == OPEN:
        await actor.opened_by(asked)
    if good and await actor.comes_to_the_head(LATER, within_s=10, why=why):
        await actor.holds(LATER, why=why)
