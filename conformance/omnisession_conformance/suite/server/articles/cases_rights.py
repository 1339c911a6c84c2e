"""ART: who may change an article, and against which revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    current,
    editor,
    entry,
    ever_full,
    find,
    find_editor,
    open_articles,
    part,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.fold_law import events_about
from omnisession_conformance.roles.server.steps.outcomes import refused
from omnisession_conformance.suite.server.articles.writing import WRITES, writing

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


async def _revision(session: Session, article_id: str) -> int:
    told = (await entry(session, article_id) or {}).get("revision")
    if not isinstance(told, int):
        raise Prerequisite("a session does not show the revision of an article")
    return told


@case("ART-007", needs=(*WRITES, "action:article.select", "role:editor"))
async def expected_revision_must_be_the_present_one(ctx: Context) -> None:
    """Of two writers with the same base the second gets 4090, told the revision, and can go on from it."""
    author = ctx.user()
    mine, theirs = await open_articles(ctx, author), await open_articles(ctx, ctx.user("editor"))
    article_id = await create_article(mine)
    base = await _revision(mine, article_id)
    title = unique(ctx, "title")
    changes = {"article_id": article_id, "changes": {"title": title}}
    first = await mine.act("article.update", changes, expect={"revision": base})
    ctx.acked("ART-007", first, why="an update that expects the present revision")
    before, now = part(await entry(mine, article_id)), await _revision(mine, article_id)
    data = {**writing(ctx, article_id), "article.select": {"article_id": article_id}}
    for type_, each in data.items():
        for wrong in (base, now + 1):
            how = {"expect": {"revision": wrong}}
            answer = await refused(ctx, "ART-007", theirs, type_, each, 4090, **how)
            details = as_object(answer.error.get("details") if answer else None)
            pointer = "/data/error/details/revision"
            ctx.equal(
                "ART-007", now, details.get("revision"), on=answer, pointer=pointer, why=type_
            )
    after = await view(mine)
    ctx.equal("ART-007", before, part(find(after, article_id)), why="the article after refusals")
    edits = [e for e in after.get("editors") or () if e.get("article_id") == article_id]
    ctx.equal("ART-007", [], edits, why="its editors after refusals")
    ctx.equal("ART-007", {}, current(await view(theirs)), why="selected after refusals")
    for type_ in ("article.update", "article.select"):
        expect = {"revision": await _revision(mine, article_id)}
        again = await theirs.act(type_, data[type_], expect=expect)
        ctx.acked("ART-007", again, why=f"{type_} that expects the present revision")


@case("ART-009", needs=(*WRITES, "role:reader"))
async def readers_may_not_write(ctx: Context) -> None:
    """Whoever may only read an article gets 4030 for each action that writes it, and changes nothing."""
    author, reader = ctx.user(), ctx.user("reader")
    mine, watcher = await open_articles(ctx, author), await open_articles(ctx, author, events=True)
    article_id = await create_published(mine, title=unique(ctx, "title"))
    for events in (False, True):
        theirs = await open_articles(ctx, reader, events=events)
        ctx.require(await entry(theirs, article_id) is not None, "a published article is not shown")
        before, head = part(await entry(mine, article_id)), await watcher.fence()
        for type_, data in writing(ctx, article_id).items():
            await refused(ctx, "ART-009", theirs, type_, data, 4030)
        for session in (mine, watcher, theirs):
            seen = part(await entry(session, article_id))
            ctx.equal("ART-009", before, seen, on=session.stream[-1:], why="after the refusals")
            edit = await editor(session, article_id, reader, there=False)
            ctx.equal("ART-009", None, edit, on=session.stream[-1:], why="an edit of the reader")
        told = events_about(watcher, article_id, head)
        ctx.equal("ART-009", [], [r.type for r in told], on=told, why="events of refused actions")


@case("ART-010", needs=(*WRITES, "action:article.select", "role:editor"))
async def permission_reads_and_writes_everything(ctx: Context) -> None:
    """A holder of post_edit_any is shown a draft of another user, and each way to write it works."""
    author, other = ctx.user(), ctx.user("editor")
    mine = await open_articles(ctx, author)
    early = [await open_articles(ctx, other), await open_articles(ctx, other, events=True)]
    title = unique(ctx, "title")
    article_id = await create_article(mine, title=title)
    for session in (*early, await open_articles(ctx, other)):
        told = find(await view(session), article_id)
        # Holders see the drafts of everybody: the list may be cut before this one.
        if told is not None or not ever_full(session, "articles"):
            seen, on = (told or {}).get("title"), session.stream[-1:]
            ctx.equal("ART-010", title, seen, on=on, why="a draft of another user")
        ctx.acked("ART-010", await session.act("article.select", {"article_id": article_id}))
        seen = current(await view(session)).get("title")
        ctx.equal("ART-010", title, seen, on=session.stream[-1:], why="the draft, selected")
    acting = early[0]
    data = writing(ctx, article_id)
    for type_ in ("article.edit_start", "article.update", "article.edit_end", "article.publish"):
        ctx.acked("ART-010", await acting.act(type_, data[type_]), why=type_)
        slice_ = await view(mine)
        told, new = find(slice_, article_id) or {}, data["article.update"]["changes"]["title"]
        shown = {
            "article.edit_start": find_editor(slice_, article_id, other.id) is not None,
            "article.update": told.get("title") == new,
            "article.edit_end": find_editor(slice_, article_id, other.id) is None,
            "article.publish": told.get("published_at") is not None,
        }
        ctx.equal(
            "ART-010", True, shown[type_], on=mine.stream[-1:], why=f"{type_}, as its author sees"
        )
    second = await create_article(mine)
    for id_ in (article_id, second):
        ctx.acked("ART-010", await acting.act("article.delete", {"article_id": id_}), why="delete")
        left = await entry(mine, id_, there=False)
        ctx.equal("ART-010", None, left, on=mine.stream[-1:], why="after delete")
