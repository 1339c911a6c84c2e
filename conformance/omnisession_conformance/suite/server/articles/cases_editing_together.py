"""EDIT: several users and sessions edit one article: each edit begins and ends by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_published,
    edit_part,
    editor,
    end_edit,
    find_editor,
    later_than,
    open_articles,
    publish,
    select,
    start_edit,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.timers import EXPIRY_LATE_MS, SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

EDITS = takes("create", "publish", "edit_start", "edit_end")
Edits = tuple[tuple[str, "User"], ...]
"""Articles and the users who edit them."""


async def _edited(ctx: Context, sessions: Sequence[Session], wanted: Edits, why: str) -> None:
    """Observe that edits are shown, in live sessions and in one that is opened now."""
    later = await open_articles(ctx, sessions[0].user)
    for session in (*sessions, later):
        shown = [await editor(session, id_, user) is not None for id_, user in wanted]
        where = "a session opened later" if session is later else "a live session"
        on = session.stream[-1:]
        ctx.equal("EDIT-004", [True] * len(shown), shown, on=on, why=f"edits {why}, in {where}")
    await later.close()
    later.leave_open = True


async def _gone(ctx: Context, sessions: Sequence[Session], id_: str, user: User, why: str) -> None:
    later = await open_articles(ctx, sessions[0].user)
    for session in (*sessions, later):
        left = await editor(session, id_, user, there=False)
        ctx.equal("EDIT-004", None, left, on=session.stream[-1:], why=f"the edit {why}")
    await later.close()
    later.leave_open = True


@case("EDIT-002", "EDIT-004", needs=(*EDITS, "role:editor"))
async def edits_of_users_end_by_themselves(ctx: Context) -> None:
    """Where one user stops, by an end or a close, the others go on, and their own ends take them away."""
    author, other = ctx.user(), ctx.user("editor")
    mine, theirs = await open_articles(ctx, author), await open_articles(ctx, other, events=True)
    watchers = [mine, await open_articles(ctx, author, events=True)]
    one, two = [await create_published(mine) for _ in range(2)]
    await start_edit(mine, one)
    first = await editor(mine, one, author) or {}
    await later_than(mine, first.get("since"))
    await start_edit(theirs, one)
    await start_edit(mine, two)
    await start_edit(theirs, two)
    second = await editor(mine, one, other) or {}
    told, since = second.get("since"), first.get("since")
    good = isinstance(told, int) and isinstance(since, int) and told > since
    expected = f"a since after {since}, when another user started before"
    ctx.check("EDIT-002", good, expected=expected, seen=told, on=mine.stream[-1:])
    everybody = ((one, author), (one, other), (two, author), (two, other))
    await _edited(ctx, watchers, everybody, "of two users on two articles")
    await end_edit(mine, one)
    await _gone(ctx, watchers, one, author, "that its user ended")
    await _edited(ctx, watchers, ((one, other), (two, author), (two, other)), "of whoever goes on")
    await end_edit(theirs, two)
    await _gone(ctx, watchers, two, other, "of the other user, who ended it")
    await _edited(ctx, watchers, ((one, other), (two, author)), "after an end of each")
    await later_than(mine, told)
    await start_edit(mine, one)
    again = (await editor(mine, one, author) or {}).get("since")
    good = isinstance(again, int) and isinstance(told, int) and again > told
    expected = f"a since after {told}: the edit was ended and started again"
    ctx.check("EDIT-002", good, expected=expected, seen=again, on=mine.stream[-1:])
    await theirs.close()
    theirs.leave_open = True
    bound = ctx.within(BOUND_MS)
    for session in watchers:

        def over(session: Session = session) -> bool | None:
            return find_editor(session.slice(KIND), one, other.id) is None or None

        if await session.wait(over, bound) is None:
            ctx.absent("EDIT-004", expected="the end of the edit of whoever closed")
    await _edited(ctx, watchers, ((one, author), (two, author)), "after another user's close")


@case("EDIT-004", needs=(*EDITS, "action:article.update", "action:article.select"))
async def other_actions_end_no_edit(ctx: Context) -> None:
    """Updates, selections, a publish, and edits elsewhere of whoever edits leave the edit as it is."""
    author = ctx.user()
    mine, watcher = await open_articles(ctx, author), await open_articles(ctx, author, events=True)
    article_id, other = [
        (await mine.apply("article.create", {"title": unique(ctx, "title")})).result["article_id"]
        for _ in range(2)
    ]
    await select(mine, article_id)
    await start_edit(mine, article_id)
    ctx.require(await editor(watcher, article_id, author) is not None, "an edit is not shown")
    before = edit_part(await editor(watcher, article_id, author))
    for what, step in (
        ("an update", lambda: update(mine, article_id, title=unique(ctx, "title"))),
        ("a selection of another article", lambda: select(mine, other)),
        ("an edit of another article", lambda: start_edit(mine, other)),
        ("a selection of nothing", lambda: select(mine, None)),
        ("an end of another edit", lambda: end_edit(mine, other)),
        ("a publish", lambda: publish(mine, article_id)),
    ):
        await step()
        for session in (mine, watcher):
            seen, on = edit_part(await editor(session, article_id, author)), session.stream[-1:]
            ctx.equal("EDIT-004", before, seen, on=on, why=f"the edit after {what} of its session")
    later = await open_articles(ctx, author)
    seen = edit_part(await editor(later, article_id, author))
    ctx.equal("EDIT-004", before, seen, on=later.stream[-1:], why="the edit, as it is shown later")


@case("EDIT-004", "EDIT-005", needs=EDITS, slow=True, limit_ms=9_000)
async def expiry_ends_no_edit_of_others(ctx: Context) -> None:
    """A session that expires ends its own edits, and none that another session of its user holds."""
    author = ctx.user()
    mine = await open_articles(ctx, author, events=True)
    shared, own = [await create_published(mine) for _ in range(2)]
    mute = await open_articles(ctx, author, timers=SHORT)
    mute.leave_open = True
    for session, article_id in ((mute, shared), (mute, own), (mine, shared)):
        await start_edit(session, article_id)
    for article_id in (shared, own):
        shown = await editor(mine, article_id, author)
        ctx.require(shown is not None, "a started edit is not shown")
    window = mute.timers.get("resume_window_ms", SHORT["resume_window_ms"])
    within = window + EXPIRY_LATE_MS + BOUND_MS

    def over() -> bool | None:
        return find_editor(mine.slice(KIND), own, author.id) is None or None

    if await mine.wait(over, ctx.within(within)) is None:
        expected = f"the end of the edit within {within} ms"
        ctx.absent("EDIT-005", expected=expected, waited_s=within / 1_000)
        return
    ctx.check("EDIT-005", good=True, expected="the end of the edit", seen="it came")
    await _edited(ctx, [mine], ((shared, author),), "that another session of its user holds")
    slice_ = await view(mine)
    ctx.equal("EDIT-005", None, find_editor(slice_, own, author.id), why="the edit that ended")
