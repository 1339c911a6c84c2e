"""CTRL: heartbeats: how often they come, and what they tell."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind
from omnisession_conformance.roles.server.steps.control import OPEN
from omnisession_conformance.roles.server.steps.sending import NOOP
from omnisession_conformance.roles.server.steps.timers import BEATS, MS, beaten, beats, interval_ms

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

IDLE = 3
ALONE = 8
"""Heartbeats of a session whose client says nothing between them, where it lives for so long."""
QUIET = {**BEATS, "resume_window_ms": 20_000}
"""A window that is not over in this silence, where a server grants so long a one."""
OFTEN = 4
"""Messages that a busy session gets between two heartbeats, and more."""
S = 1_000 * MS
SYNCS = 6
SLOWER = {"heartbeat_ms": 600}
"""An interval in which much can be asked, on a busy machine as well."""
STEADY = {**BEATS, "coalesce_ms": 0}
"""With nothing held back: a sync shows no more than the states before it told."""


@case("CTRL-008", slow=True)
async def heartbeats_come(ctx: Context) -> None:
    """A session that nothing happens in gets its heartbeats, and so does one that is at work."""
    user = ctx.user()
    # Another session of the user, with an interval of its own.
    await ctx.session(user).open()
    session = ctx.session(user)
    # Its states are no matter here: a server without any has its heartbeats judged all the same.
    opened = await session.open(timers=QUIET)
    opened.position_or_stop("session.opened")
    bound = 2 * interval_ms(session)
    lives = as_int(session.timers.get("resume_window_ms")) > (ALONE + 1) * bound
    alone = ALONE if lives else IDLE
    found = await beaten(ctx, session, alone)
    if found is None:
        expected = f"{alone} heartbeats, one at least every {interval_ms(session)} ms"
        ctx.absent("CTRL-008", expected=expected, waited_s=alone * bound / 1_000, on=beats(session))
        return
    last = session.opened.record if session.opened else found[0]
    for beat in found:
        _gap(ctx, session, last, beat)
        last = beat
    await _busy(ctx, session)
    for _ in range(2):
        await _follows(ctx, session)
    refused = await session.ask(OPEN, session.open_data(protocol=["9.0"]))
    ctx.require(refused.code == 4003, f"an open of another version got {refused}")
    await _follows(ctx, session)


async def _busy(ctx: Context, session: Session) -> None:
    """Observe that heartbeats come between answers, states and outcomes, however many there are."""
    since, interval = ctx.log.mark(), interval_ms(session)
    deadline_s = ctx.within(2 * IDLE * interval)
    begin = ctx.log.records[-1].t_ns

    def enough() -> list[Record] | None:
        found = beats(session, since)
        return found if len(found) >= IDLE else None

    while enough() is None and (ctx.log.records[-1].t_ns - begin) / S < deadline_s:
        await session.sync()
        await session.act(NOOP)
        await session.wait(enough, interval / OFTEN / 1_000)
    found = enough()
    expected = f"{IDLE} heartbeats, one at least every {interval} ms, between other messages"
    if found is None:
        ctx.absent("CTRL-008", expected=expected, waited_s=deadline_s, on=beats(session, since))
        return
    ctx.check("CTRL-008", good=True, expected=expected, seen="they came", on=found)
    for one, other in pairwise(found):
        _gap(ctx, session, one, other)


def _gap(ctx: Context, session: Session, last: Record, beat: Record) -> None:
    """Observe the time between an answer or heartbeat and the next heartbeat."""
    gap = (beat.t_ns - last.t_ns) // MS
    most = 2 * interval_ms(session) + round(ctx.margin_s * 1_000)
    ctx.check(
        "CTRL-008",
        gap <= most,
        expected=f"a heartbeat at least every {interval_ms(session)} ms, {most} ms with delays",
        seen=f"{gap} ms after {last.type}",
        on=(beat, last),
    )


async def _follows(ctx: Context, session: Session) -> None:
    """Observe that the next heartbeat after a sync and an action tells the position that they led to."""
    await session.sync()
    await session.act(NOOP)
    least, since = await session.fence(), ctx.log.mark()
    found = await beaten(ctx, session, 1, since)
    if found is None:
        waited = 2 * interval_ms(session) / 1_000
        ctx.absent("CTRL-008", expected="a heartbeat after a sync", waited_s=waited)
        return
    told = Position.of(found[0].payload.get("position"))
    if told is not None:
        await session.wait(lambda: session.head >= told.head or None, ctx.answer_s)
    ctx.check(
        "CTRL-008",
        told is not None
        and least.head <= told.head <= session.head
        and told.last_action_seq >= least.last_action_seq,
        expected=f"the session's position, from {least} on",
        seen=told,
        on=found[0],
        pointer="/data/position",
        why="a heartbeat after a sync, and an action without effect",
    )


@case("CTRL-008", slow=True)
async def opens_again_put_no_heartbeat_off(ctx: Context) -> None:
    """A session that is opened again and again gets its heartbeat all the same."""
    session = await ctx.open(ctx.user(), timers=SLOWER)
    interval, since = interval_ms(session), ctx.log.mark()
    ctx.require(interval <= 2 * SLOWER["heartbeat_ms"], f"a heartbeat_ms of {interval} was granted")
    begin, within_s = ctx.log.records[-1].t_ns, ctx.within(2 * interval)
    while not beats(session, since) and (ctx.log.records[-1].t_ns - begin) / S < within_s:
        await session.ask(OPEN, session.open_data(timers=SLOWER))
        await session.wait(lambda: None, interval / OFTEN / OFTEN / 1_000)
    found, expected = beats(session, since), f"a heartbeat within {interval} ms between opens"
    if found:
        ctx.check("CTRL-008", good=True, expected=expected, seen="it came", on=found)
    else:
        ctx.absent("CTRL-008", expected=expected, waited_s=within_s)


# -- digests ---------------------------------------------------------------------------------------------


@case("CTRL-009", needs=("digests", *CHANGES), slow=True)
async def heartbeats_carry_digests(ctx: Context) -> None:
    """Heartbeats of a session with digests tell that of each slice as the stream shows it, others none."""
    user, kind = ctx.user(), one_kind(ctx)
    kinds = ctx.declared.kinds
    wishes: tuple[tuple[str, ...], ...] = (("digests",), ("digests", "events"), (), ("events",))
    sessions = [await ctx.open(user, kinds=kinds, features=f, timers=STEADY) for f in wishes]
    for acting in sessions:
        await change(ctx, acting, kind)
    heads = await ctx.fences(*sessions)
    since = ctx.log.mark()
    for session, least, wish in zip(sessions, heads, wishes, strict=True):
        found = await beaten(ctx, session, 1, since)
        ctx.require(found is not None, "a session got no heartbeat")
        for beat in found or ():
            await _digests(ctx, session, beat, least, told="digests" in wish)


async def _digests(
    ctx: Context, session: Session, beat: Record, least: Position, *, told: bool
) -> None:
    seen: Any = beat.payload.get("digests")
    at, pointer = Position.of(beat.payload.get("position")), "/data/digests"
    if not told:
        none = "digests" not in beat.payload
        expected = "no digests in a session that did not ask for them"
        ctx.check("CTRL-009", none, expected=expected, seen=seen, on=beat, pointer=pointer)
        return
    ctx.require(at is not None and at.head >= least.head, "a heartbeat tells an old position")
    if at is not None:
        await session.reach(at)
        own = {kind: digest(session.slice(kind, upto=at)) for kind in session.kinds}
        if seen != own and isinstance(seen, dict):
            beat, at, own = await _at_a_sync(ctx, session)
        seen = beat.payload.get("digests")
        why = f"the digest of each open kind at {at}"
        ctx.equal("CTRL-009", own, seen, on=beat, pointer=pointer, why=why)


async def _at_a_sync(
    ctx: Context, session: Session
) -> tuple[Record, Position, dict[str, str | None]]:
    """A heartbeat with a sync at its very place, and the digests of the states that the sync told.

    Events may tell members beside those of the protocol, which need not be in the server's slice:
    only a state shows that whole. Prerequisite where changes come between each time.
    """
    for _ in range(SYNCS):
        found = await beaten(ctx, session, 1, ctx.log.mark())
        at = Position.of(found[-1].payload.get("position")) if found else None
        answer = await session.sync()
        start = answer.position_or_stop("session.syncing")
        if found and at is not None and at.head == start.head:
            states = session.after(start)[: len(session.kinds)]
            return found[-1], at, {str(s.payload.get("type")): digest(s.payload) for s in states}
    raise Prerequisite("other changes came between each heartbeat and the sync right behind it")
