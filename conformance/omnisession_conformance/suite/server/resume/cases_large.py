"""LIMIT: a replay of large messages: it is no larger than any body may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    select,
    takes,
    update,
)
from omnisession_conformance.roles.server.steps.resuming import resumed, send, whole
from omnisession_conformance.roles.server.steps.sizes import text_of, usable

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

BEHIND = ("replay", "snapshot")
MOST = 30
"""So many large messages are made at most."""
SMALL, NEAR = 8, 4_000
"""Small updates in front of them, and from how near to the limit on, in bytes, resumes are tried."""


@case("LIMIT-001", "RESUME-002", needs=takes("create", "update", "select"))
async def large_streams_are_not_replayed_above_the_limit(ctx: Context) -> None:
    """A resume behind more bytes than a body may have is answered within the limit, or by a snapshot."""
    session = await open_articles(ctx, ctx.user(), events=True)
    each, limit = usable(session, "article_content"), ctx.declared.limit("state")
    article_id = await create_article(session)
    await select(session, article_id)
    start = await session.fence()
    for turn in range(SMALL):
        await update(session, article_id, content=str(turn))
    begin = await session.fence()
    ctx.require(begin.seq > start.seq, "the position stands still while an article changes")
    beside = _bytes(session, start) // SMALL
    for turn in range(MOST):
        room = limit - NEAR - _bytes(session, begin) - beside
        await update(session, article_id, content=text_of("xy"[turn % 2], max(2, min(each, room))))
        await session.fence()
        if room < each:
            break
    # From a little less than a body may have to a little more: what stands around the messages counts.
    lacks = {
        seq: _bytes(session, Position(start.epoch, seq)) for seq in range(start.seq, begin.seq)
    }
    near = sorted((size, seq) for seq, size in lacks.items() if size > limit - NEAR)
    near = near or [(lacks[start.seq], start.seq)]
    for size, seq in near:
        answer = await (await send(session, start.epoch, seq)).answer()
        why = f"a resume that lacks {size} bytes, where a body has at most {limit}"
        if answer is None:
            ctx.absent("LIMIT-001", expected="an answer within the limit", why=why)
            return
        seen, expected = len(answer.record.data), f"a body of at most {limit} bytes"
        ctx.check("LIMIT-001", seen <= limit, expected=expected, seen=seen, on=answer, why=why)
        if not resumed(ctx, "RESUME-002", answer, BEHIND, why):
            return
        good = await whole(ctx, "RESUME-002", session, seq, answer)
        if not good or answer.data.get("mode") == "snapshot":
            # The states of a snapshot are lacked by all that ask from further behind.
            return


def _bytes(session: Session, after: Position) -> int:
    """The bytes of all bodies that a session was told behind a position."""
    return sum(len(record.data) for record in session.after(after))
