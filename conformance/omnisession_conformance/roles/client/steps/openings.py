"""A session that is about to be opened: what of the answer is said, and when."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_object, as_text, member
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.stage import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.overrides import Kept
    from omnisession_conformance.roles.client.puppet.puppet import Puppet


AGAIN_MS = 45_000
"""Without timers the time-out of an open is 4 s, the longest wait behind it 10 s."""


def session_of(one: Seen) -> str:
    """The session that a message names in its body."""
    return as_text(member(one.body, "session_id"))


def data_of(one: Seen) -> Object:
    """The data of a message."""
    return as_object(member(one.body, "data"))


def from_now_ms(later_ms: int) -> int:
    """A time so much later than now, in ms since the Unix epoch: what a server may tell at an open."""
    return time.time_ns() // 1_000_000 + later_ms


async def side_by_side(ctx: Context, *plays: Callable[[], Awaitable[object]]) -> None:
    """Play with a session each, as many at a time as the client has room for.

    Each play stops its session.
    """
    free = asyncio.Semaphore((await ctx.keeper.client()).hello.room)

    async def one(play: Callable[[], Awaitable[object]]) -> None:
        async with free:
            await play()

    playing = [asyncio.create_task(one(play)) for play in plays]
    try:
        await asyncio.gather(*playing)
    finally:
        # Where one ends the case, those that have no room yet do not begin.
        for task in playing:
            task.cancel()


async def start_kept(
    ctx: Context,
    kinds: Sequence[str] = (),
    features: Sequence[str] | None = None,
    *,
    timers: Mapping[str, int] | None = None,
) -> tuple[Actor, Kept]:
    """A session whose open has had its effect, with nothing said of it yet."""
    kept: list[Kept] = []
    actor = await ctx.start(
        kinds, features, timers=timers, before=lambda _, puppet: kept.append(puppet.keep(OPEN))
    )
    ctx.require(await kept[0].came(within_s=WITHIN_S), "the client has asked to open no session")
    await actor.asks_to_open()
    return actor, kept[0]


async def start_unlike(
    ctx: Context,
    rule: Callable[[Puppet, Asked], None],
    *,
    times: int | None = 1,
    timers: Mapping[str, int] | None = None,
) -> tuple[Actor, Seen]:
    """A session whose first open meets something else than an answer; that open."""

    def before(_: object, puppet: Puppet) -> None:
        puppet.instead(OPEN, lambda asked: rule(puppet, asked), times=times)

    actor = await ctx.start(timers=timers, before=before)
    return actor, await first_open(actor)


async def first_open(actor: Actor) -> Seen:
    """The first open that a client says; Prerequisite where it says none."""
    asked = await actor.says(OPEN, within_s=WITHIN_S)
    if asked is None:
        raise Prerequisite("the client has asked to open no session")
    return asked


def place_of(actor: Actor, one: Seen) -> int:
    """Where something stands in what the client has said."""
    return next(place for place, other in enumerate(actor.gate.seen) if other is one)


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
