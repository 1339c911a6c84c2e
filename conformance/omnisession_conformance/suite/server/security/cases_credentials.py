"""SECU: how a session that told an end ends with its credential, and how it is renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.session import now_ms
from omnisession_conformance.roles.server.steps.control import OPEN, opened

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

LASTS_MS, HOUR_MS = 2_500, 3_600_000
NEAR_MS = 1_000
"""A server may count the seconds of a token whole."""
OVER = {"code": 4011, "reconnect": False, "after_ms": 0}
FORBIDDEN, ENDED = 4030, (4101, 4041)
NEEDS = ("secure", "fixture:auth", "fixture:mint")


def _token(ctx: Context, user: User, end_ms: int, rights: tuple[str, ...] | None = None) -> str:
    claims: dict[str, Any] = {
        "sub": user.id,
        "exp": end_ms / 1_000,
        "perm": list(user.permissions if rights is None else rights),
        "name": user.username,
        "email": user.email,
    }
    return ctx.fixture.sign(claims, whole=True)


async def _open(ctx: Context, user: User) -> Session:
    """A session whose token ends soon; declined where the server tells no end of it."""
    session = ctx.session(user)
    answer = await session.open(token=_token(ctx, user, now_ms() + LASTS_MS))
    ctx.require(answer.type == "session.opened", f"a token that is in time got {answer}")
    session.opened = answer
    session.leave_open = True
    if answer.data.get("expires_at") is None:
        await session.close()
        raise NotOffered("the server tells no `expires_at`: its sessions do not end with a token")
    return session


async def _again(session: Session, token: str) -> Answer | None:
    return await (await session.send(OPEN, session.open_data(token=token))).answer()


async def _ends(ctx: Context, requirement: str, session: Session, told: int, why: str) -> None:
    """Observe that a session ends when it said it would, and says so."""

    def find() -> Record | None:
        return next((r for r in session.pushes if r.type == "session.closing"), None)

    left_ms = max(told - now_ms(), 0) + BOUND_MS
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
    ping = await (await session.send("session.ping")).answer()
    ctx.refused(requirement, ping, *ENDED, why=f"session.ping after the end of {why}")


@case("SECU-018", needs=NEEDS, slow=True, limit_ms=12_000)
async def sessions_end_with_their_token(ctx: Context) -> None:
    """A session ends when the token that opened it does, and its client is told why."""
    session = await _open(ctx, ctx.user())
    told = session.opened.data["expires_at"] if session.opened else 0
    await _ends(ctx, "SECU-018", session, told, "a session whose token has ended")


@case("SECU-019", needs=NEEDS, slow=True, limit_ms=20_000)
async def renewals_move_the_end(ctx: Context) -> None:
    """An open again moves the end of a session to that of its token, and one with other rights does not."""
    user = ctx.user()
    kept, session = await _open(ctx, user), await _open(ctx, user)
    later = now_ms() + HOUR_MS
    for one in (kept, session):
        answer = await _again(one, _token(ctx, user, later))
        if not _moved(ctx, answer, later, "an open again with a token that ends later"):
            return
    rights = () if user.permissions else tuple(ctx.fixture.config.rights.get("editor", ()))
    if rights != tuple(user.permissions):
        why = "an open again with a token of other permissions"
        answer = await _again(session, _token(ctx, user, later + HOUR_MS, rights))
        ctx.refused("SECU-019", answer, FORBIDDEN, why=why)
        answer = await _again(session, _token(ctx, user, later))
        _moved(ctx, answer, later, f"an open again after {why}")
        # Had its end counted, this session would be over before the other one ends.
        answer = await _again(kept, _token(ctx, user, now_ms() + LASTS_MS, rights))
        ctx.refused("SECU-019", answer, FORBIDDEN, why=f"{why}, which ends soon")
    soon = now_ms() + LASTS_MS
    answer = await _again(session, _token(ctx, user, soon))
    if not _moved(ctx, answer, soon, "an open again with a token that ends earlier"):
        return
    await _ends(
        ctx, "SECU-019", session, soon - NEAR_MS, "a session that was renewed to end earlier"
    )
    ping = await (await kept.send("session.ping")).answer()
    why = "a session that was renewed before the end of its first token"
    if ping is None:
        ctx.absent("SECU-019", expected="session.pong", why=why)
        return
    ctx.equal("SECU-019", "session.pong", ping.type, on=ping, why=why)
    await kept.close()


def _moved(ctx: Context, answer: Answer | None, end_ms: int, why: str) -> bool:
    if answer is None or not opened(ctx, "SECU-019", answer, why):
        return False
    told = answer.data.get("expires_at")
    good = isinstance(told, int) and abs(told - end_ms) <= NEAR_MS
    ctx.check(
        "SECU-019",
        good,
        expected=f"expires_at {end_ms}, the end of the token",
        seen=str(told),
        on=answer,
        why=why,
    )
    return good
