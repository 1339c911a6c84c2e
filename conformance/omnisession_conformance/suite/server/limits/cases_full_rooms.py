"""STATE, CHAT: more users in the room than a list of them shows, and more who type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.steps.chat import (
    KIND,
    LONG_MS,
    carrier,
    end,
    open_both,
    open_chat,
    present,
    takes_chat,
    typists,
    view,
)
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
    # The first session has events and the second not; the others cost the least that one may.
    return [await open_chat(ctx, user, events=at != 1) for at, user in enumerate(users)], limit


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
        ctx.equal(CUT, [], lost[:3], on=on, why=f"participants that are missing, {why}")


async def _shown(ctx: Context, session: Session, ids: Sequence[str], limit: int) -> list[str]:
    """Observe the length of the list of participants, and that it has lost nothing but its end."""
    await session.fence()
    seen, on = present(session), session.stream[-1:]
    why = f"{len(ids)} users are in the room, with the limit {limit}, {carrier(session)}"
    good = min(len(ids), limit) <= len(seen) <= limit
    expected = f"{min(len(ids), limit)} to {limit} participants"
    ctx.check(CUT, good, expected=expected, seen=len(seen), on=on, why=why)
    strangers = len([id_ for id_ in seen if id_ not in ids])
    lost = [id_ for id_ in ids[: max(0, limit - strangers)] if id_ not in seen]
    ctx.equal(CUT, [], lost[:3], on=on, why=f"participants that are missing: {why}")
    return seen


@case(
    *(CUT, FULL, "CHAT-008"),
    needs=(*takes_chat("typing"), "fixture:mint"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def a_crowd_types(ctx: Context) -> None:
    """As many users type as may, and one more: no action is refused, and none ends another's typing."""
    sessions, limit = await _crowd(ctx)
    watching = await open_both(ctx, ctx.user())
    since = ctx.log.records[-1].t_ns
    for at, session in enumerate(sessions):
        answer = await session.act("chat.typing", {"active": True, "ttl_ms": LONG_MS})
        ctx.acked(FULL, answer, why=f"{at} other users type, with the limit {limit}")
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
        strangers = len([id_ for id_ in seen if id_ not in ids])
        # Others who type may have left no room for the last ones.
        lost = [] if strangers else [id_ for id_ in wanted if id_ not in seen]
        ctx.equal("CHAT-008", [], lost[:3], on=on, why=f"users who are not shown {why}")
