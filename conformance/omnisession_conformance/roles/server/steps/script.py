"""A script of actions that touches everything an author can do, and what is expected after each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    delete,
    end_edit,
    members,
    publish,
    select,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.expectation import Entry, Expected

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

PLAYS = takes("create", "update", "publish", "delete", "select", "edit_start", "edit_end")
"""The needs of a case that plays the script."""


def expect_nothing(ctx: Context, session: Session) -> Expected:
    """The expectation of a user that has no articles yet."""
    return Expected(session.user.id, ctx.declared.limit("revisions"))


async def play(ctx: Context, session: Session, expected: Expected) -> AsyncGenerator[str]:
    """Act in a session, move the expectation on, and tell after each step what was done."""
    everything = members(ctx)
    first = await create_article(session, **everything)
    expected.create(first, everything)
    yield "the create of an article with every member"
    little = {"title": unique(ctx, "title")}
    second = await create_article(session, **little)
    expected.create(second, little)
    yield "the create of an article with a title only"
    async for step in _select_and_change(ctx, session, expected, first):
        yield step
    async for step in _publish_and_edit(ctx, session, expected, first):
        yield step
    async for step in _delete(session, expected, first, second):
        yield step


async def _select_and_change(
    ctx: Context, session: Session, expected: Expected, article_id: str
) -> AsyncGenerator[str]:
    await select(session, article_id)
    expected.current = article_id
    yield "the selection of the first article"
    steps: tuple[Entry, ...] = (
        {"title": unique(ctx, "title")},
        {"content": unique(ctx, "content"), "tags": []},
        {"subtitle": "", "leading": unique(ctx, "leading"), "tags": [unique(ctx, "tag")]},
    )
    for changes in steps:
        await update(session, article_id, **changes)
        expected.update(article_id, changes)
        yield f"an update of {', '.join(changes)} of the selected article"


async def _publish_and_edit(
    ctx: Context, session: Session, expected: Expected, article_id: str
) -> AsyncGenerator[str]:
    await start_edit(session, article_id)
    expected.editors.add((article_id, session.user.id))
    yield "the start of an edit"
    await publish(session, article_id)
    expected.publish(article_id)
    yield "the publish of the selected article"
    changes = {"title": unique(ctx, "title"), "content": ""}
    await update(session, article_id, **changes)
    expected.update(article_id, changes)
    yield "an update of the published article"
    await end_edit(session, article_id)
    expected.editors.clear()
    yield "the end of the edit"


async def _delete(
    session: Session, expected: Expected, first: str, second: str
) -> AsyncGenerator[str]:
    await select(session, second)
    expected.current = second
    yield "the selection of the second article"
    await start_edit(session, second)
    expected.editors.add((second, session.user.id))
    yield "the start of an edit of the selected article"
    await delete(session, second)
    expected.delete(second)
    yield "the delete of the selected article, which is being edited"
    await select(session, first)
    expected.current = first
    yield "the selection of the first article again"
