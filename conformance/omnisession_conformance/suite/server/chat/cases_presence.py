"""CHAT: who is in the room, as everybody there is told, and that silence ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.roles.server.steps.articles import unique
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
    present,
    quiet_or_stop,
    type_,
    typing,
    view,
)
from omnisession_conformance.roles.server.steps.control import OPEN
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.roles.server.steps.timers import SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

PRESENT = "participants"
NAMES = ("id", "username")
MANY = 26
"""More users than stand on a page of 20 or 25."""
RARELY = {"coalesce_ms": 1_000}
RENAME = "user.update"


# -- participants ------------------------------------------------------------------------------------


@case("CHAT-011", needs=(KIND,))
async def participants_are_those_who_are_there(ctx: Context) -> None:
    """A user is in the room from its first chat session to its last, once, and with no other kind."""
    user, absent = ctx.user(), ctx.user()
    watching = await open_both(ctx, ctx.user(), timers=AT_ONCE)
    outside = await open_elsewhere(ctx, absent)
    for events in (True, False):
        elsewhere = await open_elsewhere(ctx, user)
        await _stays(ctx, watching, user, there=False, why="before its first session")
        first = await open_chat(ctx, user, events=events)
        for session in (first, *watching):
            await _comes(ctx, session, user, there=True, after="its first session opened")
        second = await open_chat(ctx, user, events=not events)
        await first.open(kinds=[KIND])
        await _stays(ctx, [*watching, first, second], user, there=True, why="with two sessions")
        await end(ctx, first)
        await _stays(
            ctx, [*watching, second], user, there=True, why="after the first of two closed"
        )
        for session in outside if RENAME in ctx.declared.actions else ():
            # The new name of a participant is told as a participant; a user that is lent keeps its own.
            if session.mints:
                await session.act(RENAME, {"changes": {"username": unique(ctx, "name")}})
        await _stays(ctx, watching, absent, there=False, why="with a session of another kind")
        await end(ctx, second)
        for session in watching:
            await _comes(ctx, session, user, there=False, after="its last session closed")
        for session in watching:
            await session.sync([KIND])
        late = await open_chat(ctx, watching[0].user)
        why = "after its last session closed"
        await _stays(ctx, [*watching, late], user, there=False, why=why)
        for session in (late, *elsewhere):
            await end(ctx, session)


def _shown(session: Session, user: User) -> list[Any]:
    return [id_ for id_ in present(session) if id_ == user.id]


async def _stays(
    ctx: Context, sessions: Sequence[Session], user: User, *, there: bool, why: str
) -> None:
    """Observe whether a user is in the room, once, at fences that are made now."""
    for session in sessions:
        told = entries(await view(session), PRESENT)
        seen, on = [u for u in told if u.get("id") == user.id], session.stream[-1:]
        if there and not seen:
            quiet_or_stop(session)
        ids = [u.get("id") for u in seen]
        ctx.equal("CHAT-011", [user.id] * there, ids, on=on, why=f"{why}, {carrier(session)}")
        names = [id_ for id_ in present(session) if isinstance(id_, str)]
        ctx.equal("CHAT-011", sorted(set(names)), names, on=on, why="each once, ordered by id")
        known = [n for u in seen for n in NAMES if n not in u]
        ctx.equal("CHAT-011", [], known, on=on, why="members that a participant lacks")


async def _comes(ctx: Context, session: Session, user: User, *, there: bool, after: str) -> None:
    """Observe that a session is told, unasked, that a user is in the room, or is not any more."""
    wanted = [user.id] * there
    within_s = ctx.within(BOUND_MS)
    record = await comes(session, lambda s: _shown(s, user) == wanted, within_s)
    expected = f"{user.id} {'once' if there else 'no more'} in participants within {BOUND_MS} ms"
    on, why = session.stream[-1:], f"after {after}, {carrier(session)}"
    if record is not None:
        ctx.check("CHAT-011", good=True, expected=expected, seen=wanted, on=record, why=why)
    elif seen := _shown(session, user):
        ctx.check("CHAT-011", good=False, expected=expected, seen=seen, on=on, why=why)
    else:
        quiet_or_stop(session)
        ctx.absent("CHAT-011", expected=expected, waited_s=within_s, on=on, why=why)


def ids_of(slice_: dict[str, Any]) -> set[Any]:
    """The ids of the participants of a slice."""
    return {user.get("id") for user in entries(slice_, PRESENT)}


# Others would have no room; and behind cases that fill the chat each state of it would be a long one.
@case("STATE-013", needs=(KIND, "fixture:mint"), alone=True)
async def everybody_is_listed(ctx: Context) -> None:
    """A session that opens while many users are there is shown all of them, as far as the limit goes."""
    # Without events each that comes may be a state of the whole room, to each that is there.
    features = [name for name in ("events",) if name in ctx.declared.features]
    watching = await open_chat(ctx, ctx.user(), timers=RARELY)
    there = [ctx.session(ctx.user()) for _ in range(MANY)]
    opens = [
        (s, await s.send(OPEN, s.open_data(kinds=[KIND], features=features, timers=RARELY)))
        for s in there
    ]
    for session, pending in opens:
        session.opened = await pending.must()
        session.opened.position_or_stop("session.opened")
    wanted = {session.user.id for session in there}
    await meet(ctx, watching, *there)
    known = ids_of(await view(watching))
    late = await open_chat(ctx, watching.user)
    seen = ids_of(await view(late))
    room = bound_of(KIND, PRESENT, late.limits) or MANY
    missing = sorted(wanted - seen) if len(seen) < room else []
    why = f"users who are there, and whom a session that was opened now lacks, of {len(wanted)}"
    ctx.equal("STATE-013", [], missing, on=late.stream[-1:], why=why)
    if len(seen) < room:
        why = "those of them whom a session shows that saw them come"
        ctx.equal("STATE-013", len(wanted), len(wanted & known), on=watching.stream[-1:], why=why)


@case("CHAT-010", "CHAT-011", needs=TYPES, slow=True, limit_ms=20_000)
async def silence_ends_typing_and_presence(ctx: Context) -> None:
    """A user whose only chat session expires types no more, and is not in the room any more."""
    user = ctx.user()
    watching = await open_both(ctx, ctx.user(), timers=AT_ONCE)
    mute = await open_chat(ctx, user, timers=SHORT)
    window = mute.timers.get("resume_window_ms", 0)
    ctx.require(0 < window <= SHORT["resume_window_ms"], "a short window was not granted")
    await type_(mute, ttl_ms=LONG_MS)
    mute.leave_open = True
    for session in watching:
        told = await comes(session, lambda s: user.id in typing(s), ctx.within(BOUND_MS))
        if told is None:
            quiet_or_stop(session)
    # A silent session may live some time longer, and what its end brings may come some time after.
    # It may expire late, and its end may be told late.
    bound = window + 2 * BOUND_MS
    for session in watching:
        await is_over(ctx, "CHAT-010", session, user, bound, "its only session expired")
        within_s = ctx.within(bound)
        record = await comes(session, lambda s: not _shown(s, user), within_s)
        expected = f"{user.id} no more in participants within {bound} ms"
        why = f"after its only session expired, {carrier(session)}"
        if record is None:
            on = session.stream[-1:]
            ctx.absent("CHAT-011", expected=expected, waited_s=within_s, on=on, why=why)
        else:
            ctx.check("CHAT-011", good=True, expected=expected, seen="it came", on=record, why=why)
