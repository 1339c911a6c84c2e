"""DUR: what is counted is counted over all instances: the sessions of a user, the actions of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import NotOffered, Prerequisite
from omnisession_conformance.roles.server.steps.articles import create_article, unique
from omnisession_conformance.roles.server.steps.chat import takes_chat
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NOOP,
    Posted,
    chat_body,
    edit_body,
    entries,
)
from omnisession_conformance.suite.server.durable.again import until_answered, until_final
from omnisession_conformance.suite.server.durable.needs import AS_ONE, LIMIT_MS
from omnisession_conformance.suite.server.durable.there import several_or_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

LIMITS, BURSTS = "DUR-017", "DUR-018"
MOST_SESSIONS, MORE = 64, 8
"""How many sessions of a user are opened at most, and how many of them are more than there may be."""
USERS, TURNS, LANES = 3, 3, 2
AHEAD = 4091
EDITS = ("article.create", "article.edit_start")


@case(LIMITS, needs=AS_ONE, phase=Phase.LOUD, limit_ms=LIMIT_MS)
async def sessions_are_counted_over_all_instances(ctx: Context) -> None:
    """A user opens more sessions at once than there may be: no more of them are opened."""
    await several_or_stop(ctx)
    limit = ctx.declared.limit("sessions")
    if limit + MORE > MOST_SESSIONS:
        raise NotOffered(f"a limit of {limit} sessions is not reached")
    user = ctx.user()
    sessions = [ctx.session(user) for _ in range(limit + MORE)]
    sent = [await one.send("session.open", one.open_data()) for one in sessions]
    for session, pending in zip(sessions, sent, strict=True):
        answer = await pending.answer()
        if answer is None or answer.error.get("retryable") is True:
            answer = await until_answered(session, "session.open", session.open_data())
        if answer.type == "session.opened":
            session.opened = answer
    opened = [session.opened for session in sessions if session.opened is not None]
    ctx.check(
        LIMITS,
        len(opened) <= limit,
        expected=f"{limit} sessions, as limits.sessions says",
        seen=len(opened),
        on=opened[limit:] or opened[-1:],
        why=f"sessions of a user who opens {len(sessions)} at once",
    )


@case(BURSTS, needs=(*AS_ONE, *takes_chat("send")), limit_ms=LIMIT_MS)
async def bursts_are_taken_as_by_one(ctx: Context) -> None:
    """Bursts over all action subjects: none is taken for ahead, and messages stand in their order."""
    await several_or_stop(ctx)
    edits = {f"action:{name}" for name in EDITS} <= ctx.declared.offers()
    kinds = ["chat", "articles"] if edits else ["chat"]
    sessions = [await ctx.open(ctx.user(), kinds=kinds) for _ in range(USERS)]
    for session in sessions:
        article_id = await create_article(session) if edits else None
        for _ in range(TURNS):
            markers, posted = _burst(ctx, session, article_id)
            await _judge(ctx, session, posted)
            await _in_order(ctx, session, markers)


def _burst(
    ctx: Context, session: Session, article_id: str | None
) -> tuple[list[str], list[Posted]]:
    """Actions that take turns on the subjects, with the contents of the messages among them."""
    markers: list[str] = []
    posted: list[Posted] = []
    for _ in range(LANES):
        near, far = unique(ctx, "message"), unique(ctx, "message")
        markers += [near, far]
        posted.append(Posted(session.action_body(CHAT_SEND, {"content": near})))
        posted.append(Posted(chat_body(session, far), CHAT_SUBJECT))
        if article_id is not None:
            posted.append(Posted(edit_body(session, article_id), EDIT_SUBJECT))
        posted.append(Posted(session.action_body(NOOP)))
    return markers, posted


async def _judge(ctx: Context, session: Session, posted: Sequence[Posted]) -> None:
    """Observe that none is ahead whose numbers before it were all taken, and have all of them done."""
    sent = [await session.send_action(one.body, subject=one.subject) for one in posted]
    answers = [await pending.outcome() for pending in sent]
    for number, answer in enumerate(answers):
        if answer is None or (answer.code != AHEAD and answer.error.get("retryable") is True):
            break  # what comes behind it is ahead rightly
        if not _taken(ctx, answer, number, len(posted)):
            break
    for one, answer in zip(posted, answers, strict=True):
        if answer is None or not answer.acked:
            again = await until_final(session, dict(one.body), subject=one.subject)
            if again is None or not again.acked:
                raise Prerequisite(f"{one.body.get('type')} of a burst was not acked: {again}")


def _taken(ctx: Context, answer: Answer, number: int, count: int) -> bool:
    return ctx.check(
        BURSTS,
        answer.code != AHEAD,
        expected="an outcome, as all numbers before it were sent before it",
        seen=str(answer),
        on=answer,
        why=f"action {number + 1} of a burst of {count} over all action subjects",
    )


async def _in_order(ctx: Context, session: Session, markers: Sequence[str]) -> None:
    """Observe the order of the messages of a burst, of those that are shown: newest first."""
    shown = entries(session.slice("chat", upto=await session.fence()), "messages")
    told = [str(one.get("content")) for one in reversed(shown)]
    seen = [text for text in told if text in markers]
    ctx.equal(
        BURSTS,
        [marker for marker in markers if marker in seen],
        seen,
        on=session.stream[-1:],
        why="messages of a burst, the oldest first",
    )
