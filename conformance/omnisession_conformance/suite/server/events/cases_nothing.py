"""EVENT, ART: what changes nothing makes no event, and an update makes a revision whatever it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import member
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    current,
    later_than,
    members,
    open_articles,
    part,
    select,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.chat import open_both, takes_chat, type_
from omnisession_conformance.roles.server.steps.fold_law import events_about
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.roles.server.steps.users import UPDATES, known_user, open_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry
    from omnisession_conformance.traffic.record import Record


def _no_events(ctx: Context, told: Sequence[Record], what: str) -> None:
    why = f"events after {what}, which changes nothing"
    ctx.equal("EVENT-009", [], [record.type for record in told], on=told, why=why)


@case(
    "EVENT-009",
    needs=(
        "events",
        *takes("create", "publish", "edit_start", "edit_end", "delete"),
        "role:reader",
    ),
)
async def unchanged_articles_make_no_event(ctx: Context) -> None:
    """A second publish, a second start and an end without an edit are acked, and told to nobody."""
    author = ctx.user()
    mine, second = [await open_articles(ctx, author, events=True) for _ in range(2)]
    reader = await open_articles(ctx, ctx.user("reader"), events=True)
    article_id = await create_published(mine)
    named = {"article_id": article_id}
    for session, type_name, changes in (
        (mine, "article.publish", False),
        (mine, "article.edit_end", False),
        (mine, "article.edit_start", True),
        (mine, "article.edit_start", False),
        (second, "article.edit_start", False),
        (mine, "article.edit_end", False),
        (second, "article.edit_end", True),
        (second, "article.edit_end", False),
        (second, "article.publish", False),
    ):
        heads = await ctx.fences(mine, second, reader)
        await session.apply(type_name, named)
        await ctx.fences(mine, second, reader)
        for watcher, head in zip((mine, second, reader), heads, strict=True):
            if not changes:
                _no_events(ctx, events_about(watcher, article_id, head), type_name)


def _of_user(session: Session, head: Position, user_id: str) -> list[Record]:
    """Events since a head that are about a user."""
    return [
        record
        for record in session.after(head)
        if record.address.family == "events"
        and user_id in (record.payload.get("user_id"), member(record.payload.get("user"), "id"))
    ]


@case("EVENT-009", needs=("events", *takes_chat("typing")))
async def unchanged_typing_makes_no_event(ctx: Context) -> None:
    """To say again that one types, or types no more, and to open again, is told to nobody."""
    user = ctx.user()
    own, watching = await open_both(ctx, user), await open_both(ctx, ctx.user())
    watcher = watching[1]
    await meet(ctx, *own, *watching)
    for session, active, changes in (
        (own[0], False, False),
        (own[1], False, False),
        (own[0], True, True),
        (own[0], True, False),
        (own[1], True, False),
        (own[1], False, True),
        (own[0], False, False),
    ):
        head = await watcher.fence()
        await type_(session, active=active)
        await watcher.fence()
        if not changes:
            told = _of_user(watcher, head, user.id)
            _no_events(ctx, told, f"active {str(active).lower()}")
    head = await watcher.fence()
    await own[0].open(kinds=["chat"])
    third = await ctx.open(user, kinds=["chat"])
    await third.close()
    third.leave_open = True
    await watcher.fence()
    _no_events(ctx, _of_user(watcher, head, user.id), "another session of a user who is there")


@case("EVENT-009", needs=("events", *UPDATES))
async def unchanged_users_make_no_event(ctx: Context) -> None:
    """An update to what is there, and one of the email alone for the chat, is told to nobody."""
    user = ctx.user()
    mine = await open_user(ctx, user, events=True)
    other = await open_user(ctx, user, events=True)
    room = ctx.declared.kinds if "chat" in ctx.declared.kinds else ()
    people = [await ctx.open(ctx.user(), kinds=["chat"], features=["events"])] if room else []
    in_chat = [await ctx.open(user, kinds=["chat"])] if room else []
    # An open may be told a while after it.
    await meet(ctx, mine, other, *people, *in_chat)
    before = await known_user(mine)
    same = {name: before[name] for name in ("username", "email") if name in before}
    for changes in ({}, same, {"username": before.get("username")}, {"x_unknown": 1}):
        heads = await ctx.fences(mine, other, *people)
        await mine.apply("user.update", {"changes": changes})
        await ctx.fences(mine, other, *people)
        for session, head in zip((mine, other, *people), heads, strict=True):
            _no_events(ctx, _of_user(session, head, user.id), f"an update of {list(changes)}")
    heads = await ctx.fences(*people)
    await mine.apply("user.update", {"changes": {"email": ctx.draws.email()}})
    await ctx.fences(*people)
    for session, head in zip(people, heads, strict=True):
        _no_events(ctx, _of_user(session, head, user.id), "an update of the email, for the chat")
    if not mine.mints:
        await mine.act("user.update", {"changes": same})


# -- revisions -------------------------------------------------------------------------------------


@case("ART-006", needs=takes("create", "update", "select"))
async def updates_that_change_nothing_make_a_revision(ctx: Context) -> None:
    """An update to the same title, of no member and of unknown ones, each makes a revision, everywhere."""
    user = ctx.user()
    sessions = [await open_articles(ctx, user), await open_articles(ctx, user, events=True)]
    actor, title = sessions[0], unique(ctx, "title")
    article_id = await create_article(actor, title=title)
    for session in sessions:
        await select(session, article_id)
    before = current(await view(actor)).get("revision")
    for acting, changes in (
        (actor, {"title": title}),
        (sessions[1], {}),
        (actor, {}),
        (sessions[1], {"title": title, "x_unknown": 1}),
    ):
        await update(acting, article_id, **changes)
        for session in sessions:
            slice_ = await view(session)
            seen, on = current(slice_).get("revision"), session.stream[-1:]
            good = isinstance(seen, int) and isinstance(before, int) and seen > before
            why = f"after an update of {list(changes) or 'nothing'} to what is there"
            ctx.check("ART-006", good, expected=f"above {before}", seen=seen, on=on, why=why)
            numbers = [r.get("revision") for r in entries(slice_, "revisions")]
            wanted = [seen, before]
            ctx.equal("ART-006", wanted, numbers[:2], on=on, why=f"its list of revisions, {why}")
        before = current(await view(actor)).get("revision")


@case("ART-002", "ART-005", "ART-006", needs=takes("create", "update", "publish", "select"))
async def publish_changes_nothing_else(ctx: Context) -> None:
    """The publish that sets the time makes one revision, a second one nothing, an update keeps the time."""
    user = ctx.user()
    actor, watcher = await open_articles(ctx, user), await open_articles(ctx, user, events=True)
    article_id = await create_article(actor, **members(ctx))
    await select(watcher, article_id)
    first, second, third, last = [
        await _published(ctx, step, actor, watcher, article_id)
        for step in ("a create", "a publish", "a second publish", "an update")
    ]
    on = watcher.stream[-1:]
    told = {name: second[0][name] for name in ("published_at", "revision")}
    ctx.equal("ART-005", {**first[0], **told}, second[0], on=on, why="the article after a publish")
    ctx.equal("ART-006", first[1] + 1, second[1], on=on, why="how many revisions after a publish")
    ctx.equal("ART-005", second, third, on=on, why="the article after a second publish")
    told = {name: last[0][name] for name in ("title", "revision")}
    ctx.equal("ART-002", {**third[0], **told}, last[0], on=on, why="the article after an update")


async def _published(
    ctx: Context, step: str, actor: Session, watcher: Session, article_id: str
) -> tuple[Entry, int]:
    """Publish or update an article; how it is shown then, and how many revisions it has."""
    if "publish" in step:
        await actor.apply("article.publish", {"article_id": article_id})
    if step == "an update":
        await later_than(actor, current(await view(watcher)).get("published_at"))
        await update(actor, article_id, title=unique(ctx, "title"))
    later = await open_articles(ctx, actor.user)
    await select(later, article_id)
    shown = [await view(session) for session in (watcher, later)]
    live, opened = [(part(current(s)), len(entries(s, "revisions"))) for s in shown]
    on, why = later.stream[-1:], f"an article, live and in a session opened after {step}"
    for requirement in ("ART-002", "ART-005", "ART-006"):
        ctx.equal(requirement, live, opened, on=on, why=why)
    return live
