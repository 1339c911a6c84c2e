"""EDIT: who edits what, in which sessions it is shown, and when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NoRoom
from omnisession_conformance.roles.server.steps.articles import (
    EDIT_SUBJECT,
    create_article,
    create_published,
    editor,
    end_edit,
    entries_of,
    ever_full,
    find_editor,
    later_than,
    open_articles,
    start_edit,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.timers import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry


async def _on_shared_subject(session: Session, article_id: str) -> Answer | None:
    body = session.action_body("article.edit_start", top={"article_id": article_id})
    return await session.outcome_of(body, subject=EDIT_SUBJECT)


async def _on_own_subject(session: Session, article_id: str) -> Answer | None:
    body = session.action_body("article.edit_start", {"article_id": article_id})
    return await session.outcome_of(body)


def _outcome(answer: Answer | None) -> Entry:
    """What two outcomes of the same kind have in common."""
    if answer is None:
        return {"type": "no outcome"}
    members = {name: answer.data.get(name) for name in ("status", "result")}
    return {"type": answer.type, **members, "error": {**answer.error, "message": None}}


@case("EDIT-001", needs=takes("create", "edit_start"))
async def edit_start_works_on_both_subjects(ctx: Context) -> None:
    """A start on the shared subject has the outcome, the entry and the refusals of one on the user's."""
    user = ctx.user()
    actor = await open_articles(ctx, user)
    watchers = [actor, await open_articles(ctx, user, events=True)]
    one, two = await create_article(actor), await create_article(actor)
    own, shared = await _on_own_subject(actor, two), await _on_shared_subject(actor, one)
    ctx.require(own is not None and own.acked, f"article.edit_start was not acked: {own}")
    if not ctx.acked("EDIT-001", shared, status="applied", why=f"a start on {EDIT_SUBJECT}"):
        return
    for session in watchers:
        ctx.require(await editor(session, two, user) is not None, "a started edit is not shown")
        seen = await editor(session, one, user)
        ctx.check(
            "EDIT-001",
            seen is not None,
            expected=f"an entry of the edit that was started on {EDIT_SUBJECT}",
            seen=seen or "no entry",
            on=session.stream[-1:],
        )
    missing = unique(ctx, "missing")
    pairs = {
        "a repeated start": (
            await _on_shared_subject(actor, two),
            await _on_own_subject(actor, two),
        ),
        "a missing article": (
            await _on_shared_subject(actor, missing),
            await _on_own_subject(actor, missing),
        ),
    }
    for what, (shared, own) in pairs.items():
        ctx.require(own is not None, "article.edit_start got no outcome")
        on = [answer for answer in (shared, own) if answer is not None]
        ctx.equal("EDIT-001", _outcome(own), _outcome(shared), on=on, why=f"outcomes of {what}")


@case("EDIT-001", needs=takes("create", "edit_start"))
async def data_beside_names_nothing(ctx: Context) -> None:
    """On the shared subject the id at top level is that of the article, whatever `data` stands beside."""
    user = ctx.user()
    session = await open_articles(ctx, user)
    one, other = await create_article(session), await create_article(session)
    body = session.action_body("article.edit_start", top={"article_id": one})
    body["data"] = {"article_id": other}
    answer = await session.outcome_of(body, subject=EDIT_SUBJECT)
    why = "a start with another article's id in the data beside"
    if ctx.acked("EDIT-001", answer, status="applied", why=why):
        wanted = {one: True, other: False}
        seen = {
            id_: await editor(session, id_, user, there=there) is not None
            for id_, there in wanted.items()
        }
        ctx.equal("EDIT-001", wanted, seen, on=session.stream[-1:], why=f"edited after {why}")


@case("EDIT-002", needs=(*takes("create", "publish", "edit_start"), "role:reader", "role:editor"))
async def started_edits_are_shown_to_all_readers(ctx: Context) -> None:
    """An edit is shown with one `since` in all sessions of all readers, those opened later included."""
    author, reader, holder = ctx.user(), ctx.user("reader"), ctx.user("editor")
    actor = await open_articles(ctx, author)
    own = [actor, await open_articles(ctx, author, events=True)]
    own += [await open_articles(ctx, holder, events=True)]
    others = [await open_articles(ctx, reader, events=events) for events in (False, True)]
    for make, sessions in ((create_article, own), (create_published, [*own, *others])):
        article_id = await make(actor)
        start = actor.action_body("article.edit_start", {"article_id": article_id})
        # The time of a client, which may be any, is not that of the start.
        ack = await actor.needed_outcome_of({**start, "timestamp": start["timestamp"] - DAY_MS})
        ctx.require(ack.acked, f"article.edit_start was not acked: {ack}")
        now = ack.record.integer("timestamp") or 0
        later = await open_articles(ctx, author)
        first: Any = None
        for session in (*sessions, later):
            entry = await editor(session, article_id, author) or {}
            since = entry.get("since")
            first = since if first is None else first
            expected = {"article_id": article_id, "user_id": author.id, "since": first}
            is_near = isinstance(since, int) and abs(since - now) <= HOUR_MS
            ctx.check(
                "EDIT-002",
                is_near and {**entry, **expected} == entry,
                expected=f"{expected}, with since about {now}, the time of the ack",
                seen=entry or "no entry",
                on=session.stream[-1:],
                why=f"in a session of the {session.user.roles[0]}",
            )


@case("EDIT-003", needs=(*takes("create", "publish", "edit_start", "edit_end"), "role:reader"))
async def repeated_starts_and_ends_change_nothing(ctx: Context) -> None:
    """Starting again, in the same or another session, and ending what is not edited, leave all as it is."""
    author, reader = ctx.user(), ctx.user("reader")
    first, second = await open_articles(ctx, author), await open_articles(ctx, author, events=True)
    sessions = [first, second, await open_articles(ctx, reader, events=True)]
    article_id = await create_published(first)
    await start_edit(first, article_id)
    before = await entries_of(sessions, article_id, author)
    ctx.require(None not in before, "a started edit is not shown")
    await later_than(first, (before[0] or {}).get("since"))
    for acting in (first, second):
        again = await acting.act("article.edit_start", {"article_id": article_id})
        ctx.acked("EDIT-003", again, why="a second start")
        await _unchanged(ctx, sessions, article_id, author, before, "after a second start")
    later = [await open_articles(ctx, user) for user in (author, reader)]
    same = [before[0]] * len(later)
    await _unchanged(ctx, later, article_id, author, same, "in a session opened after the starts")
    for acting in (first, second):
        await end_edit(acting, article_id)
        if acting is first:
            late = [await open_articles(ctx, author)]
            when = "in a session opened after one of two sessions ended it"
            await _unchanged(ctx, late, article_id, author, before[:1], when)
    gone = await entries_of(sessions, article_id, author, there=False)
    ctx.require(gone == [None] * 3, "an edit that was ended in both sessions is still shown")
    for acting in (first, second):
        ended = await acting.act("article.edit_end", {"article_id": article_id})
        ctx.acked("EDIT-003", ended, why="an end without an edit")
        await _unchanged(ctx, sessions, article_id, author, gone, "after an end without an edit")


async def _unchanged(
    ctx: Context,
    sessions: Sequence[Session],
    article_id: str,
    user: User,
    before: Sequence[Entry | None],
    when: str,
) -> None:
    for session, entry in zip(sessions, before, strict=True):
        slice_ = await view(session)
        seen = find_editor(slice_, article_id, user.id)
        if entry is not None and seen is None and ever_full(session, "editors"):
            raise NoRoom(f"the list of editors was at its limit and may have lost {article_id}")
        ctx.equal("EDIT-003", entry, seen, on=session.stream[-1:], why=f"the entry {when}")
        entries = [e for e in slice_["editors"] if e.get("article_id") == article_id]
        count = 0 if entry is None else 1
        ctx.equal("EDIT-003", count, len(entries), on=session.stream[-1:], why=f"entries {when}")
