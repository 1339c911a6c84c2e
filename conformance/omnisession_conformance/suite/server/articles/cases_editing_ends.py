"""EDIT: when an edit ends: with the last session that holds it, by its end, close or expiry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_published,
    end_edit,
    entries_of,
    find_editor,
    open_articles,
    start_edit,
    takes,
)
from omnisession_conformance.roles.server.steps.timers import SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


@case("EDIT-004", needs=(*takes("create", "publish", "edit_start", "edit_end"), "role:reader"))
async def edit_ends_with_the_last_session(ctx: Context) -> None:
    """The entry stays while one session that started the edit goes on, and goes with the last of them."""
    author, reader = ctx.user(), ctx.user("reader")
    one, two, idle = [await open_articles(ctx, author) for _ in range(3)]
    watchers = [
        idle,
        await open_articles(ctx, reader),
        await open_articles(ctx, reader, events=True),
    ]
    article_id = await create_published(one)

    async def shown(expected: bool, when: str) -> None:
        entries = await entries_of(watchers, article_id, author, there=expected)
        for session, entry in zip(watchers, entries, strict=True):
            seen = entry is not None
            ctx.equal("EDIT-004", expected, seen, on=session.stream[-1:], why=f"shown {when}")

    await start_edit(one, article_id)
    await start_edit(two, article_id)
    await end_edit(idle, article_id)
    await shown(True, "after the end in a session that did not start it")
    await end_edit(one, article_id)
    await shown(True, "after the end in the first of two sessions")
    await end_edit(two, article_id)
    await shown(False, "after the end in the last of them")
    await start_edit(one, article_id)
    await start_edit(two, article_id)
    await one.close()
    one.leave_open = True
    await shown(True, "after the close of the first of two sessions")
    await end_edit(two, article_id)
    await _gone(ctx, "EDIT-004", watchers, article_id, author, BOUND_MS)
    three = await open_articles(ctx, author)
    await start_edit(two, article_id)
    await start_edit(three, article_id)
    await end_edit(three, article_id)
    await shown(True, "after the end in the second of two sessions")
    await two.close()
    two.leave_open = True
    await _gone(ctx, "EDIT-004", watchers, article_id, author, BOUND_MS)


async def _gone(
    ctx: Context,
    requirement: str,
    sessions: Sequence[Session],
    article_id: str,
    user: User,
    within_ms: int,
) -> None:
    """Check that an entry goes from sessions that ask for nothing, within a time."""
    bound = ctx.within(within_ms)
    for session in sessions:

        def gone(session: Session = session) -> bool | None:
            return find_editor(session.slice(KIND), article_id, user.id) is None or None

        if await session.wait(gone, bound):
            ctx.check(requirement, good=True, expected="the entry gone", seen="gone")
        else:
            expected = f"a state or event within {within_ms} ms that ends the edit"
            ctx.absent(requirement, expected=expected, waited_s=within_ms / 1_000)
            bound = 0.0


@case("EDIT-005", needs=(*takes("create", "publish", "edit_start"), "role:reader"))
async def close_ends_edits(ctx: Context) -> None:
    """After the close of the session that edits, the end is told to everybody who saw the edit."""
    author, reader = ctx.user(), ctx.user("reader")
    editing = await open_articles(ctx, author)
    watchers = [
        await open_articles(ctx, user, events=events)
        for user in (author, reader)
        for events in (False, True)
    ]
    # What a session is shown says nothing of what it does.
    others = ctx.declared.other_kinds(KIND)[:1]
    sessions = [editing, editing, *([await ctx.open(author, kinds=others)] if others else [])]
    ids = [await create_published(editing) for _ in sessions]
    for session, article_id in zip(sessions, ids, strict=True):
        await start_edit(session, article_id)
        entries = await entries_of(watchers, article_id, author)
        ctx.require(None not in entries, "a started edit is not shown")
    for session in sessions[1:]:
        await session.close()
        session.leave_open = True
    for article_id in ids:
        await _gone(ctx, "EDIT-005", watchers, article_id, author, BOUND_MS)


@case(
    "EDIT-005",
    needs=(*takes("create", "publish", "edit_start"), "role:reader"),
    slow=True,
    limit_ms=9_000,
)
async def expiry_ends_edits(ctx: Context) -> None:
    """When the session that edits is left alone, the end of its edit is told soon after its window."""
    author, reader = ctx.user(), ctx.user("reader")
    article_id = await create_published(await open_articles(ctx, author))
    watchers = [await open_articles(ctx, reader, events=events) for events in (False, True)]
    # Opened last: on a slow machine its window may pass before the edit has started.
    mute = await open_articles(ctx, author, timers=SHORT)
    mute.leave_open = True
    await start_edit(mute, article_id)
    entries = await entries_of(watchers, article_id, author)
    ctx.require(None not in entries, "a started edit is not shown")
    window = mute.timers.get("resume_window_ms", SHORT["resume_window_ms"])
    # It may expire late, and its end may be told late.
    within = window + 2 * BOUND_MS
    await _gone(ctx, "EDIT-005", watchers, article_id, author, within)
