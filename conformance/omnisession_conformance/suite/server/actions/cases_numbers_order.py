"""ACTION: the order in which actions are applied, whichever way they come."""

from __future__ import annotations

import random
from itertools import groupby
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.model.fold import Folder
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    find,
    find_editor,
    open_articles,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    Posted,
    chat_body,
    edit_body,
    feature,
    settle,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

BURST = 60
EARLIER_MS = 1_000


@case("ACTION-011", needs=takes("create", "update", "edit_start", "edit_end"), phase=Phase.LOUD)
async def actions_are_applied_in_their_order(ctx: Context) -> None:
    """A burst over all action subjects, with clocks that run backwards, has its effects in order."""
    lanes = [kind for kind in (KIND, "chat") if kind in ctx.declared.kinds]
    session = await ctx.open(ctx.user(), kinds=lanes, features=["events"])
    article_id = await create_article(session)
    posted, expected = _script(ctx, session, article_id)
    await _in_order(ctx, session, article_id, posted, expected, "sent in the order of numbers")


@case("ACTION-011", needs=takes("create", "update", "edit_start", "edit_end"), phase=Phase.LOUD)
async def actions_out_of_order_are_sorted(ctx: Context) -> None:
    """Actions that arrive in another order than their numbers' are applied in that of the numbers."""
    session = await open_articles(ctx, ctx.user())
    article_id = await create_article(session)
    posted, expected = _script(ctx, session, article_id, BURST // 3)
    shuffled = random.Random(11)  # noqa: S311 - the same disorder in every run
    for at in range(0, len(posted), 6):
        part = posted[at : at + 6]
        shuffled.shuffle(part)
        posted[at : at + 6] = part
    await _in_order(ctx, session, article_id, posted, expected, "sent in another order")


def _script(
    ctx: Context, session: Session, article_id: str, count: int = BURST
) -> tuple[list[Posted], list[tuple[str, bool]]]:
    """Actions that take turns on the subjects; the titles and edits that they bring, in order."""
    chat = CHAT_SEND in ctx.declared.actions
    posted: list[Posted] = []
    expected: list[tuple[str, bool]] = []
    for turn in range(count // 3):
        title = unique(ctx, f"turn-{turn}")
        named = {"article_id": article_id}
        update = {**named, "changes": {"title": title}}
        lane = [
            Posted(session.action_body("article.update", update)),
            Posted(edit_body(session, article_id), EDIT_SUBJECT),
            Posted(session.action_body("article.edit_end", named)),
        ]
        if chat:
            lane.append(Posted(chat_body(session, title), CHAT_SUBJECT))
        posted += lane
        expected += [(title, False), (title, True), (title, False)]
    # What the client's clock says decides nothing: here it runs backwards.
    late = [
        Posted({**one.body, "timestamp": one.body["timestamp"] - EARLIER_MS * number}, one.subject)
        for number, one in enumerate(posted)
    ]
    return late, expected


async def _in_order(
    ctx: Context,
    session: Session,
    article_id: str,
    posted: list[Posted],
    expected: list[tuple[str, bool]],
    why: str,
) -> None:
    before = await session.fence()
    answers = await settle(session, posted)
    # Who applies a later number first has the earlier ones for used when their turn comes.
    used = [answer for answer in answers if answer.code == 4092]
    ctx.equal("ACTION-011", 0, len(used), on=used[:3], why=f"new actions refused as used, {why}")
    refused = [str(answer) for answer in answers if not answer.acked]
    ctx.require(not refused, f"actions of the burst were refused: {', '.join(refused[:3])}")
    await session.fence()
    course = _course(session, article_id)
    seen = [step for step in course if step[0] in {title for title, _ in expected}]
    # One state may show what several actions did; every event is of one action.
    merged = (
        not feature(session, "events") and seen[-1:] == expected[-1:] and _passes(expected, seen)
    )
    ctx.equal(
        "ACTION-011",
        expected,
        expected if merged else seen,
        on=session.after(before)[:3],
        why=f"title and running edit after each effect of {len(posted)} actions, {why}",
    )
    if "chat" in session.kinds and CHAT_SEND in ctx.declared.actions:
        sent = [one.body["content"] for one in posted if "content" in one.body]
        messages: list[dict[str, Any]] = session.slice("chat").get("messages") or []
        shown = [m.get("content") for m in messages if m.get("content") in sent]
        ctx.equal("ACTION-011", sent[::-1][: len(shown)], shown, why=f"chat messages, {why}")


def _passes(course: list[tuple[str, bool]], seen: list[tuple[str, bool]]) -> bool:
    """Whether everything seen stands in the course, in that order."""
    steps = iter(course)
    return all(any(step == other for other in steps) for step in seen)


def _course(session: Session, article_id: str) -> list[tuple[str, bool]]:
    """What the session showed of an article, message by message: its title, and the user's edit."""
    folder = Folder(session.limits)
    steps: list[tuple[str, bool]] = []
    for record in session.stream:
        if folder.take(record.body) == KIND:
            slice_ = folder.slices[KIND]
            shown = find(slice_, article_id) or {}
            editing = find_editor(slice_, article_id, session.user.id) is not None
            steps.append((str(shown.get("title")), editing))
    return [step for step, _ in groupby(steps)]
