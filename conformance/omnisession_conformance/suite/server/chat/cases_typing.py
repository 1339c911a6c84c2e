"""CHAT: who types, as other users are told, and when that ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.roles.server.steps.chat import (
    AT_ONCE,
    KIND,
    LONG_MS,
    TYPES,
    carrier,
    comes,
    end,
    is_over,
    open_both,
    open_chat,
    open_elsewhere,
    type_,
    typing,
    typists,
    view,
    where,
)
from omnisession_conformance.roles.server.steps.control import OPEN
from omnisession_conformance.roles.server.steps.timers import MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

LEAST_MS, LAST_MS, STOP = 200, 450, "stop"
"""The shortest time that typing lasts."""
STILL = (
    "typing begun anew without a time, typing of whom one of two chat sessions was closed, and of who "
    "left the chat while it typed, and came again"
)
ROUNDING_MS = 20
"""How much sooner than asked a server's timer may be seen to ring."""


# -- typing ----------------------------------------------------------------------------------------


@case("CHAT-008", needs=TYPES)
async def others_see_who_types(ctx: Context) -> None:
    """Two users type, the last by id first and twice: others see both, each sees the other alone."""
    first, last = sorted((ctx.user(), ctx.user()), key=lambda user: user.id)
    watching = await open_both(ctx, ctx.user())
    own = {user.id: await open_both(ctx, user) for user in (last, first)}
    since = ctx.log.records[-1].t_ns
    await type_(own[last.id][0], ttl_ms=LONG_MS)
    await type_(own[last.id][1], ttl_ms=LONG_MS)
    # Typing belongs to the user: the session that says it need not show the chat.
    for acting in await open_elsewhere(ctx, first) or [own[first.id][1]]:
        await type_(acting)
    watching.append(await open_chat(ctx, watching[0].user))
    for user in (first, last):
        own[user.id].append(await open_chat(ctx, user, events=True))
    ids = [first.id, last.id]
    for sessions, wanted in (
        (watching, ids),
        (own[first.id], [last.id]),
        (own[last.id], [first.id]),
    ):
        for session in sessions:
            await _types(ctx, "CHAT-008", session, ids, wanted, "while two users type", since)


async def _types(
    ctx: Context,
    requirement: str,
    session: Session,
    users: Sequence[str],
    wanted: Sequence[str],
    why: str,
    since_ns: int | None = None,
) -> None:
    """Observe which of some users a session shows as typing, at a fence that is made now.

    `since_ns` is when the first of them began: in the longest time all of it must be looked at.
    """
    told = [user for user in typists(await view(session)) if user in users]
    if since_ns is not None:
        lasted = (ctx.log.records[-1].t_ns - since_ns) // MS
        ctx.in_time(lasted < LONG_MS, f"the kit itself took {lasted} ms to look who types")
    on = session.stream[-1:]
    ctx.equal(requirement, list(wanted), told, on=on, why=f"{why}, {carrier(session)}")


@case("CHAT-008", "CHAT-010", needs=TYPES)
async def typing_ends_when_it_is_said(ctx: Context) -> None:
    """Typing ends with `active` false, from whichever session, and can begin again."""
    user, other = ctx.user(), ctx.user()
    own, watching = await open_both(ctx, user), await open_both(ctx, other)
    sessions = [*own, *await open_elsewhere(ctx, user)]
    for starting, ending in ((own[0], own[0]), (own[1], own[0]), (own[0], sessions[-1])):
        since = ctx.log.records[-1].t_ns
        for active, acting in ((True, starting), (False, ending)):
            for _ in range(2):
                await type_(acting, active=active, ttl_ms=LONG_MS if active else None)
            for session in watching:
                wanted = [user.id] if active else []
                requirement = "CHAT-008" if active else "CHAT-010"
                why = f"after active {str(active).lower()}, {where(acting, starting)}"
                await _types(
                    ctx, requirement, session, [user.id], wanted, why, since if active else None
                )
    late = await open_chat(ctx, other)
    await _types(ctx, "CHAT-010", late, [user.id], [], "after all ended, opened later")


@case("CHAT-010", needs=TYPES)
async def typing_ends_with_the_last_session(ctx: Context) -> None:
    """Typing outlives the session that began it, and ends with the last one of the kind chat."""
    user = ctx.user()
    watching = await open_both(ctx, ctx.user(), timers=AT_ONCE)
    for events in (False, True):
        typist, sibling = await open_chat(ctx, user, events=events), await open_chat(ctx, user)
        elsewhere = await open_elsewhere(ctx, user)
        since = ctx.log.records[-1].t_ns
        await type_(typist, ttl_ms=LONG_MS)
        await end(ctx, typist)
        for session in watching:
            why = "after the first of two sessions closed"
            await _types(ctx, "CHAT-010", session, [user.id], [user.id], why, since)
        await end(ctx, sibling)
        for session in watching:
            await is_over(ctx, "CHAT-010", session, user, BOUND_MS, "the last session closed")
        for session in elsewhere:
            await end(ctx, session)


# -- by itself -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Typist:
    """A user whose typing ends by itself: since when, in ns, and how long it lasts at least."""

    user: User
    what: str
    since_ns: int
    ttl_ms: int


@case("CHAT-008", "CHAT-009", "CHAT-012", needs=TYPES, slow=True, limit_ms=25_000)
async def typing_ends_by_itself(ctx: Context) -> None:
    """Typing lasts as long as it was asked last, and its end is told to all others without a request."""
    watching = await open_both(ctx, ctx.user(), timers=AT_ONCE)
    typists = [
        await _typist(ctx, "asked for 300 ms", 300),
        await _typist(ctx, "asked for 0 ms, the least is 200", 0),
        await _typist(ctx, "asked for 200 ms, then for 450 in another session", 200, 450),
        await _typist(ctx, "asked for no time, then for 200 ms", None, 200),
    ]
    # All of them have to be looked at before the longest time is over: not sooner than needed, and
    # sooner than one of the others, whose end tells that the least time of these has passed.
    since, lasting = ctx.log.records[-1].t_ns, await _lasting(ctx)
    what = f"asked for 200 ms, said to end, then asked for {LAST_MS}"
    typists.append(await _typist(ctx, what, 200, STOP, LAST_MS))
    for session in watching:
        await session.fence()
    # What is renewed in another session stands before what would outlast its bound for the same reason.
    for typist in (typists[-1], *typists[:-1]):
        for session in watching:
            if not await _ends_in_time(ctx, session, typist):
                return
        if typist is typists[-1]:
            for session in watching:
                await _types(ctx, "CHAT-012", session, lasting, lasting, STILL, since)
    for session in watching:
        await session.sync([KIND])
    ids = [typist.user.id for typist in typists]
    own = [s for s in ctx.sessions if s.user.id in ids and KIND in s.kinds and s.opened]
    await ctx.fences(*own)
    for session in own:
        told = [r for r in session.events() if r.payload.get("user_id") == session.user.id]
        told = [r for r in told if r.type == "chat.typing_changed"]
        seen = f"{len(told)} events"
        why = f"what a user is told of its own typing, {carrier(session)}"
        ctx.check("CHAT-008", not told, expected="0 events", seen=seen, on=told, why=why)
    for session in (*watching, await open_chat(ctx, watching[0].user)):
        await _types(ctx, "CHAT-009", session, ids, [], "after their time, when asked")


@case("CHAT-009", "CHAT-012", needs=TYPES, slow=True, limit_ms=15_000)
async def opens_again_prolong_no_typing(ctx: Context) -> None:
    """Typing of a user whose session is opened again ends when its time is over."""
    watching = await open_chat(ctx, ctx.user(), events=True, timers=AT_ONCE)
    what = "asked for 400 ms, and its session was opened again"
    await _ends_in_time(ctx, watching, await _typist(ctx, what, 400, again=True))


@case("CHAT-009", "CHAT-012", needs=TYPES, slow=True, limit_ms=15_000)
async def copies_prolong_no_typing(ctx: Context) -> None:
    """Copies of a `chat.typing` are none further: its time goes on as if they had not come."""
    watching = await open_chat(ctx, ctx.user(), events=True, timers=AT_ONCE)
    user, ttl_ms = ctx.user(), LEAST_MS
    session = await open_chat(ctx, user)
    since_ns = (await session.ask("session.ping")).record.t_ns
    body = session.action_body("chat.typing", {"active": True, "ttl_ms": ttl_ms})
    answer = await session.needed_outcome_of(body)
    ctx.require(answer.acked, f"chat.typing was not acked: {answer}")
    told = await comes(watching, lambda s: user.id in typing(s), ctx.within(BOUND_MS))
    ctx.require(told is not None or _last_end(watching, user) is not None, "nobody was told of it")
    what, bound = "copies of it that come all the time", ttl_ms + BOUND_MS
    # What is renewed by a copy goes on for as long as these come: for longer than the end may take.
    while _passed(ctx, since_ns) <= bound + round(ctx.margin_s * 1_000):
        if _last_end(watching, user) is not None:
            break
        await session.send_action(body)
        await comes(watching, lambda s: user.id not in typing(s), ttl_ms / 2_000)
        await session.fence()
    typist = Typist(user, f"asked for {ttl_ms} ms, with {what}", since_ns, ttl_ms)
    await _ends_in_time(ctx, watching, typist)


def _passed(ctx: Context, since_ns: int) -> int:
    """The milliseconds since a moment, up to the last message that was seen."""
    return (ctx.log.records[-1].t_ns - since_ns) // MS


async def _lasting(ctx: Context) -> list[str]:
    """Let users type for the longest time, who once asked for less, lost a session, or had left."""
    anew, stays, returns = ctx.user(), ctx.user(), ctx.user()
    typist = await open_chat(ctx, anew)
    for ttl_ms in (LEAST_MS, None):
        await type_(typist, ttl_ms=ttl_ms)
    first, second = await open_chat(ctx, stays), await open_chat(ctx, stays)
    answer = await first.act("chat.typing", {"active": True, "ttl_ms": 2**53 - 1})
    ctx.acked("CHAT-012", answer, why="a ttl_ms beyond 32 bits, which is cut")
    await end(ctx, second)
    leaving = await open_chat(ctx, returns)
    # Long enough to come again before it would be over, which is before the last of the others ends.
    await type_(leaving, ttl_ms=LAST_MS)
    await end(ctx, leaving)
    await type_(await open_chat(ctx, returns))
    return sorted((anew.id, stays.id, returns.id))


async def _typist(ctx: Context, what: str, *times: int | str | None, again: bool = False) -> Typist:
    """Let a new user type for some times, one after the other; STOP is a word that it ended.

    With `again` its session is opened again behind them.
    """
    user, since, last = ctx.user(), 0, LONG_MS
    sessions = [await open_chat(ctx, user, events=True)]
    sessions += (await open_elsewhere(ctx, user)) if len(times) > 1 else []
    for number, ttl_ms in enumerate(times):
        session = sessions[number % len(sessions)]
        # What is acked here was accepted after this answer had been seen.
        last = ttl_ms if isinstance(ttl_ms, int) else LONG_MS
        since = (await session.ask("session.ping")).record.t_ns
        stops = isinstance(ttl_ms, str)
        await type_(session, active=not stops, ttl_ms=None if stops else ttl_ms)
    if again:
        opened = await sessions[0].ask(OPEN, sessions[0].open_data(kinds=[KIND]))
        ctx.require(opened.type == "session.opened", f"an open again got {opened}")
    return Typist(user, what, since, max(LEAST_MS, last))


async def _ends_in_time(ctx: Context, session: Session, typist: Typist) -> bool:
    """Observe when a session was told of the end of typing; False where it was not."""
    user, bound = typist.user, typist.ttl_ms + BOUND_MS
    what = f"{typist.what}, {carrier(session)}"
    if not await is_over(ctx, "CHAT-009", session, user, bound, f"typing {what}"):
        return False
    end_ns = _last_end(session, user)
    if end_ns is None:
        expected = f"{user.id} to type for at least {typist.ttl_ms} ms"
        on = session.stream[-1:]
        return ctx.check(
            "CHAT-012", good=False, expected=expected, seen="not told", on=on, why=what
        )
    lasted, on = (end_ns - typist.since_ns) // MS, session.stream[-1:]
    ctx.check(
        "CHAT-012",
        lasted >= typist.ttl_ms - ROUNDING_MS,
        expected=f"{user.id} to type for at least {typist.ttl_ms} ms",
        seen=f"its end after {lasted} ms",
        on=on,
        why=what,
    )
    most = bound + round(ctx.margin_s * 1_000)
    return ctx.check(
        "CHAT-009",
        lasted <= most,
        expected=f"its end within {bound} ms, {most} with delays",
        seen=f"its end after {lasted} ms",
        on=on,
        why=what,
    )


def _last_end(session: Session, user: User) -> int | None:
    """When a session was told last that a user types no more, in ns; None where it never did."""
    folder, before = Folder(session.limits), False
    last: int | None = None
    for record in session.stream:
        if folder.take(record.body) == KIND:
            now = user.id in typists(folder.slices[KIND])
            last = record.t_ns if before and not now else last
            before = now
    return last
