"""ART: which actions a revision that is expected counts in, and which it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.articles import (
    create_published,
    entry,
    open_articles,
    part,
    select,
    start_edit,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.sending import CHAT_SUBJECT, EDIT_SUBJECT
from omnisession_conformance.roles.server.steps.urls import address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry

JUDGED = (4001, 4090)
"""Refusals that an expect can bring about."""
IDLE = takes("create", "update", "publish", "select", "edit_start", "edit_end")


@case("ART-007", needs=IDLE)
async def expect_counts_where_nothing_would_change(ctx: Context) -> None:
    """A second publish, start or selection, an end of no edit and an empty update are judged by it."""
    user = ctx.user()
    session = await open_articles(ctx, user)
    title = unique(ctx, "title")
    busy, still = [await create_published(session, title=title) for _ in range(2)]
    await start_edit(session, busy)
    await select(session, busy)
    same: Entry = {"article_id": busy, "changes": {"title": title}}
    tries: tuple[tuple[str, Entry, str | None], ...] = (
        ("article.publish", {"article_id": busy}, None),
        ("article.edit_start", {"article_id": busy}, None),
        ("article.edit_start", {"article_id": busy}, EDIT_SUBJECT),
        ("article.select", {"article_id": busy}, None),
        ("article.edit_end", {"article_id": still}, None),
        ("article.update", same, None),
        ("article.update", {"article_id": busy, "changes": {}}, None),
    )
    before = {id_: part(await entry(session, id_)) for id_ in (busy, still)}
    for type_, data, subject in tries:
        revision = before[data["article_id"]]["revision"]
        if not isinstance(revision, int):
            raise Prerequisite("a session does not show the revision of an article")
        # An update that may be done makes a revision.
        right = () if type_ == "article.update" else (revision,)
        for expected in (max(1, revision - 1), revision + 1, *right):
            how: dict[str, Any] = {"expect": {"revision": expected}}
            how |= {"data": data} if subject is None else {"top": data}
            answer = await session.outcome_of(session.action_body(type_, **how), subject=subject)
            why = f"{type_} that changes nothing, expecting {expected} at {revision}"
            if expected in right:
                ctx.acked("ART-007", answer, why=why)
            elif ctx.refused("ART-007", answer, 4090, why=why) and answer is not None:
                told = as_object(answer.error.get("details")).get("revision")
                ctx.equal("ART-007", revision, told, on=answer, why=why)
    after = {id_: part(await entry(session, id_)) for id_ in (busy, still)}
    ctx.equal(
        "ART-007", before, after, on=session.stream[-1:], why="after actions without a change"
    )


def _elsewhere(ctx: Context, made: dict[str, str]) -> Iterator[tuple[str, Entry, str | None]]:
    """Actions that name no article; those that make something come before those that need it."""
    yield "session.noop", {}, None
    yield "article.create", {"title": unique(ctx, "title")}, None
    yield "article.select", {"article_id": None}, None
    yield "chat.typing", {"active": True, "ttl_ms": 1_000}, None
    yield "chat.send", {"content": unique(ctx, "message")}, None
    yield "chat.send", {"content": unique(ctx, "message")}, CHAT_SUBJECT
    message = made.get("message_id")
    if message:
        yield "chat.edit", {"message_id": message, "content": unique(ctx, "message")}, None
        yield "chat.delete", {"message_id": message}, None
    yield "url.create", {"target_url": address(ctx)}, None
    url = made.get("url_id")
    if url:
        yield "url.update", {"url_id": url, "changes": {"is_active": False}}, None
        yield "url.delete", {"url_id": url}, None
    yield "user.update", {"changes": {}}, None


@case("ART-007", needs=takes("create", "select"))
async def expect_is_ignored_elsewhere(ctx: Context) -> None:
    """In actions that name no article, whatever revision is expected makes no difference."""
    session: Session = await open_articles(ctx, ctx.user())
    made: dict[str, str] = {}
    wrong = {"revision": int(ctx.draws.digits()) % 2**50 + 2}
    for type_, data, subject in _elsewhere(ctx, made):
        if type_ not in ctx.declared.actions:
            continue
        how: dict[str, Any] = {"data": data} if subject is None else {"top": data}
        body = session.action_body(type_, expect=wrong, **how)
        answer = await session.outcome_of(body, subject=subject)
        why = f"{type_} with an expect"
        if answer is not None and not answer.acked and answer.code not in JUDGED:
            # A server's own rules may refuse it, with an expect or without.
            continue
        if ctx.acked("ART-007", answer, status="applied", why=why) and answer is not None:
            made |= {n: v for n, v in answer.result.items() if isinstance(v, str)}
