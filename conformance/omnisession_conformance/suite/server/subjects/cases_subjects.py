"""SUBJ: where a server publishes, where it listens, and that ids are what they are, byte by byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind
from omnisession_conformance.roles.server.steps.articles import (
    created_id,
    entry,
    open_articles,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    chat_body,
    edit_body,
)
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

QUEUE_GROUP = "omnisession"
SERVER_FAMILIES = ("state", "events", "control", "hint")


# -- where a server publishes ----------------------------------------------------------------------------


@case("SUBJ-001", "SUBJ-007", needs=CHANGES)
async def messages_keep_to_their_subjects(ctx: Context) -> None:
    """Changes and shared actions bring states and events on their session's own subjects alone."""
    user, kind, mark = ctx.user(), one_kind(ctx), ctx.log.mark()
    # Not `w.open`, which insists on what is judged here.
    sessions = [ctx.session(user) for _ in range(3)]
    for session, features in zip(sessions, ([], ["events"], []), strict=True):
        await session.open(kinds=[kind.name], features=features, timers={"coalesce_ms": 0})
    for acting in sessions:
        await change(ctx, acting, kind)
        shared = ((EDIT_SUBJECT, edit_body(acting, "none")), (CHAT_SUBJECT, chat_body(acting, "")))
        for subject, body in shared:
            await acting.needed_outcome_of(body, subject=subject)
    for session in sessions:
        if not await _settled(ctx, session):
            break
    mine = [
        r
        for r in ctx.log.since(mark)
        if r.party is Party.TARGET and _names(r, sessions) and not _private(ctx, r.subject)
    ]
    _own_streams(ctx, mine)
    _own_subjects(ctx, mine, mark)
    await ctx.fences(*sessions)


async def _settled(ctx: Context, session: Session) -> bool:
    """Wait until a session's stream is where a pong says; False where it does not come there."""
    told = await session.position()
    came = await session.wait(lambda: session.head >= told.head or None, ctx.answer_s)
    return came is not None


def _names(record: Record, sessions: Iterable[Session]) -> bool:
    ids = {session.id for session in sessions}
    return (record.body or {}).get("session_id") in ids or record.address.session in ids


def _private(ctx: Context, subject: str) -> bool:
    """Whether a subject is outside the protocol: the broker's own, or private to the target."""
    prefixes = [p.removesuffix(">").removesuffix(".") for p in ctx.private_prefixes]
    below = any(subject == p or subject.startswith(f"{p}.") for p in prefixes)
    return below or subject.startswith("$")


def _own_streams(ctx: Context, records: Sequence[Record]) -> None:
    """Observe that each state and event lies on the subject of its class and of its session."""
    streams = [r for r in records if r.type == "session.state" or "event_id" in (r.body or {})]
    ctx.require(bool(streams), "changes brought neither states nor events")
    for record in streams:
        body = record.body or {}
        family = "state" if record.type == "session.state" else "events"
        wanted = (family, body.get("user_id"), body.get("session_id"))
        where = record.address
        ctx.check(
            "SUBJ-001",
            (where.family, where.user, where.session) == wanted,
            expected=f"on .{family} of session {wanted[2]} of user {wanted[1]}",
            seen=f"on {record.subject}",
            on=record,
            why=record.type,
        )


def _own_subjects(ctx: Context, records: Sequence[Record], mark: int) -> None:
    """Observe that what names these sessions lies where a server publishes, or was asked for."""
    asked = {r.reply for r in ctx.log.since(mark) if r.party is Party.KIT and r.reply}
    for record in records:
        ctx.check(
            "SUBJ-007",
            record.address.family in SERVER_FAMILIES or record.subject in asked,
            expected="a subject that the subject table gives to servers, or a reply subject",
            seen=record.subject,
            on=record,
            why=f"a body of type {record.type}",
        )


# -- where a server listens ------------------------------------------------------------------------------


@case("SUBJ-006")
async def one_queue_group_receives(ctx: Context) -> None:
    """The broker names one receiver of each client-written subject: the queue group `omnisession`."""
    session = ctx.session(ctx.user())
    for subject in (session.control_subject, session.actions_subject, CHAT_SUBJECT, EDIT_SUBJECT):
        found = await ctx.receivers(subject)
        grouped = [e for e in found if e.get("queue") == QUEUE_GROUP]
        mine = {e.get("cid") for e in grouped}
        # On a broker with other people's subscriptions only those of its connection are surely its own.
        stray = [
            e for e in found if e not in grouped and (e.get("cid") in mine or not ctx.shared_broker)
        ]
        ctx.check(
            "SUBJ-006",
            len(grouped) == 1 and not stray,
            expected=f"one receiver, in the queue group {QUEUE_GROUP}",
            seen=[f"{e.get('sub')} in queue {e.get('queue')!r}" for e in found] or "no receiver",
            why=f"receivers of {subject}",
        )


# -- ids -------------------------------------------------------------------------------------------------


@case("SUBJ-004", needs=("fixture:mint", *takes("create")))
async def users_by_case_have_their_own_drafts(ctx: Context) -> None:
    """Users whose ids differ in case alone share neither drafts nor action ids."""
    stem = unique(ctx, "nn")
    users = [ctx.user(user_id=f"{first}{stem}") for first in ("A", "a")]
    upper, lower = [await open_articles(ctx, user) for user in users]
    title = unique(ctx, "draft")
    made = await upper.apply("article.create", {"title": title}, action_id=stem)
    shown = await entry(upper, created_id(made))
    author: Any = shown.get("author_id") if shown is not None else None
    ctx.equal("SUBJ-004", users[0].id, author, pointer="/author_id", why="the author of a draft")
    for session in (lower, await open_articles(ctx, users[1])):
        other = await entry(session, created_id(made), there=False)
        why = f"the draft of {users[0].id} as {users[1].id} is shown it"
        ctx.equal("SUBJ-004", None, other, on=session.stream[-1:], why=why)
    # Copies are known by user and action id: this is none.
    outcome = await lower.act("article.create", {"title": title}, action_id=stem)
    ctx.acked("SUBJ-004", outcome, status="applied", why="the same action id of the other user")
