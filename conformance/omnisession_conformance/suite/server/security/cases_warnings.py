"""SECU: how a session is warned before it ends with its credential."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import maybe_int
from omnisession_conformance.roles.server.steps.control import PING
from omnisession_conformance.roles.server.steps.credentials import (
    HOUR_MS,
    NEEDS,
    endless_token,
    open_until,
    opened_again,
    token_ending,
    token_until,
)
from omnisession_conformance.suite.server.security.rules_warnings import (
    EXPIRING,
    LEAST_MS,
    NEAR_MS,
    Told,
    told_by,
)

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

LASTS_MS = 6_000
"""What is left at the latest warning is more than a server needs to be seen to come too late."""
LATER_MS = 9_000


@case("SECU-021", "SECU-022", needs=NEEDS, slow=True, limit_ms=20_000)
async def sessions_are_warned_of_their_end(ctx: Context) -> None:
    """A session is warned before its token ends, and no other session of its user is."""
    user = ctx.user()
    beside, _ = await _open(ctx, user, HOUR_MS)
    session, told = await _open(ctx, user, LASTS_MS)
    endless = await _endless(ctx, user)
    if await _warned(ctx, session, told, "a session whose token ends soon"):
        await _not_warned_again(ctx, session, told)
    await _not_warned(ctx, beside, "a session of the same user whose token ends later")
    await beside.close()
    if endless is not None:
        await _not_warned(ctx, endless, "a session that was told no end")


@case("SECU-021", "SECU-022", needs=NEEDS, slow=True, limit_ms=30_000)
async def renewals_are_warned_of_anew(ctx: Context) -> None:
    """Each end that a session is moved to is warned of, and none that it was moved from."""
    user = ctx.user()
    spared, first = await _open(ctx, user, LASTS_MS)
    moved = await _renew(ctx, spared, user, HOUR_MS, first)
    # It is warned later than the one before would have been.
    session, told = await _open(ctx, user, LASTS_MS)
    if not await _warned(ctx, session, told, "a session whose token ends soon"):
        return
    await _not_warned(ctx, spared, "a session that was renewed before it was warned")
    again = await _renew(ctx, session, user, LATER_MS, told)
    earlier = await _renew(ctx, spared, user, LASTS_MS, moved)
    await _warned(ctx, spared, earlier, "a session that was renewed to end earlier")
    await _warned(ctx, session, again, "a session that was renewed after it had been warned")


async def _open(ctx: Context, user: User, lasts_ms: int) -> tuple[Session, Told]:
    session, _ = await open_until(ctx, user, lasts_ms)
    told = None if session.opened is None else told_by(session.opened.record)
    if told is None:
        raise Prerequisite("session.opened has no time")
    return session, told


async def _renew(ctx: Context, session: Session, user: User, lasts_ms: int, was: Told) -> Told:
    """Move the end of a session that lives, which SECU-019 is about."""
    answer = await opened_again(session, token_until(ctx, user, lasts_ms)[0])
    told = None if answer is None else told_by(answer.record)
    if told is None or told.ends_at == was.ends_at:
        raise Prerequisite(f"a renewal got {answer}")
    return told


async def _endless(ctx: Context, user: User) -> Session | None:
    """A session of the user that was told no end, where the server takes such a token."""
    session = ctx.session(user)
    answer = await session.open(token=endless_token(ctx, user))
    if answer.type != "session.opened":
        return None
    session.opened = answer
    return session if answer.data.get("expires_at") is None else None


def _warnings(session: Session) -> list[Record]:
    return [r for r in session.pushes if r.type == EXPIRING]


async def _warned(ctx: Context, session: Session, told: Told, why: str) -> bool:
    """Observe that a session is warned of an end in time, by the server's own clock."""
    ctx.require(told.ends_at - told.at >= LEAST_MS, "there is too little time left to be warned")

    def find() -> Record | None:
        return next((r for r in _warnings(session) if r.n > told.record.n), None)

    pong = await (await session.send(PING)).answer()
    now = told.at if pong is None else pong.record.integer("timestamp") or told.at
    warning = await session.wait(find, ctx.within(max(told.latest - now, 0)))
    if warning is None:
        expected = f"{EXPIRING} at most {BOUND_MS} ms after half of the time is over"
        ctx.absent("SECU-021", expected=expected, waited_s=(told.latest - now) / 1_000, why=why)
        return False
    at = (warning.body or {}).get("timestamp", 0)
    ctx.check(
        "SECU-021",
        told.half - NEAR_MS <= at <= told.latest + NEAR_MS,
        expected=f"{EXPIRING} from {told.half} to {told.latest}, by the server's own clock",
        seen=str(at),
        on=(warning,),
        why=why,
    )
    ends_at = maybe_int(warning.payload.get("expires_at"))
    ctx.equal("SECU-022", told.ends_at, ends_at, on=(warning,), why=f"{EXPIRING} of {why}")
    return True


async def _not_warned_again(ctx: Context, session: Session, told: Told) -> None:
    """Observe that a session is warned once until it ends, also where it is told the same end again."""

    def find() -> Record | None:
        return next((r for r in session.pushes if r.type == "session.closing"), None)

    answer = await opened_again(session, token_ending(ctx, session.user, told.ends_at))
    again = None if answer is None else told_by(answer.record)
    if again is None or again.ends_at != told.ends_at:
        raise Prerequisite(f"an open again with a token of the same end got {answer}")
    await session.wait(find, ctx.within(told.ends_at - again.at + BOUND_MS))
    came = _warnings(session)
    why = "a session that was opened again with a token of the same end"
    seen = str(len(came))
    ctx.check("SECU-021", len(came) == 1, expected="one warning", seen=seen, on=came, why=why)


async def _not_warned(ctx: Context, session: Session, why: str) -> None:
    """Observe that nobody was warned in a session until now."""
    await session.fence()
    came = _warnings(session)
    ctx.check(
        "SECU-022", not came, expected=f"no {EXPIRING}", seen=str(len(came)), on=came, why=why
    )
