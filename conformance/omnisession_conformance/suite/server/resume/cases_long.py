"""RESUME: long streams: a replay has all that came after its position, however much that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.control import SYNC
from omnisession_conformance.roles.server.steps.resuming import between, resumed, send, whole

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

BEHIND = ("replay", "snapshot")
LONG = 264
"""States of a stream: more than any round number that a server may keep of them."""
AT_ONCE = 33


@case("RESUME-003", "RESUME-007")
async def long_streams_are_replayed_whole(ctx: Context) -> None:
    """The longest replay that a server gives of a long stream has every message, and joins what follows."""
    session = await ctx.open(ctx.user(), features=["events"])
    for _ in range(0, LONG, AT_ONCE):
        sent = [await session.send(SYNC) for _ in range(AT_ONCE)]
        await sent[-1].must()
    await session.fence()
    # Halved each time, so that the last ones are as long as the server replays at all.
    least, most = 0, session.head[1]
    while least < most:
        missing = (least + most + 1) // 2
        mode = await _missed(ctx, session, missing)
        if mode is None:
            return
        least, most = (missing, most) if mode == "replay" else (least, missing - 1)
    await _missed(ctx, session, session.head[1])


async def _missed(ctx: Context, session: Session, missing: int) -> str | None:
    """Observe the answer to a resume that lacks so many messages; its mode, None where it is wrong."""
    epoch, head = session.head
    answer = await (await send(session, epoch, head - missing)).must()
    why = f"a resume that lacks {missing} messages of a stream of {head}"
    if not resumed(ctx, "RESUME-003", answer, BEHIND, why):
        return None
    if not await whole(ctx, "RESUME-003", session, head - missing, answer):
        return None
    await session.sync()
    if answer.data.get("mode") == "replay":
        _goes_on(ctx, session, answer.position_or_stop("session.resumed"))
        return "replay"
    what = "a replay that the stream goes on behind, or none"
    ctx.check("RESUME-007", good=True, expected=what, seen="none")
    return "snapshot"


def _goes_on(ctx: Context, session: Session, at: Position) -> None:
    """Observe that the stream goes on right behind a replay."""
    rest = between(session, at, Position(*session.head))
    wanted = list(range(at.seq + 1, at.seq + 1 + len(rest)))
    seen = [r.integer("seq") for r in rest]
    ctx.equal("RESUME-007", wanted, seen, on=rest, why=f"the stream after a replay up to {at.seq}")
