"""EVENT: what comes along with a change, and what does not: a step, then a look at all that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_list
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    current,
    delete,
    end_edit,
    open_articles,
    publish,
    select,
    start_edit,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.chat import (
    LONG_MS,
    edit,
    end,
    open_chat,
    say,
    takes_chat,
    text,
    type_,
)
from omnisession_conformance.roles.server.steps.chat import delete as unsay
from omnisession_conformance.roles.server.steps.fold_law import judge_states
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.outcomes import taken
from omnisession_conformance.roles.server.steps.urls import (
    create_url,
    open_urls,
    takes_url,
    update_url,
)
from omnisession_conformance.roles.server.steps.users import known_user

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

Step = tuple[str, "Callable[[], Awaitable[object]]"]


async def _look(ctx: Context, sessions: Sequence[Session], what: str) -> None:
    """Have sessions tell all that they show, so that what no event told is seen."""
    for session in sessions:
        await session.sync()
        judged = judge_states(session)
        for record, difference in judged.differing[:1]:
            for requirement in ("EVENT-001", "EVENT-002"):
                ctx.check(
                    requirement,
                    good=False,
                    expected=f"the fold of what came before: {difference.expected}",
                    seen=difference.seen,
                    on=record,
                    pointer=difference.pointer,
                    why=f"after {what}",
                )
        if not judged.differing:
            for requirement in ("EVENT-001", "EVENT-002"):
                seen = f"{judged.compared} states that do"
                ctx.check(requirement, good=True, expected="states that equal the fold", seen=seen)
        ctx.require(not judged.differing, "a session shows what no event told")


WIDELY = ("a create", "a publish", "a second publish", "a deletion of a new one")
"""The steps after which everybody is asked for a state."""
ARTICLES = takes("create", "update", "publish", "select", "edit_start", "edit_end", "delete")


@case(
    "EVENT-001",
    "EVENT-002",
    "ART-011",
    needs=("events", *ARTICLES, "role:reader", "role:editor"),
)
async def nothing_comes_along_with_changes_of_articles(ctx: Context) -> None:
    """While an article is selected and edited by two users, each action changes what it says alone."""
    author = ctx.user()
    mine = await open_articles(ctx, author, events=True)
    theirs = await open_articles(ctx, ctx.user("editor"), events=True)
    plain, reader = (
        await open_articles(ctx, author),
        await open_articles(ctx, ctx.user("reader"), events=True),
    )
    first, second = await create_article(mine), await create_article(mine)
    for session in (mine, theirs, plain):
        await select(session, first)
    for session in (mine, theirs):
        await start_edit(session, first)
    third: list[str] = []

    async def another() -> None:
        third.append(await create_article(mine))

    steps: list[Step] = [
        ("an update", lambda: update(mine, first, title=unique(ctx, "title"))),
        ("an update of another", lambda: update(mine, second, title=unique(ctx, "title"))),
        ("a create", another),
        ("an edit of another", lambda: start_edit(mine, second)),
        ("a publish", lambda: publish(mine, first)),
        ("an update by another user", lambda: update(theirs, first, leading=unique(ctx, "text"))),
        ("a second publish", lambda: publish(theirs, first)),
        ("an end of an edit", lambda: end_edit(theirs, first)),
        ("a deletion of another", lambda: delete(mine, second)),
        ("a deletion of a new one", lambda: delete(mine, third[0])),
    ]
    for what, step in steps:
        await step()
        # What came along shows in any later state as well: the longer lists are asked for less often.
        often = (mine, theirs, reader) if what in WIDELY else (mine,)
        await _look(ctx, often, what)
        for session in (mine, theirs, plain):
            seen, on = current(await view(session)).get("id"), session.stream[-1:]
            ctx.equal("ART-011", first, seen, on=on, why=f"selected, after {what}")


@case("EVENT-001", "EVENT-002", needs=("events", *takes_chat("send", "edit", "delete", "typing")))
async def nothing_comes_along_with_changes_of_the_chat(ctx: Context) -> None:
    """A user who types sends, edits, deletes and leaves: what others are told is all that they see."""
    user = ctx.user()
    typist, watcher = await open_chat(ctx, user), await open_chat(ctx, ctx.user(), events=True)
    own = await open_chat(ctx, user, events=True)
    ids = [await say(typist, text(ctx)) for _ in range(2)]
    renames = ctx.fixture.mints and "user.update" in ctx.declared.actions

    async def rename() -> None:
        # A server may have rules for names, or no user for the id: then nothing changes here.
        await taken(typist, "user.update", {"changes": {"username": unique(ctx, "name")}})

    for what, step in (
        ("an edit", lambda: edit(typist, ids[0], text(ctx))),
        ("a deletion", lambda: unsay(typist, ids[1])),
        ("a message", lambda: say(typist, text(ctx))),
        *((("a new name", rename),) * renames),
        ("the end of a session", lambda: end(ctx, own)),
        ("the end of the last session", lambda: end(ctx, typist)),
    ):
        await type_(typist, ttl_ms=LONG_MS)
        await step()
        await _look(ctx, (watcher, own) if not own.leave_open else (watcher,), what)


@case("EVENT-001", "EVENT-002", needs=("events", *takes_url("create", "update")))
async def nothing_comes_along_with_changes_of_urls(ctx: Context) -> None:
    """After each update of one of two urls all is shown that events told, and nothing else."""
    user = ctx.user()
    mine, watcher = await open_urls(ctx, user, events=True), await open_urls(ctx, user, events=True)
    first, second = await create_url(ctx, mine), await create_url(ctx, mine)
    for id_, changes in ((first, {"is_active": False}), (second, {}), (first, {"is_active": True})):
        await update_url(mine, id_, **changes)
        await _look(ctx, (mine, watcher), "an update of a url")


@case(
    "EVENT-001",
    "EVENT-002",
    "USER-004",
    needs=("events", "user", "action:user.update", *takes("create", "publish")),
)
async def nothing_comes_along_with_changes_of_users(ctx: Context) -> None:
    """A new name changes neither sessions nor permissions nor articles, as they are shown then or later."""
    user = ctx.user()
    kinds = [kind for kind in ("user", "articles", "chat") if kind in ctx.declared.kinds]
    mine = await ctx.open(user, kinds=kinds, features=["events"])
    plain = await ctx.open(user, kinds=kinds)
    await known_user(mine)
    await meet(ctx, mine, plain)
    made = [await create_article(mine), await create_published(mine)]
    await mine.fence()
    lists = mine.slice("user")
    before = {name: lists.get(name) for name in ("sessions", "permissions")}
    names = [a.get("author") for a in mine.slice("articles")["articles"] if a.get("id") in made]
    await mine.apply("user.update", {"changes": {"username": unique(ctx, "name")}})
    await _look(ctx, (mine,), "an update of the user")
    later = await open_articles(ctx, user)
    for session in (mine, plain, later):
        await session.fence()
        if session is not later:
            slice_ = session.slice("user")
            seen = {name: _known(slice_.get(name), before[name]) for name in before}
            on, why = session.stream[-1:], "sessions and permissions after a new name"
            ctx.equal("USER-004", before, seen, on=on, why=why)
        articles = session.slice("articles")["articles"]
        seen = [a.get("author") for a in articles if a.get("id") in made]
        on, why = session.stream[-1:], "the author's name on articles that exist"
        ctx.equal("USER-004", names[: len(seen)], seen, on=on, why=why)


def _known(seen: object, before: object) -> object:
    """A list as far as it was known before: sessions may come, and others may open some."""
    known = as_list(before)
    return [entry for entry in as_list(seen) if entry in known]
