"""ACTION: copies on other subjects and in other sessions, and what makes no copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    change,
    one_kind,
    open_any,
    shows_times,
)
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    find_editor,
    open_articles,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.outcomes import as_next, counted
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_START,
    EDIT_SUBJECT,
    NOOP,
    UNKNOWN,
    Body,
    chat_body,
    edit_body,
    entries,
    within,
)

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer

NO_MAJOR = "9.0"
MSG_ID = "Nats-Msg-Id"


@case("ACTION-019", needs=takes("create", "edit_start"))
async def copies_on_another_subject(ctx: Context) -> None:
    """An article.edit_start is one action on both of its subjects, whichever has it first."""
    session = await open_articles(ctx, ctx.user())
    for shared_first in (False, True):
        article_id = await create_article(session)
        shared = edit_body(session, article_id)
        how = {"action_id": shared["action_id"], "client_seq": shared["client_seq"]}
        own = session.action_body(EDIT_START, {"article_id": article_id}, **how)
        posted: list[tuple[Body, str | None]] = [(own, None), (shared, EDIT_SUBJECT)]
        (body, subject), (copied, elsewhere) = posted[::-1] if shared_first else posted
        first = await session.needed_outcome_of(body, subject=subject)
        ctx.require(first.acked, f"{EDIT_START} was not acked: {first}")
        answer = await session.outcome_of(copied, subject=elsewhere)
        why = f"a copy on {elsewhere or session.actions_subject}"
        ctx.acked("ACTION-019", answer, status="duplicate", why=why)
        for data in ({}, {"article_id": unique(ctx, "none")}, None):
            answer = await session.outcome_of({**shared, "data": data}, subject=EDIT_SUBJECT)
            what = f"a copy on {EDIT_SUBJECT} with a data beside its article_id"
            ctx.acked("ACTION-019", answer, status="duplicate", why=what)
        slice_ = await view(session)
        editing = find_editor(slice_, article_id, session.user.id)
        ctx.require(editing is not None, "the edit that was acked does not show")
        count = sum(e.get("article_id") == article_id for e in entries(slice_, "editors"))
        ctx.equal("ACTION-019", 1, count, on=answer, why=f"entries in editors after {why}")


@case("ACTION-019")
async def copies_of_refusals_on_another_subject(ctx: Context) -> None:
    """A refused action is one action on both of its subjects: its copy on the other is refused alike."""
    session = await ctx.open(ctx.user())
    text = unique(ctx, "none")
    for shared, subject, member in (
        (edit_body(session, text), EDIT_SUBJECT, "article_id"),
        (chat_body(session, text), CHAT_SUBJECT, "content"),
    ):
        # Of another MAJOR it is refused by every server, whatever types it lists.
        shared["v"], type_ = NO_MAJOR, shared["type"]
        how = {"action_id": shared["action_id"], "client_seq": shared["client_seq"]}
        own = {**session.action_body(type_, {member: text}, **how), "v": NO_MAJOR}
        first = await session.needed_outcome_of(own)
        ctx.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
        answer = await session.outcome_of(shared, subject=subject)
        why = f"a copy on {subject} of {type_}, which was refused with {first.code}"
        if answer is None:
            ctx.absent("ACTION-019", expected="the same refusal again", why=why)
            continue
        seen = [answer.type, answer.error, answer.data.get("position")]
        wanted = ["action.nack", first.error, first.data.get("position")]
        ctx.equal("ACTION-019", wanted, seen, on=(answer, first), pointer="/data/error", why=why)


@case("ACTION-020")
async def copies_in_another_session(ctx: Context) -> None:
    """Copies of an ack and of a refusal in a later session take its numbers and tell its head."""
    user = ctx.user()
    first_session = await ctx.open(user)
    done = first_session.action_body(NOOP)
    refused = first_session.action_body(UNKNOWN)
    ctx.require((await first_session.needed_outcome_of(done)).acked, "no ack to copy")
    nack = await first_session.needed_outcome_of(refused)
    await first_session.close()
    first_session.leave_open = True
    session = await ctx.open(user)
    await session.sync()
    before = await session.fence()
    again = await as_next(session, done)
    after = await session.fence()
    ctx.acked("ACTION-020", again, status="duplicate", why="a copy in a later session")
    _its_head(ctx, again, before, after, 1)
    answer = await as_next(session, refused)
    why = "a copy of a refused action in a later session"
    seen = answer.error if answer else None
    ctx.equal("ACTION-020", nack.error, seen, on=answer, pointer="/data/error", why=why)
    _its_head(ctx, answer, after, await session.fence(), 2)
    third = await session.outcome_of(session.action_body(NOOP))
    ctx.acked("ACTION-020", third, status="applied", why="client_seq 3, after copies took 1 and 2")


def _its_head(
    ctx: Context, answer: Answer | None, before: Position, after: Position, number: int
) -> None:
    if answer is not None:
        ctx.check(
            "ACTION-020",
            within(answer.position, before, after) and counted(answer) == number,
            expected=f"the head of this session, {before}, with last_action_seq {number}",
            seen=answer.position,
            on=answer,
            pointer="/data/position",
            why="a copy as the next action of a later session",
        )


@case("ACTION-020", needs=CHANGES)
async def copies_in_another_session_have_one_effect(ctx: Context) -> None:
    """A change that comes again in a live and in a later session is made once."""
    user, kind = ctx.user(), one_kind(ctx)
    first_session, second = [await open_any(ctx, user, kind) for _ in range(2)]
    deed = kind.new(ctx)
    body = deed.body(first_session)
    first = await first_session.needed_outcome_of(body)
    ctx.require(first.acked, f"{deed.type} was not acked: {first}")
    later = await open_any(ctx, user, kind)
    for session, why in ((second, "another live session"), (later, "a later session")):
        if session is later:
            await first_session.close()
            first_session.leave_open = True
        answer = await as_next(session, body)
        ctx.acked("ACTION-020", answer, status="duplicate", why=f"a copy in {why}")
        told = answer.data.get("result") if answer else None
        ctx.equal("ACTION-020", first.data.get("result"), told, on=answer, why=f"result in {why}")
        await shows_times(ctx, "ACTION-020", session, deed, f"after a copy in {why}")


# -- what makes no copy ---------------------------------------------------------------------------------


@case("ACTION-021")
async def ids_of_users_are_apart(ctx: Context) -> None:
    """Two users use one action_id for different things, and both are served."""
    mine, theirs = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    for type_, why in (
        (NOOP, "the id of an acked action"),
        (UNKNOWN, "the id of a refused action"),
    ):
        used = mine.action_body(type_)
        await mine.needed_outcome_of(used)
        body = theirs.action_body(NOOP, action_id=used["action_id"])
        answer = await theirs.outcome_of(body)
        ctx.acked("ACTION-021", answer, status="applied", why=f"{why} of another user")


@case("ACTION-021", needs=CHANGES)
async def ids_of_users_have_effects_apart(ctx: Context) -> None:
    """Two users change something under one action_id, and each has its own change."""
    kind = one_kind(ctx)
    mine, theirs = [await open_any(ctx, ctx.user(), kind) for _ in range(2)]
    for session in (mine, theirs):
        await change(ctx, session, kind)
    id_ = mine.new_action_id()
    for session in (mine, theirs):
        deed = kind.new(ctx)
        answer = await session.outcome_of(deed.body(session, action_id=id_))
        ctx.acked("ACTION-021", answer, status="applied", why="a change under a shared action_id")
        await shows_times(ctx, "ACTION-021", session, deed, "under a shared action_id")


@case("ACTION-022")
async def message_ids_of_the_broker_mean_nothing(ctx: Context) -> None:
    """Different actions with one Nats-Msg-Id are both applied; copies with two are still copies."""
    session = await ctx.open(ctx.user())
    headers = {MSG_ID: unique(ctx, "msg")}
    bodies = [session.action_body(NOOP) for _ in range(2)]
    for number, body in enumerate(bodies, 1):
        answer = await session.outcome_of(body, headers=headers)
        ctx.acked(
            "ACTION-022", answer, status="applied", why=f"action {number} with the same header"
        )
    for why, other in (
        ("a copy with another header", {MSG_ID: unique(ctx, "msg")}),
        ("a copy with the same header", headers),
        ("a copy without the header", None),
    ):
        answer = await session.outcome_of(bodies[0], headers=other)
        ctx.acked("ACTION-022", answer, status="duplicate", why=why)
