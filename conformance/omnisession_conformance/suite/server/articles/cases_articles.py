"""ART: what create, update, publish and delete do, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    TEXTS,
    create_article,
    create_published,
    current,
    delete,
    editor,
    end_edit,
    entry,
    find,
    later_than,
    members,
    open_articles,
    part,
    publish,
    select,
    start_edit,
    takes,
    unique,
    update,
    view,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry

GIVEN = (*TEXTS, "tags")
SERVERS: Entry = {"author": "x", "struct_version": 99, "published_at": 1, "revision": 10**6}
"""Members of an article that the server sets, and that no action can."""
HOUR_MS = 3_600_000


@case("ART-001", needs=takes("create", "select"))
async def created_article_is_shown_as_given(ctx: Context) -> None:
    """A new article is in all sessions of its author with every member as the action gave it."""
    user = ctx.user()
    actor, data = await open_articles(ctx, user), members(ctx)
    others = [await open_articles(ctx, user), await open_articles(ctx, user, events=True)]
    article_id = await create_article(actor, **data)
    listed: Entry = {**data, "id": article_id, "content": None, "published_at": None}
    for session in (actor, *others):
        told = await entry(session, article_id)
        where = "the acting session" if session is actor else "another session of the author"
        seen, on = part(told, tuple(listed)), session.stream[-1:]
        ctx.equal("ART-001", listed, seen, on=on, why=f"the entry in {where}")
        await select(session, article_id)
        selected = part(current(await view(session)), GIVEN)
        ctx.equal("ART-001", data, selected, on=session.stream[-1:], why=f"selected in {where}")
    await _with_defaults(ctx, actor)


async def _with_defaults(ctx: Context, session: Session) -> None:
    """Observe that an article of which only the title is given has a value for each other member."""
    title = unique(ctx, "title")
    article_id = await create_article(session, title=title)
    await select(session, article_id)
    selected = current(await view(session))
    wanted: Entry = {
        "title": title,
        **dict.fromkeys(("subtitle", "leading", "content"), ""),
        "tags": [],
    }
    why = "a selected article of which only the title was given"
    on = session.stream[-1:]
    ctx.equal("ART-001", wanted, part(selected, tuple(wanted)), on=on, why=why)
    slug = selected.get("slug")
    expected = "a text that is not empty"
    ctx.check("ART-001", bool(slug), expected=expected, seen=slug, on=on, why=f"the slug of {why}")


@case("ART-002", needs=takes("create", "update", "select"))
async def update_changes_what_it_names(ctx: Context) -> None:
    """Each member alone, two together, empty values and unknown members: nothing else changes."""
    user = ctx.user()
    sessions = [await open_articles(ctx, user), await open_articles(ctx, user, events=True)]
    actor = sessions[0]
    article_id = await create_article(actor, **members(ctx))
    for session in sessions:
        await select(session, article_id)
    steps: list[Entry] = [{name: unique(ctx, name)} for name in TEXTS]
    steps += [
        {"tags": [unique(ctx, "b"), unique(ctx, "a")]},
        {"title": unique(ctx, "title"), "leading": unique(ctx, "leading")},
        {"title": unique(ctx, "title"), "tags": [unique(ctx, "c")]},
        {"tags": []},
        {"content": ""},
        {"subtitle": unique(ctx, "subtitle"), "x_unknown": unique(ctx, "unknown")},
        {"leading": unique(ctx, "leading"), **SERVERS},
    ]
    before = part(current(await view(actor)))
    for number, changes in enumerate(steps):
        # By turns: neither session may begin from what it made of the article itself.
        await update(sessions[number % 2], article_id, **changes)
        expected = {**before, **{n: v for n, v in changes.items() if n in GIVEN}}
        for session in sessions:
            slice_ = await view(session)
            selected, listed = part(current(slice_)), part(find(slice_, article_id))
            expected["revision"] = selected["revision"]
            why = f"after an update of {', '.join(changes)}"
            ctx.equal("ART-002", expected, selected, on=session.stream[-1:], why=f"selected {why}")
            short = {**expected, "content": None}
            ctx.equal("ART-002", short, listed, on=session.stream[-1:], why=f"listed {why}")
        before = expected


@case("ART-002", needs=(*takes("create", "update"), "action:user.update", "fixture:mint"))
async def update_keeps_the_name_of_the_author(ctx: Context) -> None:
    """An update by an author who has another name by now leaves the article's `author` as it was."""
    user = ctx.user()
    sessions = [await open_articles(ctx, user), await open_articles(ctx, user, events=True)]
    article_id = await create_article(sessions[0])
    before = part(await entry(sessions[0], article_id), ("author",))
    renamed = {"changes": {"username": unique(ctx, "name")}}
    ctx.require((await sessions[0].act("user.update", renamed)).acked, "user.update was not acked")
    await update(sessions[0], article_id, title=unique(ctx, "title"))
    for session in (*sessions, await open_articles(ctx, user)):
        seen, on = part(await entry(session, article_id), ("author",)), session.stream[-1:]
        ctx.equal("ART-002", before, seen, on=on, why="after its author was renamed, and an update")


@case(
    "ART-003",
    needs=(
        *takes("create", "update", "publish", "select", "edit_start", "edit_end", "delete"),
        "role:reader",
    ),
)
async def published_changes_reach_everyone(ctx: Context) -> None:
    """Updates, edits and the deletion of a published article are shown to other users by their pong."""
    author, reader = ctx.user(), ctx.user("reader")
    actor = await open_articles(ctx, author)
    readers = {
        "without events": await open_articles(ctx, reader),
        "with events": await open_articles(ctx, reader, events=True),
        "that selected it": await open_articles(ctx, reader, events=True),
    }
    article_id = await create_published(actor)
    await select(readers["that selected it"], article_id)
    title = unique(ctx, "title")

    async def each(what: str, *, listed: str | None, edited: bool) -> None:
        for name, session in readers.items():
            told = await entry(session, article_id, there=listed is not None)
            edit = await editor(session, article_id, author, there=edited)
            expected = {"title": listed, "edited": edited}
            seen = {"title": (told or {}).get("title"), "edited": edit is not None}
            on, why = session.stream[-1:], f"{what}, in another user's session {name}"
            ctx.equal("ART-003", expected, seen, on=on, why=why)

    await update(actor, article_id, title=title)
    await each("after an update", listed=title, edited=False)
    await start_edit(actor, article_id)
    await each("after the start of an edit", listed=title, edited=True)
    await end_edit(actor, article_id)
    await each("after the end of an edit", listed=title, edited=False)
    await delete(actor, article_id)
    await each("after the deletion", listed=None, edited=False)


@case("ART-005", needs=(*takes("create", "publish"), "role:reader"))
async def publish_shows_the_article_to_everyone(ctx: Context) -> None:
    """A publish sets the time and shows the article everywhere; a second one changes nothing."""
    author, reader = ctx.user(), ctx.user("reader")
    actor = await open_articles(ctx, author)
    sessions = [
        actor,
        await open_articles(ctx, author, events=True),
        await open_articles(ctx, reader),
        await open_articles(ctx, reader, events=True),
    ]
    article_id = await create_article(actor, title=unique(ctx, "title"))
    ack = await publish(actor, article_id)
    published: list[Entry] = []
    for session in (*sessions, await open_articles(ctx, reader)):
        told = await entry(session, article_id)
        at, now = (told or {}).get("published_at"), ack.record.integer("timestamp") or 0
        ctx.check(
            "ART-005",
            isinstance(at, int) and abs(at - now) < HOUR_MS,
            expected=f"the article with published_at about {now} ms, the time of the ack",
            seen="no such article" if told is None else at,
            on=session.stream[-1:],
            why=f"in a session of the {session.user.roles[0]}",
        )
        published.append(part(told))
    await later_than(actor, ack.record.integer("timestamp"))
    again = await actor.act("article.publish", {"article_id": article_id})
    ctx.acked("ART-005", again, why="a second publish")
    for session, before in zip(sessions, published, strict=False):
        seen = part(await entry(session, article_id))
        ctx.equal("ART-005", before, seen, on=session.stream[-1:], why="after a second publish")


@case("ART-006", needs=(*takes("create", "update", "publish"), "role:editor"))
async def revisions_grow(ctx: Context) -> None:
    """The revision grows with each update, by the author or another, and over a publish."""
    author = ctx.user()
    actor = await open_articles(ctx, author)
    other = await open_articles(ctx, ctx.user("editor"), events=True)
    watcher = await open_articles(ctx, author, events=True)
    article_id = await create_article(actor)
    highest = _revision(await entry(watcher, article_id))
    for step, acting in enumerate((actor, other, other, actor, other)):
        if step == 3:
            await publish(actor, article_id)
        await update(acting, article_id, title=unique(ctx, "title"))
        for session in (actor, watcher):
            told = await entry(session, article_id)
            revision = _revision(told)
            ctx.check(
                "ART-006",
                revision > max(highest, 0),
                expected=f"a revision above {highest}",
                seen=part(told, ("revision",)),
                on=session.stream[-1:],
                why="after an update" if step < 3 else "after a publish and updates",
            )
        highest = max(highest, revision)


def _revision(article: Entry | None) -> int:
    value = (article or {}).get("revision")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


@case("ART-015", needs=(*takes("create", "update", "select"), "role:editor"))
async def author_is_who_created(ctx: Context) -> None:
    """Neither members of actions nor updates by others change the author of an article."""
    author, other = ctx.user(), ctx.user("editor")
    actor, second = await open_articles(ctx, author), await open_articles(ctx, other, events=True)
    article_id = await create_article(actor, author_id=other.id)
    # Seen by a holder of post_edit_any, who reads it whoever its author is.
    await select(second, article_id)
    changes = {"title": unique(ctx, "title"), "author_id": other.id}
    for what, acting, data in (
        ("a create that names another author", None, {}),
        ("an update that does", actor, changes),
        ("an update by another user", second, {"title": unique(ctx, "title")}),
        ("an update by another user that names that user", second, changes),
    ):
        if acting is not None:
            await acting.act("article.update", {"article_id": article_id, "changes": data})
        seen = current(await view(second)).get("author_id")
        ctx.equal("ART-015", author.id, seen, on=second.stream[-1:], why=f"author_id after {what}")
        listed = find(await view(actor), article_id)
        if listed is not None:
            seen = listed.get("author_id")
            ctx.equal(
                "ART-015", author.id, seen, on=actor.stream[-1:], why=f"author_id after {what}"
            )
