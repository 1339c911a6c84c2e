"""Sessions that end with their token: tokens of a certain end, and opens that bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.json import maybe_int
from omnisession_conformance.roles.server.session import now_ms
from omnisession_conformance.roles.server.steps.control import OPEN

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

HOUR_MS = 3_600_000
TIMERS = {"resume_window_ms": 60_000}
LEAST_WINDOW_MS = 20_000
"""In a shorter one a session would be over by the silence of the kit."""
NEEDS = ("secure", "fixture:auth", "fixture:mint")
NEVER_S = 1e30
"""No session tells so late an end."""


def token_until(
    ctx: Context,
    user: User,
    lasts_ms: int,
    rights: tuple[str, ...] | None = None,
    token_id: str | None = None,
) -> tuple[str, int]:
    """A token that lasts so long, to whole seconds as every server takes them, and its end in ms."""
    end_s = -(-(now_ms() + lasts_ms) // 1_000)
    claims = _claims(user, rights) | {"exp": end_s}
    if token_id is not None:
        claims["jti"] = token_id
    return ctx.fixture.sign(claims, whole=True), end_s * 1_000


def token_ending(ctx: Context, user: User, end_ms: int) -> str:
    """A token of that end, in ms."""
    return ctx.fixture.sign(_claims(user) | {"exp": end_ms // 1_000}, whole=True)


def endless_token(ctx: Context, user: User) -> str:
    """A token whose end nobody comes to; a server may not take it."""
    return ctx.fixture.sign(_claims(user) | {"exp": NEVER_S}, whole=True)


def _claims(user: User, rights: tuple[str, ...] | None = None) -> dict[str, Any]:
    return {
        "sub": user.id,
        "perm": list(user.permissions if rights is None else rights),
        "name": user.username,
        "email": user.email,
    }


async def open_until(
    ctx: Context, user: User, lasts_ms: int, token_id: str | None = None
) -> tuple[Session, int]:
    """A session whose token ends soon, and the end that it was told; declined where that is none."""
    session = ctx.session(user)
    token, _ = token_until(ctx, user, lasts_ms, token_id=token_id)
    answer = await session.open(token=token, timers=TIMERS)
    ctx.require(answer.type == "session.opened", f"a token that is in time got {answer}")
    session.opened = answer
    session.leave_open = True
    told = maybe_int(answer.data.get("expires_at"))
    if told is None:
        await session.close()
        raise NotOffered("the server tells no `expires_at`: its sessions do not end with a token")
    if (maybe_int(session.timers.get("resume_window_ms")) or 0) < LEAST_WINDOW_MS:
        raise NotOffered("sessions end by silence before their tokens end")
    return session, told


async def opened_again(session: Session, token: str) -> Answer | None:
    """The answer to an open again, with another token."""
    return await (await session.send(OPEN, session.open_data(token=token))).answer()
