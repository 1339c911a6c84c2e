"""ART, EDIT: what somebody else than its author does with an article, and several who edit one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    editor,
    end_edit,
    entry,
    later_than,
    open_articles,
    part,
    publish,
    start_edit,
    takes,
    unique,
    update,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

AUTHOR = ("author_id", "author")


@case("ART-002", "ART-005", "ART-015", needs=(*takes("create", "update", "publish"), "role:editor"))
async def articles_stay_their_authors(ctx: Context) -> None:
    """An article that another user updates and publishes is its author's, by id and by name."""
    author = ctx.user()
    mine = await open_articles(ctx, author)
    theirs = await open_articles(ctx, ctx.user("editor"), events=True)
    article_id = await create_article(mine)
    before = part(await entry(mine, article_id), AUTHOR)
    ctx.equal("ART-015", author.id, before["author_id"], on=mine.stream[-1:], why="a new article")
    for requirement, what in (("ART-002", "an update"), ("ART-005", "the publish")):
        if what == "an update":
            await update(theirs, article_id, title=unique(ctx, "title"))
        else:
            await publish(theirs, article_id)
        for session in (mine, theirs, await open_articles(ctx, author)):
            seen, on = part(await entry(session, article_id), AUTHOR), session.stream[-1:]
            ctx.equal(requirement, before, seen, on=on, why=f"the author, after {what} by another")


@case("EDIT-003", needs=takes("create", "edit_start", "edit_end"))
async def edits_keep_their_begin(ctx: Context) -> None:
    """Of two sessions that started an edit the first ends it: it goes on since its begin."""
    user = ctx.user()
    first, second = await open_articles(ctx, user), await open_articles(ctx, user, events=True)
    article_id = await create_article(first)
    await start_edit(first, article_id)
    begun = (await editor(first, article_id, user) or {}).get("since")
    ctx.require(begun is not None, "a started edit is not shown")
    await later_than(first, begun)
    await start_edit(second, article_id)
    await end_edit(first, article_id)
    for session in (first, second, await open_articles(ctx, user)):
        since = (await editor(session, article_id, user) or {}).get("since")
        why = "since when a user edits, after the first of two sessions ended its edit"
        ctx.equal("EDIT-003", begun, since, on=session.stream[-1:], why=why)


@case("EDIT-002", needs=(*takes("create", "publish", "edit_start"), "role:editor", "role:reader"))
async def new_readers_are_shown_every_edit(ctx: Context) -> None:
    """Whoever becomes a reader by a publish is shown all edits that run on the article."""
    author, other, reader = ctx.user(), ctx.user("editor"), ctx.user("reader")
    mine, theirs = await open_articles(ctx, author), await open_articles(ctx, other)
    readers = [await open_articles(ctx, reader, events=events) for events in (False, True)]
    article_id = await create_article(mine)
    for session in (mine, theirs):
        await start_edit(session, article_id)
    await publish(mine, article_id)
    for session in (*readers, await open_articles(ctx, reader)):
        shown = [await editor(session, article_id, user) is not None for user in (author, other)]
        why = "edits of two users on an article, in a session of a new reader"
        ctx.equal("EDIT-002", [True, True], shown, on=session.stream[-1:], why=why)
