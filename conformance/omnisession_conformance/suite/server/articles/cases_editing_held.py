"""EDIT: what an edit ends with: whose it is counts, not how often it was started, nor what ended before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    delete,
    edit_part,
    editor,
    end_edit,
    find_editor,
    later_than,
    open_articles,
    start_edit,
    takes,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

ENDS = takes("create", "edit_start", "edit_end")


@case("EDIT-003", "EDIT-004", needs=ENDS)
async def starts_are_not_counted(ctx: Context) -> None:
    """One end is enough for a session that started twice, and one elsewhere ends nothing of its edit."""
    user = ctx.user()
    one, two = await open_articles(ctx, user), await open_articles(ctx, user, events=True)
    article_id = await create_article(one)
    await start_edit(one, article_id)
    begun = await editor(one, article_id, user)
    ctx.require(begun is not None, "a started edit is not shown")
    await end_edit(two, article_id)
    for session in (one, two):
        seen = edit_part(await editor(session, article_id, user))
        why = "the edit of one session, after the end in another that did not start it"
        ctx.equal("EDIT-004", edit_part(begun), seen, on=session.stream[-1:], why=why)
    await start_edit(one, article_id)
    await later_than(one, (begun or {}).get("since"))
    mark = ctx.log.mark()
    await end_edit(one, article_id)
    for session in (one, two, await open_articles(ctx, user)):
        left = await editor(session, article_id, user, there=False)
        why = "the edit of a session that started it twice and ended it once"
        ctx.equal("EDIT-003", None, left, on=session.stream[-1:], why=why)
    for record in two.stream:
        # Others may end edits of what everybody reads meanwhile.
        of_it = record.payload.get("article_id") == article_id
        if of_it and record.n >= mark and record.type == "article.edit_ended":
            seen = edit_part(record.payload)
            ctx.equal("EDIT-004", edit_part(begun), seen, on=record, why="the entry that goes")


@case("EDIT-005", needs=(*ENDS, *takes("delete")))
async def edits_end_with_their_session_whatever_ended_before(ctx: Context) -> None:
    """Of several edits one was ended and one went with its article: the others end with the session."""
    user = ctx.user()
    watcher, later = await open_articles(ctx, user), await open_articles(ctx, user, events=True)
    first, second = await open_articles(ctx, user), await open_articles(ctx, user)
    left: list[str] = []
    for session, end in ((first, end_edit), (second, delete)):
        gone, *stay = [await create_article(session) for _ in range(3)]
        for article_id in (stay[0], gone, stay[1]):
            await start_edit(session, article_id)
        await end(session, gone)
        left += stay
    for article_id in left:
        ctx.require(await editor(watcher, article_id, user) is not None, "an edit is not shown")
    for session in (first, second):
        await session.close()
        session.leave_open = True
    bound_s = ctx.within(BOUND_MS)
    for session in (watcher, later):

        def over(session: Session = session) -> bool | None:
            slice_ = session.slice(KIND)
            return all(find_editor(slice_, id_, user.id) is None for id_ in left) or None

        expected = f"the ends of all edits of the sessions within {BOUND_MS} ms of their close"
        if await session.wait(over, bound_s):
            ctx.check("EDIT-005", good=True, expected=expected, seen="they came")
        else:
            ctx.absent("EDIT-005", expected=expected, waited_s=BOUND_MS / 1_000)
            bound_s = 0.0
