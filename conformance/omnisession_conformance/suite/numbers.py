"""ACTION: the numbers of actions, and in which order they are applied."""

from __future__ import annotations

import random
from itertools import groupby
from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import Phase, case
from omnisession_conformance.model.fold import Folder
from omnisession_conformance.suite.changes import (
    CHANGES,
    KIND,
    create_article,
    find,
    find_editor,
    open_articles,
    takes,
    unique,
    view,
)
from omnisession_conformance.suite.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    UNKNOWN,
    Body,
    Posted,
    chat_body,
    edit_body,
    noops,
    settle,
)

if TYPE_CHECKING:
    from omnisession_conformance.actor import Session
    from omnisession_conformance.answer import Answer
    from omnisession_conformance.world import World

GRACE_MS = 500
"""How much later than `gap_ms` a refusal may be seen on a busy machine."""
BURST = 90
EARLIER_MS = 1_000


def counted(answer: Answer | None) -> Any:
    """The `last_action_seq` that an outcome tells."""
    return answer.position.last_action_seq if answer and answer.position else None


@case("ACTION-007")
async def retryable_nack_is_forgotten(w: World) -> None:
    """An action that came too early takes neither id nor number, and succeeds when it comes again."""
    session = await w.open(w.user(), timers=NO_GAP)
    first, second = session.action_body(NOOP), session.action_body(NOOP)
    early = await (await session.send_action(second)).must()
    w.require(
        early.error.get("retryable") is True, f"no retryable nack of an early action, but {early}"
    )
    at = "/data/position/last_action_seq"
    w.equal("ACTION-007", 0, counted(early), on=early, pointer=at)
    pong = await session.ask("session.ping")
    w.equal("ACTION-007", 0, counted(pong), on=pong, pointer=at)
    for number, body in enumerate((first, second), 1):
        answer = await (await session.send_action(body)).outcome()
        why = f"client_seq {number}, after client_seq 2 had come first and was refused"
        w.acked("ACTION-007", answer, status="applied", why=why)
        w.equal("ACTION-007", number, counted(answer), on=answer, pointer=at, why=why)


@case("ACTION-008")
async def final_outcomes_advance_the_count(w: World) -> None:
    """Whatever final outcome an action gets, it is counted, and its successor is next."""
    session = await w.open(w.user(), timers=NO_GAP)
    known = session.action_body(NOOP)
    invalid = {**session.action_body(NOOP, client_seq=0), "data": None}
    steps: list[tuple[str, Body]] = [
        ("an ack without effect", known),
        ("a refusal with 4002", session.action_body(UNKNOWN, client_seq=0)),
        ("a refusal with 4001", invalid),
        ("a refusal with 4003", {**session.action_body(NOOP, client_seq=0), "v": "9.0"}),
        ("a refusal with 4092", {**known, "type": UNKNOWN}),
        ("the ack of a copy", known),
    ]
    for number, (what, body) in enumerate(steps, 1):
        answer = await (await session.send_action({**body, "client_seq": number})).must()
        final = answer.acked or answer.error.get("retryable") is False
        w.check(
            "ACTION-008",
            final and counted(answer) == number,
            expected=f"a final outcome with last_action_seq {number}",
            seen=f"{answer}, last_action_seq {counted(answer)}",
            on=answer,
            pointer="/data/position/last_action_seq",
            why=f"{what}, as the next action",
        )
    pong = await session.ask("session.ping")
    w.equal("ACTION-008", len(steps), counted(pong), on=pong, why="all of them were final")


@case("ACTION-010")
async def used_number_is_refused(w: World) -> None:
    """A number that was used is not used again, by a new action or by one of another number."""
    session = await w.open(w.user(), timers=NO_GAP)
    acks = await noops(session, 5)
    third = acks[2].data.get("action_id")
    for what, id_ in (("a new action_id", None), ("the action_id of client_seq 3", third)):
        for number in (1, 5):
            if id_ is None or isinstance(id_, str):
                body = session.action_body(NOOP, action_id=id_, client_seq=number)
                answer = await (await session.send_action(body)).outcome()
                why = f"{what} under client_seq {number}, after five actions"
                w.refused("ACTION-010", answer, 4092, why=why)
                w.equal("ACTION-010", 5, counted(answer), on=answer, why=why)


@case("ACTION-010", needs=CHANGES)
async def used_number_has_no_effect(w: World) -> None:
    """A create under a number that was used makes no article."""
    session = await open_articles(w, w.user(), timers=NO_GAP)
    await noops(session, 5)
    marker = unique(w, "marker")
    body = session.action_body("article.create", {"title": marker}, client_seq=1)
    answer = await (await session.send_action(body)).outcome()
    w.refused("ACTION-010", answer, 4092)
    shown = titles(await view(session))
    w.check("ACTION-010", marker not in shown, expected="no article of it", seen=shown, on=answer)


def titles(slice_: dict[str, Any]) -> list[str]:
    """Titles of the articles in a slice."""
    return [str(article.get("title")) for article in slice_.get("articles") or []]


@case("ACTION-012")
async def action_ahead_of_the_count_is_refused(w: World) -> None:
    """A number that leaves a gap gets a retryable 4091 in time, with the number that is awaited."""
    user = w.user()
    for timers in (NO_GAP, None):
        session = await w.open(user, timers=timers)
        await noops(session, 1)
        gap_ms = session.timers.get("gap_ms", 0)
        bound_s = w.run.clock.within(gap_ms + GRACE_MS)
        why = f"client_seq 4 after 1, with gap_ms {gap_ms}"
        pending = await session.send_action(session.action_body(NOOP, client_seq=4))
        answer = await pending.outcome(bound_s)
        if answer is None:
            expected = f"4091 within {gap_ms} ms"
            w.absent("ACTION-012", expected=expected, waited_s=bound_s, why=why)
            continue
        w.refused("ACTION-012", answer, 4091, why=why)
        at = "/data/error/retryable"
        w.equal("ACTION-012", True, answer.error.get("retryable"), on=answer, pointer=at, why=why)
        details: Any = answer.error.get("details")
        expected = details.get("expected") if isinstance(details, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        at = "/data/error/details/expected"
        w.equal("ACTION-012", 2, expected, on=answer, pointer=at, why=why)


# -- order -------------------------------------------------------------------------------------------


@case("ACTION-011", needs=takes("create", "update", "edit_start", "edit_end"), phase=Phase.LOUD)
async def actions_are_applied_in_their_order(w: World) -> None:
    """A burst over all action subjects, with clocks that run backwards, has its effects in order."""
    lanes = [KIND, "chat"] if {"chat"} <= {*w.declared.kinds} else [KIND]
    session = await w.open(w.user(), kinds=lanes, features=["events"])
    article_id = await create_article(session)
    posted, expected = _script(w, session, article_id)
    await _in_order(w, session, article_id, posted, expected, "sent in the order of numbers")


@case("ACTION-011", needs=takes("create", "update", "edit_start", "edit_end"), phase=Phase.LOUD)
async def actions_out_of_order_are_sorted(w: World) -> None:
    """Actions that arrive in another order than their numbers' are applied in that of the numbers."""
    session = await open_articles(w, w.user())
    article_id = await create_article(session)
    posted, expected = _script(w, session, article_id, BURST // 3)
    shuffled = random.Random(11)  # noqa: S311 - the same disorder in every run
    for at in range(0, len(posted), 6):
        part = posted[at : at + 6]
        shuffled.shuffle(part)
        posted[at : at + 6] = part
    await _in_order(w, session, article_id, posted, expected, "sent in another order")


def _script(
    w: World, session: Session, article_id: str, count: int = BURST
) -> tuple[list[Posted], list[tuple[str, bool]]]:
    """Actions that take turns on the subjects; the titles and edits that they bring, in order."""
    chat = CHAT_SEND in w.declared.actions
    posted: list[Posted] = []
    expected: list[tuple[str, bool]] = []
    for turn in range(count // 3):
        title = unique(w, f"turn-{turn}")
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
    w: World,
    session: Session,
    article_id: str,
    posted: list[Posted],
    expected: list[tuple[str, bool]],
    why: str,
) -> None:
    before = await session.fence()
    answers = await settle(session, posted)
    refused = [str(answer) for answer in answers if not answer.acked]
    w.require(not refused, f"actions of the burst were refused: {', '.join(refused[:3])}")
    await session.fence()
    features = session.opened.data.get("features") or () if session.opened else ()
    course = _course(session, article_id)
    seen = [step for step in course if step[0] in {title for title, _ in expected}]
    # One state may show what several actions did; every event is of one action.
    merged = "events" not in features and seen[-1:] == expected[-1:] and _passes(expected, seen)
    w.equal(
        "ACTION-011",
        expected,
        expected if merged else seen,
        on=session.after(before)[:3],
        why=f"title and running edit after each effect of {len(posted)} actions, {why}",
    )
    if "chat" in session.kinds and CHAT_SEND in w.declared.actions:
        sent = [one.body["content"] for one in posted if "content" in one.body]
        messages: list[dict[str, Any]] = session.slice("chat").get("messages") or []
        shown = [m.get("content") for m in messages if m.get("content") in sent]
        w.equal("ACTION-011", sent[::-1][: len(shown)], shown, why=f"chat messages, {why}")


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
