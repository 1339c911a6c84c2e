"""CTRL: the life of a session: the timers that it is granted, and its end by close."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind, open_any
from omnisession_conformance.roles.server.steps.control import (
    CLOSE,
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    answered,
    opened,
    silent,
)
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NOOP,
    chat_body,
    edit_body,
    inbox_answer,
)
from omnisession_conformance.roles.server.steps.timers import BEATS, MS, SHORT, beaten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

LEAST = {"heartbeat_ms": 200, "resume_window_ms": 1_000, "coalesce_ms": 0, "gap_ms": 0}
"""Timers from which on a server grants what is asked."""
LOWEST = {"heartbeat_ms": 1, "resume_window_ms": 1, "coalesce_ms": 0, "gap_ms": 0}
LONG = 10**9
TIMERS: tuple[Mapping[str, int], ...] = (
    LEAST,
    *({name: value} for name, value in LEAST.items()),
    {"heartbeat_ms": 700, "resume_window_ms": 5_000, "coalesce_ms": 10, "gap_ms": 10},
    {"heartbeat_ms": 600, "resume_window_ms": 1_000},
    {"heartbeat_ms": LONG, "resume_window_ms": 1_000},
    {"heartbeat_ms": 1, "resume_window_ms": 1},
    dict.fromkeys(LEAST, -1),
    dict.fromkeys(LEAST, LONG),
    dict.fromkeys(LEAST, 2**53 - 1),
)
"""What is asked for: what must be granted, and what is too short, too long or does not go together."""
ROUNDING_MS = 150
BEATEN = 3
"""Heartbeats of another session while a closed one is watched."""


# -- timers ----------------------------------------------------------------------------------------------


@case("CTRL-010")
async def timers_asked_are_granted(ctx: Context) -> None:
    """The shortest timers are granted; shorter and longer ones are moved to the server's own bounds."""
    user = ctx.user()
    for asked in TIMERS:
        session = ctx.session(user)
        data = session.open_data(timers=asked)
        answer = await (await session.send(OPEN, data)).answer()
        if opened(ctx, "CTRL-010", answer, f"an open with timers {dict(asked)}") and answer:
            _in_bounds(ctx, answer, asked)
        await session.close()


@case("CTRL-010")
async def timers_not_asked_are_the_servers_own(ctx: Context) -> None:
    """Timers that an open does not ask for are the same, whatever the sessions before it asked for."""
    users = ctx.user(), ctx.user()
    own = await _granted(ctx, users[0], None)
    for asked in (LEAST, *({name: value} for name, value in LEAST.items()), {}, None):
        for user in users:
            granted = await _granted(ctx, user, asked)
            for name in own.keys() - (asked or {}).keys():
                # The default of a window is raised to two heartbeats, so it may be less with shorter ones.
                if name != "resume_window_ms" or not asked:
                    why = f"an open with timers {asked}, after others that asked for the least"
                    at = f"/data/timers/{name}"
                    ctx.equal("CTRL-010", own[name], granted.get(name), pointer=at, why=why)


async def _granted(ctx: Context, user: User, asked: Mapping[str, int] | None) -> dict[str, Any]:
    """The timers that a session is granted, which is closed again."""
    session = ctx.session(user)
    data = session.open_data(timers=asked)
    answer = await (await session.send(OPEN, data)).answer()
    if not opened(ctx, "CTRL-010", answer, f"an open with timers {asked}") or answer is None:
        raise Prerequisite("a session could not be opened")
    await session.close()
    granted: Any = answer.data.get("timers")
    ctx.require(isinstance(granted, dict), "session.opened tells no timers")
    return granted


def _in_bounds(ctx: Context, answer: Answer, asked: Mapping[str, int]) -> None:
    granted: Any = answer.data.get("timers")
    ctx.require(isinstance(granted, dict), "session.opened tells no timers")
    beat: Any = granted.get("heartbeat_ms")
    for name, value in asked.items():
        own = ctx.declared.timers.get(name, value)
        # Below the least that it must grant, where a server's own lowest is is its own affair.
        low = max(min(value, own), LOWEST[name])
        high = max(value, LEAST[name])
        if name == "resume_window_ms" and isinstance(beat, int):
            low, high = max(low, 2 * beat), max(high, 2 * beat)
        seen: Any = granted.get(name)
        ctx.check(
            "CTRL-010",
            isinstance(seen, int) and low <= seen <= high,
            expected=f"{name} {low}" if low == high else f"{name} from {low} to {high}",
            seen=seen,
            on=answer,
            pointer=f"/data/timers/{name}",
            why=f"an open with timers {dict(asked)}; the server's own are {dict(ctx.declared.timers)}",
        )


# -- close -----------------------------------------------------------------------------------------------


async def _closed(ctx: Context, session: Session) -> Answer | None:
    """Observe that a close is answered; None where it is not."""
    answer = await (await session.send(CLOSE)).answer()
    if not answered(ctx, "CTRL-011", answer, "session.closed"):
        return None
    session.leave_open = True
    return answer


async def _refused(ctx: Context, session: Session, why: str) -> None:
    """Observe that every request for a closed session gets 4101, and every action on any subject."""
    requests: tuple[tuple[str, dict[str, Any]], ...] = (
        (PING, {}),
        (SYNC, {}),
        (RESUME, NOWHERE),
        (CLOSE, {}),
        (OPEN, session.open_data(kinds=session.kinds)),
    )
    for type_, data in requests:
        answer = await (await session.send(type_, data)).answer()
        ctx.refused("CTRL-012", answer, 4101, why=f"{type_} {why}")
    for body, subject in (
        (session.action_body(NOOP, client_seq=1), session.actions_subject),
        (chat_body(session, "late", client_seq=1), CHAT_SUBJECT),
        (edit_body(session, "late", client_seq=1), EDIT_SUBJECT),
    ):
        answer = await inbox_answer(session, body, subject=subject)
        ctx.refused("CTRL-012", answer, 4101, why=f"{body['type']} on {subject} {why}")


async def _brief(ctx: Context, other: Session, beats: int) -> None:
    """Observe that a session with a short window is known as closed until that is nearly over."""
    if beats and await beaten(ctx, other, beats, ctx.log.mark()) is None:
        return
    brief = await ctx.open(other.user, timers=SHORT)
    brief.leave_open, closed = True, await brief.close()
    if closed.type != "session.closed":
        return
    window = brief.timers.get("resume_window_ms", 0)
    while (passed := (ctx.log.records[-1].t_ns - closed.record.t_ns) // MS) < window * 2 // 3:
        if await beaten(ctx, other, 1, ctx.log.mark()) is None:
            return
        # Where all windows are short it would be over itself.
        await other.fence()
    answer = await (await brief.send(PING)).answer()
    # The request went out right before the answer came: with a slow target it was in time all the same.
    # On a busy machine a server reads it as late as the kit is, or later.
    if passed + ctx.late_ms < window - ROUNDING_MS:
        why = f"a ping {passed} ms after session.close, with a window of {window} ms"
        ctx.refused("CTRL-012", answer, 4101, why=why)


@case("CTRL-011", "CTRL-012", slow=True)
async def closed_session_is_over(ctx: Context) -> None:
    """After a close, requests get 4101, at once and later, and neither heartbeats nor states come."""
    user = ctx.user()
    session, other = await ctx.open(user, timers=BEATS), await ctx.open(user, timers=BEATS)
    closed = await _closed(ctx, session)
    if closed is None:
        return
    await other.fence()
    mark = ctx.log.mark()
    await _refused(ctx, session, "right after session.close")
    await beaten(ctx, other, BEATEN, mark)
    # Where all that is due is forgotten once a second, they end at different times of it.
    await asyncio.gather(*(_brief(ctx, other, beats) for beats in (0, 2)))
    await other.sync()
    silent(ctx, "CTRL-011", session, "a closed session, while another one got heartbeats", mark)
    passed = (ctx.log.records[-1].t_ns - closed.record.t_ns) // MS
    if passed + ctx.late_ms < session.timers.get("resume_window_ms", 0) // 2:
        await _refused(ctx, session, f"{passed} ms after session.close")


@case("CTRL-011", needs=CHANGES, slow=True)
async def held_back_states_end_with_the_session(ctx: Context) -> None:
    """A state that was held back for a session, and changes after its close, do not come any more."""
    user, kind = ctx.user(), one_kind(ctx)
    acting = await open_any(ctx, user, kind, events=True)
    held = {"coalesce_ms": 1_000}
    session = await open_any(ctx, user, kind, timers=held)
    other = await open_any(ctx, user, kind, timers={**held, **BEATS})
    await change(ctx, acting, kind)
    if await _closed(ctx, session) is None:
        return
    await acting.fence()
    mark = ctx.log.mark()
    last = await change(ctx, acting, kind)

    def told() -> bool | None:
        # Whatever was held back for the closed session had to come before this.
        return last.shows(other.slice(last.kind)) or None

    bound = ctx.within(other.timers.get("coalesce_ms", 1_000))
    ctx.require(await other.wait(told, bound) is not None, "a state was held back for too long")
    # A timer of the closed session itself would have rung by now.
    count = 1 + session.timers.get("coalesce_ms", 0) // BEATS["heartbeat_ms"]
    ctx.require(
        await beaten(ctx, other, count, mark) is not None, "a session got too few heartbeats"
    )
    await ctx.fences(acting, other)
    silent(
        ctx, "CTRL-011", session, "a closed session, after changes before and behind its end", mark
    )
