"""SECU: how a session that told an end ends with its credential, and how it is renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import maybe_int
from omnisession_conformance.roles.server.session import now_ms
from omnisession_conformance.roles.server.steps.control import OPEN, PING, opened
from omnisession_conformance.roles.server.steps.credentials import (
    HOUR_MS,
    NEEDS,
    open_until,
    opened_again,
    token_until,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

LASTS_MS, LONG_MS = 2_500, 10_000
NEAR_MS = 1_000
"""A server may count the seconds of a token whole."""
OVER = {"code": 4011, "reconnect": False, "after_ms": 0}
FORBIDDEN, REVOKED, ENDED = 4030, 4013, (4101, 4041)
REVOKED_MS = 5_000
"""A server learns of a revocation so soon."""


async def _ends(ctx: Context, requirement: str, session: Session, told: int, why: str) -> None:
    """Observe that a session ends when it said it would, and says so."""

    def find() -> Record | None:
        return next((r for r in session.pushes if r.type == "session.closing"), None)

    # The end is a time of the server's clock, so that its answer tells how long it is until then.
    pong = await (await session.send(PING)).answer()
    now = now_ms() if pong is None else pong.record.integer("timestamp") or now_ms()
    left_ms = max(told - now, 0) + BOUND_MS
    closing = await session.wait(find, ctx.within(left_ms))
    if closing is None:
        expected = f"session.closing within {BOUND_MS} ms of its expires_at"
        ctx.absent(requirement, expected=expected, waited_s=left_ms / 1_000, why=why)
        return
    said = {name: closing.payload.get(name) for name in OVER}
    ctx.equal(requirement, OVER, said, on=(closing,), why=f"session.closing of {why}")
    at = (closing.body or {}).get("timestamp", 0)
    ctx.check(
        requirement,
        at >= told,
        expected=f"an end at {told} or later, by the server's own clock",
        seen=str(at),
        on=(closing,),
        why=why,
    )
    ping = await (await session.send(PING)).answer()
    ctx.refused(requirement, ping, *ENDED, why=f"session.ping after the end of {why}")


@case("SECU-018", needs=NEEDS, slow=True, limit_ms=12_000)
async def sessions_end_with_theirtoken_until(ctx: Context) -> None:
    """A session ends when the token that opened it does, and its client is told why."""
    session, told = await open_until(ctx, ctx.user(), LASTS_MS)
    await _ends(ctx, "SECU-018", session, told, "a session whose token has ended")


@case("SECU-019", needs=NEEDS, slow=True, limit_ms=20_000)
async def renewals_move_the_end(ctx: Context) -> None:
    """An open again moves the end of a session to that of its token, and one with other rights does not."""
    user = ctx.user()
    session, _ = await open_until(ctx, user, LONG_MS)
    kept, first = await open_until(ctx, user, LASTS_MS)
    later, later_ms = token_until(ctx, user, HOUR_MS)
    for one in (kept, session):
        answer = await opened_again(one, later)
        at = None if answer is None else answer.record.integer("timestamp")
        over = one is kept and at is not None and at >= first
        ctx.in_time(not over, "the first token was over before the session was renewed")
        if _moved(ctx, answer, later_ms, "an open again with a token that ends later") is None:
            return
    rights = () if user.permissions else tuple(ctx.fixture.config.rights.get("editor", ()))
    if rights != tuple(user.permissions):
        why = "an open again with a token of other permissions"
        answer = await opened_again(session, token_until(ctx, user, 2 * HOUR_MS, rights)[0])
        ctx.refused("SECU-019", answer, FORBIDDEN, why=why)
        _moved(ctx, await opened_again(session, later), later_ms, f"an open again after {why}")
        # Had its end counted, this session would be over before the other one ends.
        answer = await opened_again(kept, token_until(ctx, user, LASTS_MS, rights)[0])
        ctx.refused("SECU-019", answer, FORBIDDEN, why=f"{why}, which ends soon")
    soon, soon_ms = token_until(ctx, user, LASTS_MS)
    answer = await opened_again(session, soon)
    told = _moved(ctx, answer, soon_ms, "an open again with a token that ends earlier")
    if told is None:
        return
    await _ends(ctx, "SECU-019", session, told, "a session that was renewed to end earlier")
    ping = await (await kept.send(PING)).answer()
    why = "a session that was renewed before the end of its first token"
    if ping is None:
        ctx.absent("SECU-019", expected="session.pong", why=why)
        return
    ctx.equal("SECU-019", "session.pong", ping.type, on=ping, why=why)
    await kept.close()


def _moved(ctx: Context, answer: Answer | None, end_ms: int, why: str) -> int | None:
    """Observe that a session is told another end; the one that it was told, None where it is wrong."""
    if answer is None or not opened(ctx, "SECU-019", answer, why):
        return None
    told = maybe_int(answer.data.get("expires_at"))
    good = told is not None and abs(told - end_ms) <= NEAR_MS
    ctx.check(
        "SECU-019",
        good,
        expected=f"expires_at {end_ms}, the end of the token",
        seen=str(told),
        on=answer,
        why=why,
    )
    return told if good else None


@case("SECU-020", needs=NEEDS, slow=True, limit_ms=20_000)
async def revoked_tokens_end_their_sessions(ctx: Context) -> None:
    """A revoked token opens nothing, its sessions end and are told why, and those of others go on."""
    user = ctx.user()
    first, second, third = (ctx.draws.digits() for _ in range(3))
    if not ctx.fixture.config.revoke:
        raise NotOffered("nobody tells the server of revoked tokens: there is no hook `revoke`")
    opened_by, _ = await open_until(ctx, user, HOUR_MS, first)
    shown, _ = await open_until(ctx, user, HOUR_MS, second)
    moved, _ = await open_until(ctx, user, HOUR_MS, first)
    # Each counts by the token that it was shown last.
    for session, token_id in ((shown, first), (moved, third)):
        token, end_ms = token_until(ctx, user, HOUR_MS, token_id=token_id)
        answer = await opened_again(session, token)
        at = None if answer is None else maybe_int(answer.data.get("expires_at"))
        ctx.require(at is not None and abs(at - end_ms) <= NEAR_MS, f"a renewal got {answer}")
    beside, _ = await open_until(ctx, user, HOUR_MS, second)
    stranger, _ = await open_until(ctx, ctx.user(), HOUR_MS, third)
    await ctx.fixture.revoke(user, first)
    for session, why in ((opened_by, "opened it"), (shown, "it was shown last")):
        await _is_revoked(ctx, session, f"a session, of the token that {why}")
    for session, why in (
        (moved, "a session that was shown another token since"),
        (beside, "a session of another token of the same user"),
        (stranger, "a session of another user"),
    ):
        pong = await (await session.send(PING)).answer()
        if pong is None:
            ctx.absent("SECU-020", expected="session.pong", why=f"{why}, after a revocation")
            continue
        ctx.equal("SECU-020", "session.pong", pong.type, on=pong, why=f"{why}, after a revocation")
        await session.close()
    late = ctx.session(user)
    answer = await (
        await late.send(
            OPEN, late.open_data(token=token_until(ctx, user, HOUR_MS, token_id=first)[0])
        )
    ).answer()
    ctx.refused(
        "SECU-020", answer, REVOKED, why="session.open with a token of the id that was revoked"
    )


async def _is_revoked(ctx: Context, session: Session, why: str) -> None:
    """Observe that a session ends soon, and says that its token was revoked."""

    def find() -> Record | None:
        return next((r for r in session.pushes if r.type == "session.closing"), None)

    closing = await session.wait(find, ctx.within(REVOKED_MS))
    if closing is None:
        expected = f"session.closing within {REVOKED_MS} ms of the revocation"
        ctx.absent("SECU-020", expected=expected, waited_s=REVOKED_MS / 1_000, why=why)
        return
    wanted = {**OVER, "code": REVOKED}
    said = {name: closing.payload.get(name) for name in wanted}
    ctx.equal("SECU-020", wanted, said, on=(closing,), why=f"session.closing of {why}")
    ping = await (await session.send(PING)).answer()
    ctx.refused("SECU-020", ping, *ENDED, why=f"session.ping after the end of {why}")
