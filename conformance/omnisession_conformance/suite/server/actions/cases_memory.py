"""ACTION: how long outcomes are remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.limits import OUTCOMES_MS
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import NOOP, UNKNOWN, Body, Posted, settle
from omnisession_conformance.roles.server.steps.timers import (
    BEATS,
    MS,
    SHORT,
    beaten,
    interval_ms,
)

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

REMEMBERED = 256
MANY = 1_100
"""Actions of a user: more than any round number that a server may keep outcomes of."""
AT_ONCE, QUICK_MS = 200, 1_000
"""So many are sent at once, where the first 256 took no longer than this."""
USED = 4092
"""The refusal of an action whose number another one has: taken again as the next, it would be done."""
AWAY_MS = 3_000
"""How long a user is away at most: nobody waits for a day, nor for the longest window."""
ROOM_MS = 1_000
"""How much of a short `outcomes_ms` is left for what a case sends after it has waited."""
LONGEST_WINDOW_MS = 2**31


@case("ACTION-023", phase=Phase.LOUD)
async def last_outcomes_are_remembered(ctx: Context) -> None:
    """Of the last 256 outcomes of a user the oldest ack and nack are known, here and in a new session."""
    user = ctx.user()
    session = await ctx.open(user)
    bodies = [session.action_body(NOOP, client_seq=1) for _ in range(2)]
    first = [await session.needed_outcome_of(body) for body in bodies]
    ctx.require([answer.code for answer in first] == [None, USED], f"1 and 1 got {first}")
    session.next_seq = 2
    further = [session.action_body(NOOP if n % 2 else UNKNOWN) for n in range(REMEMBERED - 2)]
    refused: list[Answer] = []
    began_ns = ctx.log.records[-1].t_ns
    await settle(session, [Posted(body) for body in further], refused)
    took_ms = (ctx.log.records[-1].t_ns - began_ns) // MS
    later = await ctx.open(user)
    why = f"a copy after {REMEMBERED - 2} further actions, some of which were refused"
    answer = await session.outcome_of(bodies[0])
    ctx.acked("ACTION-023", answer, status="duplicate", why=f"{why}, under its number")
    for body, was in zip(bodies, first, strict=True):
        for one in (session, later):
            answer = await as_next(one, body)
            if was.acked:
                ctx.acked("ACTION-023", answer, status="duplicate", why=why)
            else:
                ctx.refused("ACTION-023", answer, USED, why=why)
    # Where a rate is limited, or each action takes its time, so many would take minutes.
    if not refused and took_ms < QUICK_MS:
        await _many(ctx, session, later)


async def _many(ctx: Context, session: Session, later: Session) -> None:
    """Observe that the last outcomes are known where the server has had to forget others."""
    bodies = [session.action_body(NOOP) for _ in range(MANY)]
    for first in range(0, MANY, AT_ONCE):
        await settle(session, [Posted(body) for body in bodies[first : first + AT_ONCE]])
    # The oldest of the last 256 is asked for first: a further action makes it the one before.
    for body in (bodies[-REMEMBERED], bodies[-1]):
        why = f"a copy of one of the last {REMEMBERED} of {MANY} actions"
        for answer in (await session.outcome_of(body), await as_next(later, body)):
            ctx.acked("ACTION-023", answer, status="duplicate", why=why)


@dataclass(frozen=True, slots=True)
class Away:
    """A user who has no session, or will soon have none, and its last action, which was acked.

    It was sent after `since_ns`; `known_ms` later its outcome may be forgotten, None if it may not.
    """

    user: User
    body: Body
    since_ns: int
    known_ms: int | None


@case("ACTION-023", slow=True)
async def outcomes_outlive_sessions(ctx: Context) -> None:
    """Some seconds later outcomes are known: with a session, and after the last was closed or expired."""
    clock = await ctx.open(ctx.user(), timers=BEATS)
    staying, one_of_two = await ctx.open(clock.user), await ctx.open(clock.user)
    kept = await _acted(ctx, staying)
    await one_of_two.close()
    one_of_two.leave_open = True
    closed, silent = await ctx.open(ctx.user()), await ctx.open(ctx.user(), timers=SHORT)
    away = {
        "was closed": await _leave(ctx, closed, closes=True),
        "was left to expire": await _leave(ctx, silent, closes=False),
    }
    mark = ctx.log.mark()
    interval = interval_ms(clock)
    told = [w.known_ms for w in away.values() if w.known_ms is not None]
    wait_ms = min([AWAY_MS, *(max(0, known - ROOM_MS) for known in told)])
    count = wait_ms // max(1, interval)
    if count:
        ctx.require(await beaten(ctx, clock, count, mark) is not None, "too few heartbeats came")
    for what, gone in away.items():
        later = await ctx.open(gone.user)
        answer = await as_next(later, gone.body)
        now_ns = ctx.log.records[-1].t_ns
        away_ms = (now_ns - gone.since_ns) // MS
        in_time = gone.known_ms is None or away_ms < gone.known_ms
        ctx.in_time(in_time, f"a copy came {away_ms} ms after its user left")
        why = f"a copy {away_ms} ms after the last session of its user {what}"
        ctx.acked("ACTION-023", answer, status="duplicate", why=why)
    why = "a copy after some seconds in which its session lived on"
    ctx.acked("ACTION-023", await staying.outcome_of(kept), status="duplicate", why=why)
    answer = await as_next(await ctx.open(clock.user), kept)
    ctx.acked("ACTION-023", answer, status="duplicate", why=f"{why}, in a new session")


async def _acted(ctx: Context, session: Session) -> Body:
    """An action of a session that was acked, as a step that the case needs."""
    body = session.action_body(NOOP)
    ctx.require((await session.needed_outcome_of(body)).acked, f"{NOOP} was not acked")
    return body


async def _leave(ctx: Context, session: Session, *, closes: bool) -> Away:
    """Act, and close the session or say nothing more in it."""
    since_ns = ctx.log.records[-1].t_ns
    body = await _acted(ctx, session)
    session.leave_open = True
    if closes:
        answer = await session.close()
        ctx.require(answer.type == "session.closed", f"session.close got {answer}")
    told = session.limits.get(OUTCOMES_MS)
    if told is not None and not closes:
        told += session.timers.get("resume_window_ms", 0)
    return Away(session.user, body, since_ns, told)


@case("ACTION-028")
async def longest_window_is_asked_for(ctx: Context) -> None:
    """An open that asks for a window of weeks is told outcomes_ms, which no window exceeds."""
    session = ctx.session(ctx.user())
    answer = await session.open(timers={"resume_window_ms": LONGEST_WINDOW_MS})
    ctx.require(answer.type == "session.opened", f"the open got {answer}")
    window, told = session.timers.get("resume_window_ms"), session.limits.get(OUTCOMES_MS)
    ctx.check(
        "ACTION-028",
        told is None or window is None or told >= window,
        expected=f"{OUTCOMES_MS} of {window} or more, or none",
        seen=told if told is not None else "none",
        on=answer,
        pointer=f"/data/limits/{OUTCOMES_MS}",
        why="an open that asks for the longest window",
    )
