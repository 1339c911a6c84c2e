"""What an open of a session id must tell that the server has known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.control import OPEN

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

OVER = 4101
HIGHER = "CTRL-025"


async def begins_anew(ctx: Context, before: Session, head: Position, why: str) -> None:
    """Open the id of a session that is over; observe a higher epoch, or that the id is still known."""
    session = ctx.session(before.user, before.id)
    answer = await (await session.send(OPEN, session.open_data())).must()
    expected, why = f"an epoch above {head.epoch}, or {OVER}", f"session.open of {why}"
    if answer.code == OVER:
        session.leave_open = True
        ctx.check(HIGHER, good=True, expected=expected, seen=str(OVER), on=answer, why=why)
        return
    session.opened = answer
    epoch = answer.position_or_stop("session.opened").epoch
    good = epoch > head.epoch
    ctx.check(HIGHER, good, expected=expected, seen=epoch, on=answer, why=why)
