"""LIMIT: a replay of large messages: it is no larger than any body may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
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

BEHIND = ("replay", "snapshot")
MOST = 30
"""So many large messages are made at most."""


@case("LIMIT-001", "RESUME-002", needs=takes("create", "update", "select"))
async def large_streams_are_not_replayed_above_the_limit(ctx: Context) -> None:
    """A resume behind more bytes than a body may have is answered within the limit, or by a snapshot."""
    session = await open_articles(ctx, ctx.user(), events=True)
    each, limit = usable(session, "article_content"), ctx.declared.limit("state")
    article_id = await create_article(session)
    await select(session, article_id)
    epoch, head = session.head
    for turn in range(min(MOST, limit // each + 1)):
        await update(session, article_id, content=text_of("xy"[turn % 2], each))
    await session.fence()
    answer = await (await send(session, epoch, head)).answer()
    why = f"a resume that lacks more than {limit} bytes"
    if answer is None:
        ctx.absent("LIMIT-001", expected="an answer within the limit", why=why)
        return
    seen = len(answer.record.data)
    expected = f"a body of at most {limit} bytes"
    ctx.check("LIMIT-001", seen <= limit, expected=expected, seen=seen, on=answer, why=why)
    if resumed(ctx, "RESUME-002", answer, BEHIND, why):
        await whole(ctx, "RESUME-002", session, head, answer)
