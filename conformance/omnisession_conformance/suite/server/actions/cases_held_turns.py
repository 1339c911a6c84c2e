"""ACTION: actions that are held beside others, as copies, or from a shared subject: each in its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    entry,
    find,
    open_articles,
    slice_of,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.chat import open_chat, takes_chat
from omnisession_conformance.roles.server.steps.held import HOLD, hold, in_time, is_early
from omnisession_conformance.roles.server.steps.sending import (
    AHEAD,
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NOOP,
    chat_body,
    edit_body,
    noops,
    outcomes_of,
)
from omnisession_conformance.roles.server.steps.timers import BEATS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

UPDATE = "article.update"
STEP_MS = 90
"""How long after one action that is ahead the next comes: well within any time that they are held."""
AT_MOST = 12
"""So many come at most, in twice the time that the first may be held."""


@case("ACTION-012")
async def holds_do_not_wait_for_others(ctx: Context) -> None:
    """An action ahead of the count is refused in its own time, though others come ahead all the while."""
    session = await ctx.open(ctx.user(), timers={**HOLD, **BEATS})
    [done] = await noops(session, 1)
    first = await hold(session, session.action_body(NOOP, client_seq=3))
    known = outcomes_of(session, done.data.get("action_id"))
    copy = session.action_body(NOOP, action_id=done.data.get("action_id"), client_seq=1)
    # Its outcome tells the server's time: what was published before it on its subject had come by then.
    again = await session.needed_outcome_of(copy)
    ctx.require(again.acked and bool(known), f"a copy was not acked: {again}")
    since: Any = again.record.integer("timestamp")
    for number in range(4, 4 + AT_MOST):
        await session.send_action(session.action_body(NOOP, client_seq=number))
        if await session.wait(
            lambda: outcomes_of(session, first.action_id) or None, STEP_MS / 1_000
        ):
            break
    answer = await first.pending.must()
    ctx.refused("ACTION-012", answer, AHEAD, why="an action ahead of the count, beside others")
    in_time(ctx, session, since, [answer])


@case("ACTION-009", "ACTION-020")
async def held_copies_are_copies(ctx: Context) -> None:
    """A copy that is held is acked as one in its turn, and another body under its id is refused."""
    user = ctx.user()
    other, session = await ctx.open(user), await ctx.open(user, timers=HOLD)
    known = other.action_body(NOOP, {"x_more": 1})
    ctx.require((await other.needed_outcome_of(known)).acked, f"{NOOP} was not acked")
    for what, requirement, data, wanted in (
        ("a copy", "ACTION-020", {"x_more": 1}, "a duplicate"),
        ("another body under the id", "ACTION-009", {"x_more": 2}, "4092"),
    ):
        first = session.next_seq
        body = {**known, "session_id": session.id, "client_seq": first + 1, "data": data}
        held = await hold(session, body)
        front = await hold(session, session.action_body(NOOP, client_seq=first))
        ctx.require((await front.pending.must()).acked, f"{NOOP} was not acked")
        answer = await held.pending.must()
        right = answer.status == "duplicate" if wanted != "4092" else answer.code == 4092
        _turn(ctx, requirement, answer, wanted, right, f"{what}, held")
        session.next_seq = first + 1 if is_early(answer) else first + 2


def _turn(
    ctx: Context, requirement: str, answer: Answer, wanted: str, right: bool, why: str
) -> None:
    """Observe what a held action got in its turn, if it was not refused before."""
    ctx.check(
        requirement,
        right or is_early(answer),
        expected=f"{wanted}, or {AHEAD} before the gap closed",
        seen=str(answer),
        on=answer,
        pointer="/data",
        why=why,
    )


@case("ACTION-011", needs=takes("create", "update"))
async def held_actions_expect_what_is_in_their_turn(ctx: Context) -> None:
    """What a held action expects is compared with the revision that the action before it has made."""
    session = await open_articles(ctx, ctx.user(), timers=HOLD)
    article_id = await create_article(session)
    step, was = await _updated(ctx, session, article_id)
    for ahead_by in (0, step):
        guess, first = was + ahead_by, session.next_seq
        data = {"article_id": article_id, "changes": {"title": unique(ctx, "held")}}
        body = session.action_body(UPDATE, data, client_seq=first + 1, expect={"revision": guess})
        held = await hold(session, body)
        front = {"article_id": article_id, "changes": {"title": unique(ctx, "front")}}
        closing = await hold(session, session.action_body(UPDATE, front, client_seq=first))
        ctx.require((await closing.pending.must()).acked, f"{UPDATE} was not acked")
        answer = await held.pending.must()
        revisions = await _revisions(session, article_id)
        by_then = revisions[-2] if answer.acked else revisions[-1]
        what = "an ack" if guess == by_then else "4090"
        right = answer.acked if guess == by_then else answer.code == 4090
        why = f"an update that expects {guess}, held until the update to {by_then} was done"
        _turn(ctx, "ACTION-011", answer, what, right, why)
        session.next_seq = first + 1 if is_early(answer) else first + 2
        was = revisions[-1]


async def _updated(ctx: Context, session: Session, article_id: str) -> tuple[int, int]:
    """Update an article; by how much its revision grew, and what it is now."""
    data = {"article_id": article_id, "changes": {"title": unique(ctx, "title")}}
    await session.apply(UPDATE, data)
    revisions = await _revisions(session, article_id)
    return revisions[-1] - revisions[-2], revisions[-1]


async def _revisions(session: Session, article_id: str) -> list[int]:
    """The revisions that a session was shown an article with, each once, the last one last."""
    await entry(session, article_id)
    shown: list[int] = []
    for state in session.states(KIND):
        revision: Any = (find(slice_of(state), article_id) or {}).get("revision")
        if isinstance(revision, int):
            shown.append(revision)
    return list(dict.fromkeys(shown))


@case("CHAT-002", needs=takes_chat("send"))
async def held_sends_are_sends(ctx: Context) -> None:
    """A message on `chat.messages` that is held is sent in its turn."""
    session = await open_chat(ctx, ctx.user(), timers=HOLD)
    body = chat_body(session, unique(ctx, "held"), client_seq=2)
    await _held_on(ctx, "CHAT-002", session, body, CHAT_SUBJECT)


@case("EDIT-001", needs=takes("create", "edit_start"))
async def held_starts_of_edits_are_starts(ctx: Context) -> None:
    """A start of an edit on `article.edit.start` that is held is made in its turn."""
    author = await open_articles(ctx, ctx.user())
    article_id = await create_article(author)
    session = await open_articles(ctx, author.user, timers=HOLD)
    body = edit_body(session, article_id, client_seq=2)
    await _held_on(ctx, "EDIT-001", session, body, EDIT_SUBJECT)


async def _held_on(
    ctx: Context, requirement: str, session: Session, body: dict[str, Any], subject: str
) -> None:
    """Observe that an action that is ahead on a shared subject is acked once the gap is closed."""
    held = await hold(session, body, subject=subject)
    front = await hold(session, session.action_body(NOOP, client_seq=1))
    ctx.require((await front.pending.must()).acked, f"{NOOP} was not acked")
    answer = await held.pending.must()
    why = f"an action on {subject} that was held until the gap was closed"
    _turn(ctx, requirement, answer, "an ack", answer.acked, why)
