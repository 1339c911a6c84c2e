"""ART, USER: what users must not learn: drafts of others, that these exist, and email addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_list, is_object
from omnisession_conformance.roles.server.steps.articles import (
    EDIT_SUBJECT,
    TEXTS,
    create_article,
    create_published,
    delete,
    end_edit,
    open_articles,
    publish,
    select,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.outcomes import refusal
from omnisession_conformance.roles.server.steps.sending import told_to
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry
    from omnisession_conformance.traffic.record import Record

LONGEST_ID = 96
"""An article is named by so many characters at most."""


def names_article(value: Any, article_id: str) -> bool:
    """Whether a body names an article anywhere by its id."""
    if is_object(value):
        if article_id in (value.get("id"), value.get("article_id")):
            return True
        return any(names_article(member, article_id) for member in value.values())
    return any(names_article(item, article_id) for item in as_list(value))


def _markers(ctx: Context, word: str) -> Entry:
    data: Entry = {name: unique(ctx, f"{word}-{name}") for name in TEXTS}
    return {**data, "tags": [unique(ctx, f"{word}-tag")]}


async def _draft_life(
    ctx: Context, author: User, editor: User, while_there: User
) -> tuple[str, list[str]]:
    """Do everything that can be done to a draft; return its id and all texts that were in it."""
    first, second = await open_articles(ctx, author), await open_articles(ctx, author, events=True)
    other = await open_articles(ctx, editor)
    created, updated, edited = (_markers(ctx, word) for word in ("created", "updated", "edited"))
    article_id = await create_article(first, **created)
    await select(second, article_id)
    await update(first, article_id, **updated)
    await start_edit(first, article_id)
    await end_edit(first, article_id)
    await start_edit(second, article_id)
    await start_edit(other, article_id)
    await update(other, article_id, **edited)
    # Whoever opens a session now must not be shown it either.
    for events in (False, True):
        await open_articles(ctx, while_there, events=events)
    await second.close()
    second.leave_open = True
    await delete(first, article_id)
    texts = [value for data in (created, updated, edited) for value in data.values()]
    return article_id, [
        text for value in texts for text in ([value] if isinstance(value, str) else value)
    ]


@case(
    "ART-004",
    needs=(
        *takes("create", "update", "select", "edit_start", "edit_end", "delete"),
        "role:reader",
        "role:editor",
    ),
)
async def drafts_are_told_to_their_readers_only(ctx: Context) -> None:
    """Of a draft's whole life nothing comes to another user, nor on the draft's own subject."""
    author, reader = ctx.user(), ctx.user("reader")
    sessions = [await open_articles(ctx, reader, events=events) for events in (False, True)]
    article_id, texts = await _draft_life(ctx, author, ctx.user("editor"), reader)
    sessions = [session for session in ctx.sessions if session.user is reader]
    for session in sessions:
        await session.sync()
        head = await session.fence()
        await session.resume(head.epoch, max(head.seq - 1, 0))
        await session.fence()
    hints = [r for r in ctx.log.records if r.party is Party.TARGET and r.address.family == "hint"]
    for where, records in (("messages to another user", told_to(ctx, reader)), ("hints", hints)):
        ctx.require(bool(records) or records is hints, "the other user was told nothing at all")
        leaks = [r for r in records if _leaks(r, article_id, texts)]
        ctx.check(
            "ART-004",
            not leaks,
            expected="nothing of a draft",
            seen=[f"{r.type} on {r.subject}" for r in leaks[:5]] or "nothing of it",
            on=leaks[:5],
            why=where,
        )


def _leaks(record: Record, article_id: str, texts: Iterable[str]) -> bool:
    return (
        any(text.encode() in record.data for text in texts)
        or names_article(record.body, article_id)
        or record.address.article == article_id
    )


async def _outcomes(ctx: Context, session: Session, article_id: str) -> dict[str, Answer | None]:
    """Send every action that names an article, and return the outcomes by what was sent."""
    named = {"article_id": article_id}
    data: dict[str, Entry] = {
        "article.update": {**named, "changes": {"title": unique(ctx, "wrong")}},
        **{f"article.{verb}": named for verb in ("delete", "publish", "select")},
        **{f"article.{verb}": named for verb in ("edit_start", "edit_end")},
    }
    outcomes = {
        type_: await session.outcome_of(session.action_body(type_, each))
        for type_, each in data.items()
    }
    expecting = session.action_body(
        "article.update", data["article.update"], expect={"revision": 2**53 - 1}
    )
    outcomes["article.update with expect"] = await session.outcome_of(expecting)
    body = session.action_body("article.edit_start", top=named)
    outcomes[EDIT_SUBJECT] = await session.outcome_of(body, subject=EDIT_SUBJECT)
    return outcomes


@case(
    "ART-008",
    needs=(
        *takes("create", "update", "publish", "select", "edit_start", "edit_end", "delete"),
        "role:reader",
    ),
)
async def unreadable_is_refused_as_missing(ctx: Context) -> None:
    """Every action on another user's draft gets the same refusal as on ids that do not exist."""
    mine, theirs = (
        await open_articles(ctx, ctx.user()),
        await open_articles(ctx, ctx.user("reader")),
    )
    draft = await create_article(mine, title=unique(ctx, "secret"))
    deleted = await create_article(mine)
    await delete(mine, deleted)
    told = await _outcomes(ctx, theirs, draft)
    missing_ids = (deleted, unique(ctx, "missing"), unique(ctx, "long").ljust(LONGEST_ID, "x"))
    for missing in missing_ids:
        for what, answer in (await _outcomes(ctx, theirs, missing)).items():
            ctx.refused("ART-008", answer, 4040, why=f"{what} on an id that does not exist")
            own = told[what]
            ctx.refused("ART-008", own, 4040, why=f"{what} on a draft of another user")
            if answer is None or own is None:
                continue
            same = own.data == answer.data or refusal(own, draft) == refusal(answer, missing)
            ctx.check(
                "ART-008",
                same,
                expected=refusal(answer, missing),
                seen=refusal(own, draft),
                on=(own, answer),
                pointer="/data/error",
                why=f"{what} on a draft of another user, and on an id that does not exist",
            )


@case("USER-002", needs=(*takes("create", "publish", "edit_start"), "role:reader", "fixture:mint"))
async def emails_are_told_to_their_owner_only(ctx: Context) -> None:
    """With every kind open and users at work, no email is in anything but its owner's user slice."""
    users, begin = (ctx.user(), ctx.user("reader")), ctx.log.mark()
    for user in users:
        for features in ((), ("events",)):
            await ctx.open(user, kinds=ctx.declared.kinds, features=features)
    actor, reader = ctx.sessions[0], ctx.sessions[-1]
    article_id = await create_published(actor, title=unique(ctx, "title"))
    await start_edit(actor, article_id)
    await reader.act("article.select", {"article_id": article_id})
    await reader.act("article.delete", {"article_id": article_id})
    await publish(actor, article_id)
    for session in ctx.sessions:
        await session.sync()
        await session.fence()
    for user in users:
        email = (user.email or "").encode()
        ctx.require(bool(email), "a user of the fixture has no email")
        leaks = [
            r
            for r in ctx.log.since(begin)
            if r.party is Party.TARGET and email in r.data and not _own_user_kind(r, user)
        ]
        ctx.check(
            "USER-002",
            not leaks,
            expected="no email but in its owner's user slice and user events",
            seen=[f"{r.type} on {r.subject}" for r in leaks[:5]] or "none",
            on=leaks[:5],
        )


def _own_user_kind(record: Record, user: User) -> bool:
    if record.address.user != user.id:
        return False
    if record.address.family == "state":
        return record.payload.get("type") == "user"
    return record.address.family == "events" and record.type.startswith("user.")
