"""ART and EDIT: what an author does every day with an article of its own is acked, and shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    current,
    ever_full,
    find,
    find_editor,
    open_articles,
    start_edit,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.ordinary import acked, done, named

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context


@case("ART-001", needs=takes("create"))
async def an_ordinary_create(ctx: Context) -> None:
    """An author's article.create is acked with an id, and shows under it."""
    session, title = await open_articles(ctx, ctx.user()), unique(ctx, "title")
    ack = await acked(ctx, "ART-001", session, "article.create", {"title": title})
    if ack is None:
        return
    id_ = named(ctx, "ART-001", ack, "article_id")
    slice_ = await view(session)
    shown = (find(slice_, id_) or {}).get("title") == title or ever_full(session, "articles")
    done(ctx, "ART-001", session, ack, shown=shown, what=f"an article titled {title}")


@case("ART-002", needs=takes("create", "update"))
async def an_ordinary_update(ctx: Context) -> None:
    """An author's article.update is acked, and shows."""
    session, title = await open_articles(ctx, ctx.user()), unique(ctx, "title")
    id_ = await create_article(session)
    data = {"article_id": id_, "changes": {"title": title}}
    ack = await acked(ctx, "ART-002", session, "article.update", data)
    if ack is not None:
        shown = (find(await view(session), id_) or {}).get("title") == title
        shown = shown or ever_full(session, "articles")
        done(ctx, "ART-002", session, ack, shown=shown, what=f"an article titled {title}")


@case("ART-005", needs=takes("create", "publish"))
async def an_ordinary_publish(ctx: Context) -> None:
    """An author's article.publish is acked, and the article is no draft any more."""
    session = await open_articles(ctx, ctx.user())
    id_ = await create_article(session)
    ack = await acked(ctx, "ART-005", session, "article.publish", {"article_id": id_})
    if ack is not None:
        listed = find(await view(session), id_)
        shown = listed is None or listed.get("published_at") is not None
        done(ctx, "ART-005", session, ack, shown=shown, what="an article with published_at")


@case("ART-011", needs=takes("create", "select"))
async def an_ordinary_select(ctx: Context) -> None:
    """A reader's article.select is acked, and the article is the current one."""
    session = await open_articles(ctx, ctx.user())
    id_ = await create_article(session)
    ack = await acked(ctx, "ART-011", session, "article.select", {"article_id": id_})
    if ack is not None:
        shown = current(await view(session)).get("id") == id_
        done(ctx, "ART-011", session, ack, shown=shown, what="the article as current_article")


@case("ART-013", needs=takes("create", "delete"))
async def an_ordinary_delete(ctx: Context) -> None:
    """An author's article.delete is acked, and the article is gone."""
    session = await open_articles(ctx, ctx.user())
    id_ = await create_article(session)
    ack = await acked(ctx, "ART-013", session, "article.delete", {"article_id": id_})
    if ack is not None:
        gone = find(await view(session), id_) is None
        done(ctx, "ART-013", session, ack, shown=gone, what="no such article")


@case("EDIT-002", needs=takes("create", "edit_start"))
async def an_ordinary_start_of_an_edit(ctx: Context) -> None:
    """An author's article.edit_start is acked, and the author is among the editors."""
    session = await open_articles(ctx, ctx.user())
    id_ = await create_article(session)
    ack = await acked(ctx, "EDIT-002", session, "article.edit_start", {"article_id": id_})
    if ack is not None:
        editing = find_editor(await view(session), id_, session.user.id) is not None
        shown = editing or ever_full(session, "editors")
        done(ctx, "EDIT-002", session, ack, shown=shown, what="the author among the editors")


@case("EDIT-004", needs=takes("create", "edit_start", "edit_end"))
async def an_ordinary_end_of_an_edit(ctx: Context) -> None:
    """An author's article.edit_end is acked, and the author is not among the editors any more."""
    session = await open_articles(ctx, ctx.user())
    id_ = await create_article(session)
    await start_edit(session, id_)
    ack = await acked(ctx, "EDIT-004", session, "article.edit_end", {"article_id": id_})
    if ack is not None:
        over = find_editor(await view(session), id_, session.user.id) is None
        done(ctx, "EDIT-004", session, ack, shown=over, what="the author not among the editors")
