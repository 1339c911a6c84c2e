"""ACTION: copies of actions, by which they are known, and how long they are remembered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from omnisession_conformance.case import Phase, case
from omnisession_conformance.suite.changes import (
    CHANGES,
    create_article,
    created_id,
    current,
    find_editor,
    open_articles,
    publish,
    takes,
    unique,
    view,
)
from omnisession_conformance.suite.numbers import counted, titles
from omnisession_conformance.suite.sending import (
    EDIT_START,
    EDIT_SUBJECT,
    NOOP,
    UNKNOWN,
    Body,
    edit_body,
    noops,
    within,
)

if TYPE_CHECKING:
    from omnisession_conformance.actor import Session
    from omnisession_conformance.answer import Answer
    from omnisession_conformance.position import Position
    from omnisession_conformance.world import World

CREATE = "article.create"
REMEMBERED = 256
MSG_ID = "Nats-Msg-Id"


async def _once(
    w: World, requirement: str, session: Session, marker: str, why: str, count: int = 1
) -> None:
    """Observe how many articles a title names, in what a session shows now."""
    shown = titles(await view(session)).count(marker)
    w.equal(
        requirement, count, shown, on=session.stream[-1:], why=f"articles titled {marker}, {why}"
    )


def _same_ack(w: World, first: Answer, copy: Answer | None, why: str) -> None:
    """Observe that a copy got `duplicate` with position and result of the first ack."""
    if not w.acked("ACTION-005", copy, status="duplicate", why=why) or copy is None:
        return
    for name in ("position", "result"):
        w.equal(
            "ACTION-005",
            first.data.get(name),
            copy.data.get(name),
            on=(copy, first),
            pointer=f"/data/{name}",
            why=f"{name}, {why}",
        )


# -- copies under the same number -----------------------------------------------------------------------


@case("ACTION-005")
async def copies_get_the_first_ack_again(w: World) -> None:
    """Copies of an acked action, sent at once, again and after others, get its ack again."""
    session = await w.open(w.user())
    await noops(session, 1)
    body = session.action_body(NOOP)
    unheard = await session.send_action(body, reply="")
    at_once = await session.send_action(body)
    first = await unheard.must()
    w.require(first.acked, f"{NOOP} was not acked: {first}")
    _same_ack(w, first, await at_once.outcome(), "a copy right behind the first")
    await noops(session, 3)
    await session.sync()
    again = await session.send_action(body)
    _same_ack(w, first, await again.outcome(), "a copy after three other actions")
    pong = await session.ask("session.ping")
    w.equal("ACTION-005", 5, counted(pong), on=pong, why="last_action_seq after all copies")


@case("ACTION-005", needs=CHANGES)
async def copies_have_one_effect(w: World) -> None:
    """An article.create that is sent three times makes one article, and is acked with one id."""
    session = await open_articles(w, w.user())
    marker = unique(w, "marker")
    body = session.action_body(CREATE, {"title": marker})
    first = await (await session.send_action(body)).must()
    w.require(first.acked, f"{CREATE} was not acked: {first}")
    _same_ack(w, first, await (await session.send_action(body)).outcome(), "a copy")
    await session.apply(CREATE, {"title": unique(w, "other")})
    _same_ack(w, first, await (await session.send_action(body)).outcome(), "a later copy")
    await _once(w, "ACTION-005", session, marker, "after three copies")


@case("ACTION-005", needs=CHANGES)
async def copies_may_be_written_anew(w: World) -> None:
    """A copy with other white space, order of members and timestamp is a copy."""
    session = await open_articles(w, w.user())
    marker = unique(w, "märker")
    data = {"title": marker, "tags": ["one", "two"], "content": "text"}
    body = session.action_body(CREATE, data)
    first = await (await session.send_action(body)).must()
    w.require(first.acked, f"{CREATE} was not acked: {first}")
    turned = {**body, "data": dict(reversed(data.items())), "timestamp": body["timestamp"] + 5}
    turned = dict(reversed(turned.items()))
    raw = json.dumps(turned, indent=3, ensure_ascii=True).encode()
    answer = await (
        await session.send("action", body=raw, subject=session.actions_subject)
    ).answer()
    _same_ack(w, first, answer, "a copy that is written in another way")
    await _once(w, "ACTION-005", session, marker, "after a copy that is written in another way")


@case("ACTION-006")
async def copies_get_the_first_error_again(w: World) -> None:
    """Copies of an action with a final nack get the same error object again."""
    session = await w.open(w.user())
    for fault in ({"type": UNKNOWN}, {"data": []}):
        body = {**session.action_body(NOOP), **fault}
        first = await (await session.send_action(body)).must()
        w.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
        await noops(session, 1)
        for why in ("a copy", "a further copy"):
            answer = await (await session.send_action(body)).outcome()
            _same_error(w, first, answer, f"{why} of an action refused with {first.code}")


def _same_error(w: World, first: Answer, copy: Answer | None, why: str) -> None:
    if copy is None:
        w.absent("ACTION-006", expected=f"the same refusal again, {first.code}", why=why)
        return
    w.equal(
        "ACTION-006",
        ["action.nack", first.error],
        [copy.type, copy.error],
        on=(copy, first),
        pointer="/data/error",
        why=why,
    )


@case("ACTION-006", needs=takes("create", "publish", "select"))
async def refused_action_stays_refused(w: World) -> None:
    """A selection that was refused is refused again once the article may be read."""
    author, reader = await open_articles(w, w.user()), await open_articles(w, w.user())
    article_id = await create_article(author)
    body = reader.action_body("article.select", {"article_id": article_id})
    first = await (await reader.send_action(body)).must()
    w.require(first.error.get("retryable") is False, f"no final refusal, but {first}")
    await publish(author, article_id)
    await reader.fence()
    answer = await (await reader.send_action(body)).outcome()
    _same_error(w, first, answer, "a copy after the article was published")
    selected = current(await view(reader)).get("id")
    w.equal("ACTION-006", None, selected, on=answer, why="the selected article")


# -- known ids with another body ------------------------------------------------------------------------


@case("ACTION-009")
async def known_id_with_another_type_is_refused(w: World) -> None:
    """A known action_id with another type gets 4092, under its number and under the next."""
    session = await w.open(w.user())
    body = session.action_body(NOOP)
    w.require((await (await session.send_action(body)).must()).acked, f"{NOOP} was not acked")
    other = {**body, "type": UNKNOWN}
    for why, sent in (
        ("another type under the same client_seq", other),
        ("another type as the next action", {**other, "client_seq": session.next_seq}),
    ):
        w.refused("ACTION-009", await (await session.send_action(sent)).outcome(), 4092, why=why)


@case("ACTION-009", needs=takes("create", "update"))
async def known_id_with_another_body_has_no_effect(w: World) -> None:
    """A known action_id with other data or another expect gets 4092, and does nothing."""
    session = await open_articles(w, w.user())
    titled, marker = unique(w, "title"), unique(w, "marker")
    create = session.action_body(CREATE, {"title": titled})
    made = await (await session.send_action(create)).must()
    article_id = created_id(made)
    changes = {"article_id": article_id, "changes": {"title": titled}}
    change = session.action_body("article.update", changes)
    w.require((await (await session.send_action(change)).must()).acked, "the update was not acked")
    for why, body in (
        ("a create with another title", {**create, "data": {"title": marker}}),
        ("a create with one member more", {**create, "data": {"title": titled, "content": marker}}),
        (
            "an update with other changes",
            {**change, "data": {**changes, "changes": {"title": marker}}},
        ),
        ("an update with an expect", {**change, "expect": {"revision": 1}}),
        ("an update in place of a create", {**change, "action_id": create["action_id"]}),
    ):
        for number in (body["client_seq"], session.next_seq):
            sent = {**body, "client_seq": number}
            answer = await (await session.send_action(sent)).outcome()
            w.refused("ACTION-009", answer, 4092, why=f"{why}, under client_seq {number}")
        session.next_seq += 1
    shown = [title for title in titles(await view(session)) if title in (titled, marker)]
    w.equal("ACTION-009", [titled], shown, on=session.stream[-1:], why="titles after all of them")


# -- copies elsewhere -----------------------------------------------------------------------------------


@case("ACTION-019", needs=takes("create", "edit_start"))
async def copies_on_another_subject(w: World) -> None:
    """An article.edit_start is one action on both of its subjects, whichever has it first."""
    session = await open_articles(w, w.user())
    for shared_first in (False, True):
        article_id = await create_article(session)
        shared = edit_body(session, article_id)
        how = {"action_id": shared["action_id"], "client_seq": shared["client_seq"]}
        own = session.action_body(EDIT_START, {"article_id": article_id}, **how)
        posted: list[tuple[Body, str | None]] = [(own, None), (shared, EDIT_SUBJECT)]
        (body, subject), (copied, elsewhere) = posted[::-1] if shared_first else posted
        first = await (await session.send_action(body, subject=subject)).must()
        w.require(first.acked, f"{EDIT_START} was not acked: {first}")
        answer = await (await session.send_action(copied, subject=elsewhere)).outcome()
        why = f"a copy on {elsewhere or session.actions_subject}"
        w.acked("ACTION-019", answer, status="duplicate", why=why)
        slice_ = await view(session)
        editing = find_editor(slice_, article_id, session.user.id)
        w.require(editing is not None, "the edit that was acked does not show")
        count = sum(e.get("article_id") == article_id for e in slice_.get("editors") or [])
        w.equal("ACTION-019", 1, count, on=answer, why=f"entries in editors after {why}")


@case("ACTION-020")
async def copies_in_another_session(w: World) -> None:
    """Copies of an ack and of a refusal in a later session take its numbers and tell its head."""
    user = w.user()
    first_session = await w.open(user)
    done = first_session.action_body(NOOP)
    refused = first_session.action_body(UNKNOWN)
    w.require((await (await first_session.send_action(done)).must()).acked, "no ack to copy")
    nack = await (await first_session.send_action(refused)).must()
    await first_session.close()
    first_session.leave_open = True
    session = await w.open(user)
    await session.sync()
    before = await session.fence()
    again = await _as_next(session, done)
    after = await session.fence()
    w.acked("ACTION-020", again, status="duplicate", why="a copy in a later session")
    _its_head(w, again, before, after, 1)
    answer = await _as_next(session, refused)
    why = "a copy of a refused action in a later session"
    seen = answer.error if answer else None
    w.equal("ACTION-020", nack.error, seen, on=answer, pointer="/data/error", why=why)
    _its_head(w, answer, after, await session.fence(), 2)
    third = await (await session.send_action(session.action_body(NOOP))).outcome()
    w.acked("ACTION-020", third, status="applied", why="client_seq 3, after copies took 1 and 2")


async def _as_next(session: Session, body: Body) -> Answer | None:
    """Send a copy of another session's action as the next action of this one."""
    number, session.next_seq = session.next_seq, session.next_seq + 1
    copy = {**body, "session_id": session.id, "client_seq": number}
    return await (await session.send_action(copy)).outcome()


def _its_head(
    w: World, answer: Answer | None, before: Position, after: Position, number: int
) -> None:
    if answer is not None:
        w.check(
            "ACTION-020",
            within(answer.position, before, after) and counted(answer) == number,
            expected=f"the head of this session, {before}, with last_action_seq {number}",
            seen=answer.position,
            on=answer,
            pointer="/data/position",
            why="a copy as the next action of a later session",
        )


@case("ACTION-020", needs=CHANGES)
async def copies_in_another_session_have_one_effect(w: World) -> None:
    """An article.create that comes again in a live and in a later session makes one article."""
    user = w.user()
    first_session, second = await open_articles(w, user), await open_articles(w, user)
    marker = unique(w, "marker")
    body = first_session.action_body(CREATE, {"title": marker})
    first = await (await first_session.send_action(body)).must()
    w.require(first.acked, f"{CREATE} was not acked: {first}")
    later = await open_articles(w, user)
    for session, why in ((second, "another live session"), (later, "a later session")):
        if session is later:
            await first_session.close()
            first_session.leave_open = True
        answer = await _as_next(session, body)
        w.acked("ACTION-020", answer, status="duplicate", why=f"a copy in {why}")
        told = answer.data.get("result") if answer else None
        w.equal("ACTION-020", first.data.get("result"), told, on=answer, why=f"result in {why}")
        await _once(w, "ACTION-020", session, marker, f"after a copy in {why}")


# -- what makes no copy ---------------------------------------------------------------------------------


@case("ACTION-021")
async def ids_of_users_are_apart(w: World) -> None:
    """Two users use one action_id for different things, and both are served."""
    mine, theirs = await w.open(w.user()), await w.open(w.user())
    for type_, why in (
        (NOOP, "the id of an acked action"),
        (UNKNOWN, "the id of a refused action"),
    ):
        used = mine.action_body(type_)
        await (await mine.send_action(used)).must()
        body = theirs.action_body(NOOP, action_id=used["action_id"])
        answer = await (await theirs.send_action(body)).outcome()
        w.acked("ACTION-021", answer, status="applied", why=f"{why} of another user")


@case("ACTION-021", needs=CHANGES)
async def ids_of_users_have_effects_apart(w: World) -> None:
    """Two users create an article under one action_id, and each has its own."""
    mine, theirs = await open_articles(w, w.user()), await open_articles(w, w.user())
    id_ = mine.new_action_id()
    for session in (mine, theirs):
        marker = unique(w, "marker")
        body = session.action_body(CREATE, {"title": marker}, action_id=id_)
        answer = await (await session.send_action(body)).outcome()
        w.acked("ACTION-021", answer, status="applied", why="a create under a shared action_id")
        await _once(w, "ACTION-021", session, marker, "under a shared action_id")


@case("ACTION-022")
async def message_ids_of_the_broker_mean_nothing(w: World) -> None:
    """Different actions with one Nats-Msg-Id are both applied; copies with two are still copies."""
    session = await w.open(w.user())
    headers = {MSG_ID: unique(w, "msg")}
    bodies = [session.action_body(NOOP) for _ in range(2)]
    for number, body in enumerate(bodies, 1):
        answer = await (await session.send_action(body, headers=headers)).outcome()
        w.acked("ACTION-022", answer, status="applied", why=f"action {number} with the same header")
    for why, other in (
        ("a copy with another header", {MSG_ID: unique(w, "msg")}),
        ("a copy with the same header", headers),
        ("a copy without the header", None),
    ):
        answer = await (await session.send_action(bodies[0], headers=other)).outcome()
        w.acked("ACTION-022", answer, status="duplicate", why=why)


@case("ACTION-023", phase=Phase.LOUD)
async def last_outcomes_are_remembered(w: World) -> None:
    """Of the last 256 outcomes of a user the oldest is known, in its session and in a new one."""
    user = w.user()
    session = await w.open(user)
    body = session.action_body(NOOP)
    w.require((await (await session.send_action(body)).must()).acked, f"{NOOP} was not acked")
    await noops(session, REMEMBERED - 1)
    answer = await (await session.send_action(body)).outcome()
    why = f"a copy after {REMEMBERED - 1} further actions"
    w.acked("ACTION-023", answer, status="duplicate", why=why)
    later = await w.open(user)
    answer = await _as_next(later, body)
    w.acked("ACTION-023", answer, status="duplicate", why=f"{why}, in a new session")
