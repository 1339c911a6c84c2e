"""STATE, CHAT: more users in the room than a list of them shows, and more who type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import NoRoom, NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.chat import (
    AT_ONCE,
    KIND,
    LONG_MS,
    carrier,
    end,
    open_both,
    open_chat,
    present,
    takes_chat,
    type_,
    typists,
    view,
)
from omnisession_conformance.roles.server.steps.lists import ever_shown, was_full
from omnisession_conformance.roles.server.steps.timers import MS
from omnisession_conformance.suite.server.limits.long_lists import CUT, FEW, FULL, may_show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

SOME = 24
"""Of longer lists so many users are in the room: a few more than the floor of the limit."""


async def _crowd(ctx: Context) -> tuple[list[Session], int]:
    """A session of each of so many users that one is not shown, and how many there are then."""
    limit = ctx.declared.limit("participants")
    count = limit + 1 if limit < FEW else SOME
    users = [ctx.user() for _ in range(count)]
    scout = await open_chat(ctx, users[0], events=True)
    # Users of the case before may be shown for a while after they have left (CHAT-011).
    await scout.wait(lambda: present(scout) == [scout.user.id] or None, ctx.within(BOUND_MS))
    # The first session has events and the second not; the others cost the least that one may.
    return [await open_chat(ctx, user, events=at == 0) for at, user in enumerate(users)], limit


@case(CUT, needs=(KIND, "fixture:mint"), phase=Phase.LOUD, limit_ms=60_000)
async def long_lists_of_participants_are_cut(ctx: Context) -> None:
    """Of one user more than the limit those of the lowest ids are shown; the end of a session takes one."""
    sessions, limit = await _crowd(ctx)
    ids = sorted(session.user.id for session in sessions)
    late = await open_chat(ctx, sessions[0].user)
    watching = (*sessions[:2], late)
    before = [await _shown(ctx, session, ids, limit) for session in watching]
    first = min(sessions[2:], key=lambda session: session.user.id)
    await end(ctx, first)
    for session, old in zip(watching, before, strict=True):
        await session.fence()
        seen, on = present(session), session.stream[-1:]
        why = f"after a user of a full room has left, {carrier(session)}"
        lost = [id_ for id_ in may_show(old, seen, limit, [first.user.id]) if id_ not in seen]
        _alone_or_stop(session, ids)
        ctx.equal(CUT, [], lost[:3], on=on, why=f"participants that are missing, {why}")


async def _shown(ctx: Context, session: Session, ids: Sequence[str], limit: int) -> list[str]:
    """Observe the length of the list of participants, and that it has lost nothing but its end."""
    wanted = ids[:limit]

    def complete() -> bool | None:
        return set(wanted) <= set(present(session)) or None

    # Who comes is shown to others within 2 s, which a ping does not shorten (CHAT-011).
    await session.wait(complete, ctx.within(BOUND_MS))
    await session.fence()
    seen, on = present(session), session.stream[-1:]
    _alone_or_stop(session, ids)
    why = f"{len(ids)} users are in the room, with the limit {limit}, {carrier(session)}"
    good = len(wanted) <= len(seen) <= limit
    expected = f"{len(wanted)} to {limit} participants"
    ctx.check(CUT, good, expected=expected, seen=len(seen), on=on, why=why)
    lost = [id_ for id_ in wanted if id_ not in seen]
    ctx.equal(CUT, [], lost[:3], on=on, why=f"participants that are missing: {why}")
    return seen


def _alone_or_stop(session: Session, ids: Sequence[str]) -> None:
    """Stop where others have been in a full room: a list that they were in need not be filled up again."""
    strangers = ever_shown(session, KIND, "participants") - set(ids)
    if strangers and was_full(session, KIND, "participants"):
        raise NoRoom("other users were in the room, and the list of participants was at its limit")


@case(
    *(CUT, "CHAT-008"),
    needs=(*takes_chat("typing"), "fixture:mint"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def a_crowd_types(ctx: Context) -> None:
    """As many users type as may, and one more, which ends no other's typing and is not shown."""
    sessions, limit = await _crowd(ctx)
    # These were there before anybody of the case typed, and are told of each who does.
    watching = await open_both(ctx, ctx.user(), timers=AT_ONCE)
    since = ctx.log.records[-1].t_ns
    for session in sessions:
        await type_(session, ttl_ms=LONG_MS)
    ids = [session.user.id for session in sessions]
    wanted = ids[:limit]
    for session in (*watching, await open_chat(ctx, watching[0].user, events=True)):
        seen = typists(await view(session))
        lasted = (ctx.log.records[-1].t_ns - since) // MS
        ctx.in_time(lasted < LONG_MS, f"the kit itself took {lasted} ms to look who types")
        on = session.stream[-1:]
        why = f"while {len(sessions)} users type, with the limit {limit}, {carrier(session)}"
        expected, good = f"at most {limit} users who type", len(seen) <= limit
        ctx.check(CUT, good, expected=expected, seen=len(seen), on=on, why=why)
        lost = [id_ for id_ in wanted if id_ not in seen]
        if lost and any(_typed(one) - set(ids) for one in (*watching, session)):
            raise NoRoom("others typed meanwhile and may have left no room for the last ones")
        ctx.equal("CHAT-008", [], lost[:3], on=on, why=f"users who are not shown {why}")


@case(
    FULL,
    needs=(*takes_chat("typing"), "fixture:mint"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def typing_without_room_is_acked(ctx: Context) -> None:
    """Where as many users type as may the typing of one more is not refused."""
    limit = ctx.declared.limit("participants")
    if limit >= FEW:
        raise NotOffered(f"a limit of {limit} participants is not reached, so all may type")
    sessions, _ = await _crowd(ctx)
    for session in sessions[:limit]:
        await type_(session, ttl_ms=LONG_MS)
    answer = await sessions[-1].act("chat.typing", {"active": True, "ttl_ms": LONG_MS})
    if answer.acked or answer.error.get("retryable") is False:
        ctx.acked(FULL, answer, why=f"{limit} other users type, which is the limit")
    ctx.require(answer.acked, f"typing was refused for now: {answer}")


def _typed(session: Session) -> frozenset[str]:
    return ever_shown(session, KIND, "typing_indicators")
