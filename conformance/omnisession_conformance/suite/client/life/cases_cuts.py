"""Lost connections: a client comes back by itself, and to where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import OPEN, RECOVERIES
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet.terms import LEAST_HEARTBEAT_MS, Terms
from omnisession_conformance.roles.client.steps.coming_back import (
    WAYS_BACK,
    comes_back_to_nothing,
    in_force,
    recovers,
    way_back,
)
from omnisession_conformance.roles.client.steps.openings import start_kept
from omnisession_conformance.roles.client.steps.ways import all_well

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

BACK, NOT_ANEW = "CLI-016", "CLI-037"
LIMIT_MS = 45_000
"""Without timers a connection comes after 2 s, and a second try after 10 s."""
REST_WITHIN_S = 10.0
DIALS, MANY_DIALS, LONGEST_AWAY_S = 12, 200, 4.0
"""So many tries may come at once. For so many of its waits nobody is there, or for so long: libraries give
up after sixty where nobody tells them otherwise."""
LEAST_WAIT_S = sum(min(200 << tries, 10_000) for tries in range(6)) / 1_000 / 10 / 6
"""What CLI-027 leaves of a wait where there are several: a tenth of the bounds."""
ASKS_WITHIN_MS = 2_000
STOPS_CODE, AFTER_MS = 5030, 50


@case(BACK, limit_ms=LIMIT_MS)
async def cut_and_back(ctx: Context) -> None:
    """After a cut a client connects again, recovers from its position, and misses nothing."""
    several = CORE in ctx.declared.profiles
    for features in ctx.ways:
        actor = await ctx.live(ctx.kinds(2 if several else 1), features)
        actor.step(3)
        await _back(actor, "its connection was cut")
        await actor.stop()


@case(BACK, limit_ms=LIMIT_MS)
async def cut_twice(ctx: Context) -> None:
    """A client comes back from a second cut as from the first."""
    actor = await ctx.live()
    for which in ("first", "second"):
        actor.step()
        await _back(actor, f"its connection was cut, for the {which} time")


@case(BACK, limit_ms=LIMIT_MS)
async def cut_in_a_later_session(ctx: Context) -> None:
    """It is the session of now that a client comes back to, where it has had another one before."""
    actor = await ctx.live()
    ctx.require(
        await comes_back_to_nothing(actor, over=True) is not None,
        "the client has not come back from a cut",
    )
    await actor.opened(within_s=_patience_s(actor))
    actor.step()
    await _back(actor, "its connection was cut, in its second session")
    if all_well(ctx):
        # What it hears then is that session as well.
        actor.step()
        await actor.holds(BACK, why="and then something came, with nothing asked for")


@case(BACK, slow=True, limit_ms=LIMIT_MS)
async def cut_for_a_while(ctx: Context) -> None:
    """A client tries again for as long as nobody is there, and not without a wait each time."""
    actor = await ctx.live()
    actor.step()
    fenced = await actor.fenced()
    mark, begun_s, links = actor.mark(), actor.now_s, len(actor.gate.links)
    wait_s = actor.timers["reconnect_ms"] / 1_000
    with actor.gate.turning_away():
        # What it goes by is its clock: nothing else can come meanwhile.
        await actor.until(lambda: False, within_s=min(MANY_DIALS * wait_s, LONGEST_AWAY_S))
        dialled, took_s = actor.gate.proxy.turned_away, actor.now_s - begun_s
    # A library may try some times at once before it waits, and its waits may be random ones. Each of its
    # connections comes back by itself.
    least_s = wait_s / 3 if actor.takes_timers else LEAST_WAIT_S
    most = round(links * (DIALS + took_s / least_s))
    ctx.check(
        BACK,
        good=dialled <= most,
        expected=f"waits between tries to connect, such as {wait_s:g} s: {most} tries at most",
        seen=f"{dialled} tries within {took_s:.3f} s",
        why="each connection was ended at once for a while",
    )
    await _is_back(actor, fenced.report.position, since=mark, why="nobody was there for a while")


@case(BACK, limit_ms=LIMIT_MS)
async def cut_while_recovering(ctx: Context) -> None:
    """A cut before the answer to a recovery takes no answer for granted: it recovers again."""
    actor = await ctx.live()
    actor.step()
    fenced = await actor.fenced()
    mark = actor.mark()
    for type_ in WAYS_BACK:
        actor.puppet.instead(type_, actor.puppet.swallow)
    actor.gate.cut()
    asked = await way_back(actor, since=mark, within_s=_patience_s(actor))
    if asked is None:
        raise Prerequisite("the client has not come back from the first cut")
    for type_ in WAYS_BACK:
        actor.puppet.truthful_again(type_)
    mark = actor.mark()
    await _cut_with_changes(actor)
    why = "its connection was cut while it recovered"
    await _is_back(actor, fenced.report.position, since=mark, why=why)


@case(BACK, limit_ms=LIMIT_MS)
async def cut_while_opening(ctx: Context) -> None:
    """A cut before the answer to the open: the session is opened on the next connection."""
    actor, _ = await start_kept(ctx)
    mark = actor.mark()
    actor.gate.cut()
    why, within_s = "its connection was cut before the answer to its open", _patience_s(actor)
    again = await actor.says(OPEN, since=mark, within_s=within_s)
    if again is None:
        ctx.absent(BACK, expected=f"another {OPEN}", waited_s=within_s, why=why)
    elif await actor.opened_by(again) is None:
        expected = "a report of the first states"
        ctx.absent(BACK, expected=expected, waited_s=REST_WITHIN_S, why=f"{why}, and opened again")
    else:
        await actor.holds(BACK, why=why)


@case(BACK, limit_ms=LIMIT_MS)
async def half_open_and_back(ctx: Context) -> None:
    """A client that talks to nobody for a while comes back once its connection ends."""
    actor = await ctx.live(terms=Terms(heartbeat_ms=LEAST_HEARTBEAT_MS))
    actor.step()
    fenced = await actor.fenced()
    begun = actor.mark()
    with actor.gate.half_open():
        actor.step(2)
        await actor.puppet.flush()
        # What it says meanwhile is lost, and nobody answers it.
        await actor.until(lambda: actor.mark() > begun, within_s=2)
        mark = actor.mark()
    why = "its connection was half open, and then ended"
    await _is_back(actor, fenced.report.position, since=mark, why=why)


@case(NOT_ANEW, limit_ms=LIMIT_MS)
async def not_opened_anew(ctx: Context) -> None:
    """A client comes back by a recovery, and does not open a session again that lives."""
    actor = await ctx.live()
    actor.step()
    await actor.fenced()
    mark = actor.mark()
    await _cut_with_changes(actor)
    await _without_open(actor, mark, _patience_s(actor), "its connection was cut")
    if await actor.stage.caught_up(actor.served, within_s=REST_WITHIN_S) is None:
        raise Prerequisite("the client has not come to the head of its session")
    await actor.fenced()
    mark = actor.mark()
    actor.step(deliver=False)
    actor.step()
    await _without_open(actor, mark, ctx.within(ASKS_WITHIN_MS), "a message was lost")
    if await actor.stage.caught_up(actor.served, within_s=REST_WITHIN_S) is None:
        raise Prerequisite("the client has not come to the head of its session")
    mark = actor.mark()
    actor.puppet.closing(actor.served, STOPS_CODE, reconnect=True, after_ms=AFTER_MS)
    within_s = actor.patience_s("retry_max_ms")
    await _without_open(actor, mark, within_s, "its server has stopped for a while")


async def _without_open(actor: Actor, since: int, within_s: float, why: str) -> None:
    asked = await way_back(actor, since=since, within_s=within_s)
    if asked is None:
        raise Prerequisite(f"the client has asked for nothing, although {why}")
    actor.ctx.check(
        NOT_ANEW,
        good=asked.type != OPEN,
        expected=" or ".join(RECOVERIES),
        seen=asked.type,
        on=actor.records([asked]),
        why=f"{why}, and its session lives",
    )


async def _back(actor: Actor, why: str) -> None:
    fenced = await actor.fenced()
    mark = actor.mark()
    await _cut_with_changes(actor)
    await _is_back(actor, fenced.report.position, since=mark, why=why)


async def _cut_with_changes(actor: Actor) -> None:
    """Cut, and let something change while the client is away."""
    with actor.gate.refusing():
        actor.step(2)
        await actor.puppet.flush()


async def _is_back(actor: Actor, at: Position | None, *, since: int, why: str) -> None:
    within_s = _patience_s(actor)
    asked = await recovers(actor, BACK, at, since=since, within_s=within_s, why=why)
    if asked is None:
        return
    in_force(actor, BACK, asked)
    if await actor.comes_to_the_head(BACK, within_s=REST_WITHIN_S, why=why):
        await actor.holds(BACK, why=why)


def _patience_s(actor: Actor) -> float:
    return actor.patience_s("reconnect_ms", "retry_max_ms")
