"""Events of each kind: what they make of a slice, one by one, as the vectors of the protocol have it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.puppet.terms import Terms
from omnisession_conformance.roles.client.steps.reducers import STATE, emptied, vectors_of
from omnisession_conformance.roles.client.steps.showing import say, shows

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.steps.reducers import Vector

REDUCE = "CLI-025"
LIMIT_MS = 40_000
"""Each event is looked at."""


@case(REDUCE, needs=("articles",), limit_ms=LIMIT_MS)
async def events_of_articles(ctx: Context) -> None:
    """Every event of articles changes the slice as its reducer says, and lists are cut to their limits."""
    await _reduces(ctx, "articles")


@case(REDUCE, needs=("chat",), limit_ms=LIMIT_MS)
async def events_of_chat(ctx: Context) -> None:
    """Every event of chat changes the slice as its reducer says, and lists are cut to their limits."""
    await _reduces(ctx, "chat")


@case(REDUCE, needs=("url",), limit_ms=LIMIT_MS)
async def events_of_urls(ctx: Context) -> None:
    """Every event of url changes the slice as its reducer says, and lists are cut to their limits."""
    await _reduces(ctx, "url")


@case(REDUCE, needs=("user",), limit_ms=LIMIT_MS)
async def events_of_users(ctx: Context) -> None:
    """Every event of user changes the slice as its reducer says, and no list of it is cut."""
    await _reduces(ctx, "user")


async def _reduces(ctx: Context, kind: str) -> None:
    def limits(vector: Vector) -> list[tuple[str, int]]:
        return sorted(vector.limits.items())

    for told, vectors in groupby(sorted(vectors_of(kind), key=limits), key=limits):
        actor = await ctx.live((kind,), (EVENTS,), terms=Terms(limits=dict(told)))
        ctx.require(EVENTS in actor.served.features, "the client has opened without events")
        for vector in vectors:
            if not await _follows(actor, vector):
                return


async def _follows(actor: Actor, vector: Vector) -> bool:
    """Play a vector, its events twice each, as the second changes nothing; whether all was right."""
    actor.puppet.state(actor.served, vector.kind, vector.slice)
    for number, told in enumerate(vector.steps, 1):
        message = say(actor, vector.kind, told)
        if told.type != STATE:
            message = say(actor, vector.kind, told)
        why = f"{vector.name}, step {number}: {told.shows}"
        if not await shows(actor, REDUCE, why=why, on=message):
            return False
        if (without := emptied(told)) is not None:
            # An entry is replaced whole: what it has no more is not kept.
            message = say(actor, vector.kind, without)
            why = f"{vector.name}, step {number}: {without.shows}"
            if not await shows(actor, REDUCE, why=why, on=message):
                return False
    return True
