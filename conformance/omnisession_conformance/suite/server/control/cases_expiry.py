"""CTRL: what keeps a session alive, and that silence ends it."""

from __future__ import annotations

from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.control import (
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    UNKNOWN_KIND,
    UNKNOWN_REQUEST,
    answered,
)
from omnisession_conformance.roles.server.steps.sending import NOOP, UNKNOWN
from omnisession_conformance.roles.server.steps.timers import (
    BEATS,
    MS,
    SHORT,
    beaten,
    beats,
    interval_ms,
)
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

ROUNDS = 8
"""Heartbeats that a session with a window of five of them gets, to see that it lives on."""
SELDOM = 2
"""Heartbeats between the signs of a session that gives few, well within its window."""
ROUNDING_MS = 150
"""How much of a window is left unused: the kit measures where it listens, not at the server."""
MISSED = 3
"""So many heartbeats of a live session without one of another: that one is over."""


def _asking(
    type_: str, data: dict[str, Any] | None = None, reply: str | None = None
) -> Callable[[Session], Awaitable[object]]:
    return lambda session: session.send(type_, data, reply=reply)


def _acting(type_: str, **how: Any) -> Callable[[Session], Awaitable[object]]:
    return lambda session: session.send_action(session.action_body(type_, **how))


async def _open(session: Session) -> None:
    await session.send(OPEN, session.open_data())


async def _copy(session: Session) -> None:
    await session.send_action(session.action_body(NOOP, action_id=session.id, client_seq=1))


async def _misnamed(session: Session) -> None:
    body = {**session.request_body(PING), "session_id": f"{session.id[1:]}x"}
    await session.send(PING, body=body)


async def _nothing(session: Session) -> None:
    del session


SIGNS: dict[str, Callable[[Session], Awaitable[object]]] = {
    "actions": _acting(NOOP),
    "copies of one action": _copy,
    "refused actions": _acting(UNKNOWN),
    "actions far ahead of the count": _acting(NOOP, client_seq=1_000),
    "syncs": _asking(SYNC),
    "resumes": _asking(RESUME, NOWHERE),
    "refused syncs": _asking(SYNC, {"kinds": [UNKNOWN_KIND]}),
    "requests of an unknown type": _asking(UNKNOWN_REQUEST),
    "opens": _open,
    "pings without a reply subject": _asking(PING, reply=""),
}
"""What a client may say to be held for alive, whatever becomes of it."""
NO_SIGNS: dict[str, Callable[[Session], Awaitable[object]]] = {
    "nothing": _nothing,
    "the server's own types": _asking("session.heartbeat"),
    "pings with a forged reply subject": _asking(PING, reply="x.nobody"),
    "pings that name another session": _misnamed,
}
"""What is no sign of life, said as often."""


@case("CTRL-016", slow=True)
async def signs_of_life_keep_a_session(ctx: Context) -> None:
    """Sessions that say something at each heartbeat, whatever it is, outlive their window."""
    # Time is measured by a session that lives long: those that are judged may be over too soon.
    clock = await ctx.open(ctx.user(), timers=BEATS)
    live = await _open_all(ctx, list(SIGNS))
    seldom = await ctx.open(clock.user, timers=SHORT)
    since = ctx.log.mark()
    for number in range(1, ROUNDS + 1):
        for what, session in live.items():
            await SIGNS[what](session)
        if number % SELDOM == 0:
            await seldom.send_action(seldom.action_body(NOOP))
        found = await beaten(ctx, clock, number, since)
        ctx.require(found is not None, "a session got too few heartbeats")
    judged = {**live, "an action at every other heartbeat": seldom}
    # All at once: behind the answers of a slow server the last ones would have been silent for long.
    pings = {what: await session.send(PING) for what, session in judged.items()}
    for what, session in judged.items():
        ping = await pings[what].answer()
        silence, window = _longest_silence(ctx, session), session.timers.get("resume_window_ms", 0)
        ctx.in_time(silence < window - ROUNDING_MS, f"the kit itself was silent for {silence} ms")
        why = f"a session with a window of {window} ms that sent {what} for {ROUNDS} heartbeats"
        answered(ctx, "CTRL-016", ping, "session.pong", why)


async def _open_all(ctx: Context, names: list[str]) -> dict[str, Session]:
    """Open a session with a short window for each name, of as few users as the limit allows."""
    most = max(1, ctx.declared.limit("sessions"))
    users = [ctx.user() for _ in range(0, len(names), most)]
    # All at once: a window begins with its open.
    found = {name: ctx.session(users[number // most]) for number, name in enumerate(names)}
    opens = {s.id: await s.send(OPEN, s.open_data(timers=SHORT)) for s in found.values()}
    for session in found.values():
        session.opened = await opens[session.id].must()
        session.opened.position_or_stop("session.opened")
    return found


def _longest_silence(ctx: Context, session: Session) -> int:
    """The longest time, in ms, between two messages of the kit in a session's name."""
    times = [
        r.t_ns
        for r in ctx.log.records
        if r.party is Party.KIT and (r.body or {}).get("session_id") == session.id
    ]
    return max((b - a for a, b in pairwise(times)), default=0) // MS


@case("CTRL-016", slow=True, limit_ms=9_000)
async def silent_sessions_expire(ctx: Context) -> None:
    """Sessions whose client says nothing, or nothing that counts, end soon after their window."""
    clock = await ctx.open(ctx.user(), timers=BEATS)
    mute = await _open_all(ctx, list(NO_SIGNS))
    for session in mute.values():
        session.leave_open = True
        window = session.timers.get("resume_window_ms", 0)
        ctx.require(0 < window <= SHORT["resume_window_ms"], "a short window was not granted")
    begin, since = ctx.log.records[-1].t_ns, ctx.log.mark()
    bound = SHORT["resume_window_ms"] + BOUND_MS + MISSED * interval_ms(clock)
    bound += round(ctx.margin_s * 1_000)
    for number in count(1):
        found = await beaten(ctx, clock, number, since)
        ctx.require(found is not None, "a live session got too few heartbeats")
        left = {what: session for what, session in mute.items() if not _over(clock, session, since)}
        if not left or (ctx.log.records[-1].t_ns - begin) // MS > bound:
            break
        for what, session in left.items():
            await NO_SIGNS[what](session)
    for what, session in mute.items():
        await _expired(ctx, session, what, over=_over(clock, session, since))


def _over(clock: Session, session: Session, since: int) -> bool:
    """Whether a session got heartbeats, and none of the last ones that a live session got."""
    last = max((beat.n for beat in beats(session)), default=None)
    return last is not None and sum(b.n > max(last, since) for b in beats(clock)) >= MISSED


async def _expired(ctx: Context, session: Session, what: str, *, over: bool) -> None:
    why = f"a session with a window of {SHORT['resume_window_ms']} ms that sent {what}"
    if beats(session) and not over:
        bound = SHORT["resume_window_ms"] + BOUND_MS
        expected = f"its end within {bound} ms: no more heartbeats"
        ctx.absent("CTRL-016", expected=expected, waited_s=bound / 1_000, why=why)
        return
    answer = await (await session.send(RESUME, NOWHERE)).answer()
    ctx.refused("CTRL-016", answer, 4101, 4041, why=f"session.resume of {why}")
