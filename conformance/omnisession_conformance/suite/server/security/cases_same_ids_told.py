"""SEC, EVENT, USER: what is told in a session whose id another user's session has as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.kinds.abilities import SHARE
from omnisession_conformance.roles.server.steps import users
from omnisession_conformance.roles.server.steps.any_kind import SHARES, one_kind, share
from omnisession_conformance.roles.server.steps.sending import entries

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

EVENTS = ("events",)


@case("EVENT-005", needs=("events", *SHARES))
async def causes_are_not_told_to_sessions_of_one_id(ctx: Context) -> None:
    """A session of another user that has the id of the acting one is told of no cause."""
    kind = one_kind(ctx, SHARE)
    mine = await ctx.open(ctx.user(), kinds=[kind.name], features=EVENTS)
    theirs = await ctx.open(ctx.user(), kinds=[kind.name], features=EVENTS, session_id=mine.id)
    await share(ctx, mine, kind)
    await theirs.fence()
    told = [r for r in theirs.events() if (r.body or {}).get("actor") == mine.user.id]
    ctx.require(bool(told), "what another user did is told by no event")
    for record in told:
        seen = (record.body or {}).get("cause", "(missing)")
        why = "an event of another user's action, in a session with the id of the acting one"
        ctx.equal("EVENT-005", None, seen, on=record, pointer="/cause", why=why)


@case("SEC-008", needs=(users.KIND,))
async def ends_of_sessions_of_one_id_are_told_to_their_user(ctx: Context) -> None:
    """Where a session ends, a session of another user with its id is listed by that one as before."""
    one, other = ctx.user(), ctx.user()
    watching = {user.id: await ctx.open(user, kinds=[users.KIND]) for user in (one, other)}
    mine = await ctx.open(one, kinds=[users.KIND])
    theirs = await ctx.open(other, kinds=[users.KIND], session_id=mine.id)
    bound_s = ctx.within(BOUND_MS)

    def listed() -> bool | None:
        return all(mine.id in _ids(session) for session in watching.values()) or None

    def gone() -> bool | None:
        return mine.id not in _ids(watching[one.id]) or None

    ctx.require(bool(await watching[other.id].wait(listed, bound_s)), "sessions are not listed")
    await mine.close()
    mine.leave_open = True
    ctx.require(
        bool(await watching[one.id].wait(gone, bound_s)), "a session that ended stays listed"
    )
    for session in (theirs, watching[other.id]):
        await session.fence()
        ids = _ids(session)
        expected = "the live session among those of its user"
        seen = "it" if mine.id in ids else f"{len(ids)} others"
        why = "after a session of another user with its id was closed"
        on = session.stream[-1:]
        ctx.check("SEC-008", mine.id in ids, expected=expected, seen=seen, on=on, why=why)


def _ids(session: Session) -> list[object]:
    """The ids of the sessions that a session was told of so far."""
    return [entry.get("session_id") for entry in entries(session.slice(users.KIND), "sessions")]
