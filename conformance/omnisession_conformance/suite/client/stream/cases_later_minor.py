"""What a later MINOR adds to answers, pushes and types of events: a client goes on without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.client.actor import OPEN, RESUME, SYNC
from omnisession_conformance.roles.client.profiles import CORE, EVENTS
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.puppet.steps import undoing
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    WAYS_BACK,
    asked_back,
    instead_of_all,
    lose_something,
)
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context

UNKNOWN = "CLI-010"


@case(UNKNOWN, limit_ms=60_000)
async def answers_with_unknown_members(ctx: Context) -> None:
    """Answers with members that nobody knows, at every level, are those that were asked for."""
    for features in each_way(ctx):
        actor = await ctx.start(
            features=features,
            before=lambda _, puppet: puppet.instead(OPEN, puppet.tell_as_later),
        )
        await actor.asks_to_open()
        why = "session.opened had members that nobody knows"
        if not await actor.comes_to_the_head(UNKNOWN, within_s=WITHIN_S, why=why):
            return
        actor.step()
        await actor.fenced()
        # One of each, so that who asks for another one has no use of that either.
        instead_of_all(actor, actor.puppet.tell_as_later)
        mark = actor.mark()
        lose_something(ctx, actor)
        asked = await asked_back(actor, mark)
        ctx.require(asked is not None, "the client asks for no recovery here")
        why = "answers to recoveries had members that nobody knows"
        if not await actor.comes_to_the_head(UNKNOWN, within_s=WITHIN_S, why=why):
            return


@case(UNKNOWN, needs=(CORE,), limit_ms=40_000)
async def heads_with_unknown_members(ctx: Context) -> None:
    """A heartbeat with members that nobody knows tells a head as any other."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        actor.step()
        await actor.fenced()
        actor.step(deliver=False)
        data = bodies.as_later({"position": bodies.told(actor.served.position)})
        for _ in range(2):
            actor.puppet.push(actor.served, "session.heartbeat", data)
            await actor.fenced()
        why = "two heartbeats with members that nobody knows told a head that has not come"
        if not await actor.comes_to_the_head(UNKNOWN, within_s=WITHIN_S, why=why):
            return


@case(UNKNOWN, needs=(EVENTS,), limit_ms=40_000)
async def unknown_event_of_a_known_name(ctx: Context) -> None:
    """A type that begins or ends as a known one is another one."""
    for kind in ctx.declared.kinds:
        actor = await ctx.live((kind,), (EVENTS,))
        actor.step()
        await actor.fenced()
        mark = actor.mark()
        type_, data = undoing(kind, actor.puppet.steps)
        for other in (f"{type_}_softly", f"x-acme.{type_}"):
            message = actor.puppet.event(actor.served, other, data)
            why = f"after an event of the type {other}"
            if not await actor.holds(UNKNOWN, why=why, on=message):
                return
        fenced = await actor.fenced()
        why = "events of types that nobody knows came"
        actor.says_nothing(UNKNOWN, WAYS_BACK, since=mark, exact=fenced.exact, why=why)


@case(UNKNOWN, needs=(EVENTS,), limit_ms=40_000)
async def unknown_event_in_a_replay(ctx: Context) -> None:
    """What nobody knows is skipped where a replay brings it, and no sync is needed for it."""
    actor = await ctx.live(features=(EVENTS,))
    actor.step()
    await actor.fenced()
    mark = actor.mark()
    actor.puppet.event(actor.served, "x-acme.thing_done", {"id": "a-1"}, deliver=False)
    actor.step()
    asked = await asked_back(actor, mark)
    if asked is None or asked.type != RESUME:
        raise NotOffered("it closes this gap by no resume")
    why = "a replay had an event of a type that nobody knows"
    if await actor.comes_to_the_head(UNKNOWN, within_s=WITHIN_S, why=why):
        fenced = await actor.fenced()
        actor.says_nothing(UNKNOWN, (SYNC,), since=mark, exact=fenced.exact, why=why)
        await actor.holds(UNKNOWN, why=why)
