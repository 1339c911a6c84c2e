"""ART: what a session selects, how it follows changes, and how articles go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    create_published,
    current,
    delete,
    entry,
    last_state,
    open_articles,
    select,
    slice_of,
    start_edit,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.fold_law import event_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry
    from omnisession_conformance.traffic.record import Record

NO_POSITION = ("user_id", "session_id", "epoch", "seq", "last_action_seq", "actor", "cause")
"""Members of messages of a session that a hint does not have."""
NOTHING: Entry = {"current": None, "title": None, "revisions": []}


def selection(slice_: Mapping[str, Any]) -> Entry:
    """What a slice shows as selected: the article's id and title, and the titles of its revisions."""
    article = current(slice_)
    revisions: list[Entry] = slice_.get("revisions") or []
    return {
        "current": article.get("id"),
        "title": article.get("title"),
        "revisions": [[r.get("article_id"), r.get("title")] for r in revisions],
    }


def _selected(article_id: str, *titles: str) -> Entry:
    """The selection of an article whose revisions had these titles, the latest first."""
    revisions = [[article_id, title] for title in titles]
    return {"current": article_id, "title": titles[0], "revisions": revisions}


@case("ART-011", needs=takes("create", "update", "select"))
async def select_is_for_the_acting_session(ctx: Context) -> None:
    """Each session shows what it selected itself, with its revisions, and nothing once it selects null."""
    user = ctx.user()
    first, second = await open_articles(ctx, user), await open_articles(ctx, user, events=True)
    titles = [unique(ctx, "title") for _ in range(3)]
    one = await create_article(first, title=titles[0])
    await update(first, one, title=titles[1])
    two = await create_article(first, title=titles[2])
    of_one, of_two = _selected(one, titles[1], titles[0]), _selected(two, titles[2])
    steps: tuple[tuple[Session, str | None, Entry, Entry], ...] = (
        (first, one, of_one, NOTHING),
        (first, one, of_one, NOTHING),
        (second, two, of_one, of_two),
        (second, two, of_one, of_two),
        (first, two, of_two, of_two),
        (second, one, of_two, of_one),
        (first, None, NOTHING, of_one),
        (first, None, NOTHING, of_one),
        (second, None, NOTHING, NOTHING),
    )
    for acting, article_id, of_first, of_second in steps:
        await select(acting, article_id)
        for session, expected in ((first, of_first), (second, of_second)):
            which = "the acting session" if session is acting else "another session of the user"
            seen = selection(await view(session))
            what = "null" if article_id is None else "an article"
            why = f"selected in {which}, after a selection of {what}"
            ctx.equal("ART-011", expected, seen, on=session.stream[-1:], why=why)
    # What it shows is what there is by now, also of an article that was selected before.
    content = unique(ctx, "content")
    await update(second, one, content=content)
    await select(first, one)
    seen, why = current(await view(first)).get("content"), "content that changed between selections"
    ctx.equal("ART-011", content, seen, on=first.stream[-1:], why=why)
    later = await open_articles(ctx, user)
    seen = selection(await view(later))
    ctx.equal("ART-011", NOTHING, seen, on=later.stream[-1:], why="in a session opened later")


def _check_revisions(
    ctx: Context, session: Session, slice_: Mapping[str, Any], authors: list[str]
) -> None:
    """Check that `revisions` are in order and complete, the current one first."""
    revisions: list[Entry] = slice_.get("revisions") or []
    numbers = [r.get("revision") for r in revisions]
    on, limit = session.stream[-1:], bound_of(KIND, "revisions", session.limits)
    latest = current(slice_).get("revision")
    ctx.equal("ART-012", latest, next(iter(numbers), None), on=on, why="the first of the revisions")
    falling = sorted((n for n in numbers if isinstance(n, int)), reverse=True)
    ctx.equal("ART-012", falling, numbers, on=on, why="revisions from the highest to the lowest")
    seen = [r.get("author_id") for r in revisions]
    ctx.equal("ART-012", authors[:limit], seen, on=on, why="authors of all revisions")


@case("ART-012", needs=(*takes("create", "update", "select"), "role:editor"))
async def selected_article_follows_its_changes(ctx: Context) -> None:
    """A selected article shows all its revisions, and the changes that others make, with content."""
    author, other = ctx.user(), ctx.user("editor")
    sessions = [await open_articles(ctx, author), await open_articles(ctx, author, events=True)]
    actor, second = sessions[0], await open_articles(ctx, other)
    article_id = await create_article(actor, content=unique(ctx, "content"))
    for _ in range(3):
        await update(actor, article_id, title=unique(ctx, "title"))
    for session in sessions:
        await select(session, article_id)
        _check_revisions(ctx, session, await view(session), [author.id] * 4)
    authors = [author.id] * 4
    for acting in (second, actor, second):
        changes = {"title": unique(ctx, "title"), "content": unique(ctx, "content")}
        await update(acting, article_id, **changes)
        authors.insert(0, acting.user.id)
        for session in sessions:
            slice_ = await view(session)
            told = {name: current(slice_).get(name) for name in changes}
            whose = "another user" if acting is second else "the author"
            why = f"the selected article after an update by {whose}"
            ctx.equal("ART-012", changes, told, on=session.stream[-1:], why=why)
            _check_revisions(ctx, session, slice_, authors)


def _traces(slice_: Mapping[str, Any], article_id: str) -> list[str]:
    """The members of a slice in which an article still is."""
    current_id = current(slice_).get("id")
    found = {
        "articles": any(a.get("id") == article_id for a in slice_.get("articles") or ()),
        "editors": any(e.get("article_id") == article_id for e in slice_.get("editors") or ()),
        "current_article": current_id == article_id,
        "revisions": any(r.get("article_id") == article_id for r in slice_.get("revisions") or ()),
    }
    return [name for name, there in found.items() if there]


@case("ART-013", needs=(*takes("create", "delete"), "role:editor"))
async def deleted_drafts_are_gone_for_all_readers(ctx: Context) -> None:
    """A draft that its author deletes is gone from the sessions of everybody who may write all drafts."""
    mine, holder = await open_articles(ctx, ctx.user()), ctx.user("editor")
    theirs = [await open_articles(ctx, holder, events=events) for events in (False, True)]
    article_id = await create_article(mine)
    for session in theirs:
        ctx.require(await entry(session, article_id) is not None, "a draft is not shown")
    await delete(mine, article_id)
    for session in (mine, *theirs):
        left = await entry(session, article_id, there=False)
        why = f"a deleted draft, in a session of {'its author' if session is mine else 'a holder'}"
        ctx.equal("ART-013", None, left, on=session.stream[-1:], why=why)


@case(
    "ART-013",
    needs=(*takes("create", "publish", "select", "edit_start", "delete"), "role:reader"),
)
async def deleted_article_is_gone(ctx: Context) -> None:
    """A deleted article, selected and edited, leaves all sessions and does not come back."""
    author, reader = ctx.user(), ctx.user("reader")
    sessions = [
        await open_articles(ctx, user, events=events)
        for user in (author, reader)
        for events in (False, True)
    ]
    actor, second = sessions[:2]
    for make in (create_article, create_published):
        article_id = await make(actor, content=unique(ctx, "content"))
        watching = sessions[:2] if make is create_article else sessions
        for session in watching:
            await select(session, article_id)
        await start_edit(actor, article_id)
        await start_edit(second, article_id)
        slice_ = await view(second)
        ctx.require(len(_traces(slice_, article_id)) == 4, "an edit or a selection is not shown")
        await delete(actor, article_id)
        watching = [*watching, await open_articles(ctx, author)]
        for session in watching:
            _gone(ctx, session, await view(session), article_id, "by the pong after it was deleted")
        for session in watching:
            await session.sync()
            _gone(ctx, session, slice_of(last_state(session)), article_id, "in a later sync")


def _gone(
    ctx: Context, session: Session, slice_: Mapping[str, Any], article_id: str, when: str
) -> None:
    left = _traces(slice_, article_id)
    ctx.equal("ART-013", [], left, on=session.stream[-1:], why=f"where the article still is {when}")


@case("ART-014", needs=takes("create", "update", "publish", "delete"))
async def published_changes_are_hinted(ctx: Context) -> None:
    """Each update and the deletion of a published article come on its own subject, of no session."""
    author = ctx.user()
    actor = await open_articles(ctx, author, events=True)
    article_id = await create_published(actor)
    titles = [unique(ctx, "title") for _ in range(3)]
    for title in titles:
        await update(actor, article_id, title=title, content=title)
    await delete(actor, article_id)
    await _check_hints(ctx, actor, article_id, titles)


@case("ART-014", needs=(*takes("create", "update", "publish", "delete"), "role:editor"))
async def changes_by_every_writer_are_hinted(ctx: Context) -> None:
    """Who writes what is published makes no difference: its author elsewhere, or who may write all."""
    author = ctx.user()
    actor = await open_articles(ctx, author, events=True)
    holder = await open_articles(ctx, ctx.user("editor"))
    article_id = await create_article(actor)
    # The one who publishes is not the author, nor the one session that which created it.
    await holder.apply("article.publish", {"article_id": article_id})
    writers = (holder, await open_articles(ctx, author), actor)
    titles = [unique(ctx, "title") for _ in writers]
    for session, title in zip(writers, titles, strict=True):
        await update(session, article_id, title=title, content=title)
    await delete(holder, article_id)
    await _check_hints(ctx, actor, article_id, titles)


async def _check_hints(ctx: Context, actor: Session, article_id: str, titles: list[str]) -> None:
    """Check that an article's updates to some titles and its deletion were hinted, each as it must be."""
    await actor.fence()
    subject = f"article.{ctx.tok(article_id)}.updates"

    def last() -> Record | None:
        return next((r for r in ctx.log.on(subject) if r.type == "article.deleted"), None)

    gone = await ctx.log.wait((subject,), last, timeout_s=ctx.within(BOUND_MS))
    hints = ctx.log.on(subject)
    articles = [as_object(r.payload.get("article")) for r in hints if r.type == "article.updated"]
    updates = {str(a.get("title")): a.get("content") for a in articles}
    for title in titles:
        ctx.check(
            "ART-014",
            updates.get(title) == title,
            expected=f"article.updated on {subject} with title and content {title}",
            seen=list(updates) or "no update on it",
            on=hints,
        )
    if gone is None:
        ctx.absent("ART-014", expected=f"article.deleted on {subject}", on=hints)
    for hint in hints:
        body = hint.body or {}
        ctx.equal("ART-014", article_id, body.get("article_id"), on=hint, pointer="/article_id")
        present = [name for name in NO_POSITION if name in body]
        ctx.equal("ART-014", [], present, on=hint, why="members that belong to a session")
    _check_ids(ctx, actor, [r for r in hints if _title(r) in titles or r is gone])


def _title(hint: Record) -> str:
    return str(as_object(hint.payload.get("article")).get("title"))


def _check_ids(ctx: Context, session: Session, hints: list[Record]) -> None:
    """Check that each hint has the id of the event of the same change, where there are events."""
    known = {event_id(r): r.type for r in session.events()}
    for hint in hints if "events" in session.features else ():
        seen = known.get(event_id(hint), "no event of that id")
        ctx.equal("ART-014", hint.type, seen, on=hint, pointer="/event_id")
