"""CHAT: `chat.send` on the shared subject `chat.messages` is the same action as on the user's own."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import case
from omnisession_conformance.suite.changes import unique
from omnisession_conformance.suite.chat_helpers import (
    Entry,
    Room,
    message_id,
    on_shared,
    open_chat,
    open_elsewhere,
    open_room,
    part,
    takes_chat,
    text,
    where,
)
from omnisession_conformance.suite.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    NOOP,
    Body,
    Posted,
    chat_body,
    error_only,
    inbox_answer,
    settle,
)

if TYPE_CHECKING:
    from omnisession_conformance.actor import Session
    from omnisession_conformance.answer import Answer
    from omnisession_conformance.world import World

SENDS = takes_chat("send")
FORGED = "session.nobody.none.state"
"""A reply subject that is no inbox."""


async def _on_own(session: Session, content: Any) -> Answer | None:
    body = session.action_body(CHAT_SEND, {"content": content})
    return await (await session.send_action(body)).outcome()


def _outcome(answer: Answer | None) -> Entry:
    """What two outcomes of the same kind have in common."""
    if answer is None:
        return {"type": "no outcome"}
    refusal = {name: answer.error.get(name) for name in ("code", "name", "retryable")}
    result = sorted(answer.result)
    return {"type": answer.type, "status": answer.status, "result": result, "error": refusal}


def _alike(
    w: World, own: Answer | None, shared: Answer | None, why: str, requirement: str = "CHAT-002"
) -> None:
    w.require(own is not None, f"{CHAT_SEND} got no outcome")
    on = [answer for answer in (shared, own) if answer is not None]
    w.equal(requirement, _outcome(own), _outcome(shared), on=on, why=f"outcomes of {why}")


@case("CHAT-002", needs=SENDS)
async def send_works_on_both_subjects(w: World) -> None:
    """A send on the shared subject has the outcome and the message of one on the user's own."""
    mine = w.user()
    room = await open_room(w, mine, w.user())
    for actor in (*room.sessions[:3], *await open_elsewhere(w, mine)):
        contents = text(w), text(w)
        own = await _on_own(actor, contents[0])
        shared = await on_shared(actor, contents[1])
        w.require(own is not None and own.acked, f"{CHAT_SEND} was not acked: {own}")
        if not w.acked("CHAT-002", shared, status="applied", why=f"a send on {CHAT_SUBJECT}"):
            continue
        _alike(w, own, shared, "a message")
        if own is not None and shared is not None and own.result.keys() == shared.result.keys():
            await _shows_both(w, room, actor, (own, shared), contents)


async def _shows_both(
    w: World, room: Room, actor: Session, acks: tuple[Answer, Answer], contents: tuple[str, str]
) -> None:
    ids = [message_id(ack) for ack in acks]
    names = ("id", "user_id", "content", "edited_at")
    wanted = [
        {"id": id_, "user_id": actor.user.id, "content": content, "edited_at": None}
        for id_, content in zip(ids, contents, strict=True)
    ]
    for session in room.sessions:
        told = await room.messages(session, ids)
        seen = [m for m in told if m.get("id") in ids or m.get("content") in contents]
        shown = [part(m, *names) for m in seen[::-1]]
        on, why = session.stream[-1:], f"a message on each subject, {where(session, actor)}"
        w.equal("CHAT-002", wanted, shown, on=on, why=why)
        members = [sorted(m) for m in seen]
        if len(members) == 2:
            w.equal("CHAT-002", members[1], members[0], on=on, why=f"members of {why}")


@case("CHAT-002", needs=SENDS)
async def refusals_are_alike_on_both_subjects(w: World) -> None:
    """What is refused on the user's own subject is refused alike on the shared one."""
    session = await open_chat(w, w.user())
    bound = w.declared.limit("chat_content", 4_096)
    wrong: dict[str, Any] = {
        "a content that is a number": 5,
        "a content that is null": None,
        "a content that is an object": {"content": "x"},
        "a content above its limit": "x" * bound,
    }
    for what, content in wrong.items():
        own = await _on_own(session, content)
        w.require(own is not None and not own.acked, f"{what} was not refused, but got {own}")
        _alike(w, own, await on_shared(session, content), what)
    own = await (await session.send_action(session.action_body(CHAT_SEND, {}))).outcome()
    body = session.action_body(CHAT_SEND, top={})
    shared = await (await session.send_action(body, subject=CHAT_SUBJECT)).outcome()
    _alike(w, own, shared, "no content")


@case("CHAT-002", "CHAT-003", "ACTION-011", needs=SENDS)
async def both_subjects_share_their_numbers(w: World) -> None:
    """Messages that take turns on the subjects are numbered in one row, and stand in that order."""
    room = await open_room(w, w.user())
    actor = room.sessions[0]
    posted: list[Posted] = []
    for turn in range(9):
        content = f"{9 - turn} {text(w)}"
        if turn % 2:
            posted.append(Posted(chat_body(actor, content), CHAT_SUBJECT))
        else:
            posted.append(Posted(actor.action_body(CHAT_SEND, {"content": content})))
    acks = await settle(actor, posted)
    w.require(all(ack.acked for ack in acks), "a message was not acked")
    numbers = [ack.data.get("client_seq") for ack in acks]
    w.equal("CHAT-002", list(range(1, 10)), numbers, on=acks, why="numbers over both subjects")
    pong = await actor.ask("session.ping")
    counted = pong.position.last_action_seq if pong.position else None
    w.equal("CHAT-002", len(acks), counted, on=pong, why="last_action_seq after both subjects")
    ids = [message_id(ack) for ack in acks]
    for session, seen in await room.each(ids):
        shown, on = [m.get("id") for m in seen], session.stream[-1:]
        for requirement in ("CHAT-003", "ACTION-011"):
            w.equal(requirement, ids[::-1], shown, on=on, why="messages that took turns")


# -- copies ----------------------------------------------------------------------------------------


@case("CHAT-002", "ACTION-019", needs=SENDS)
async def copies_on_both_chat_subjects(w: World) -> None:
    """A chat.send and its copy, on each pair of subjects, are one message with one outcome."""
    room = await open_room(w, w.user())
    actor = room.sessions[0]
    for shared_first, shared_second in product((False, True), repeat=2):
        content = text(w)
        body = chat_body(actor, content)
        how = {"action_id": body["action_id"], "client_seq": body["client_seq"]}
        forms: tuple[tuple[Body, str], tuple[Body, str]] = (
            (actor.action_body(CHAT_SEND, {"content": content}, **how), actor.actions_subject),
            (body, CHAT_SUBJECT),
        )
        (one, first_subject), (two, second_subject) = forms[shared_first], forms[shared_second]
        first = await (await actor.send_action(one, subject=first_subject)).must()
        w.require(first.acked, f"{CHAT_SEND} was not acked: {first}")
        # Another message in between moves the head: the copy tells the old position all the same.
        other = await actor.apply(CHAT_SEND, {"content": text(w)})
        copy = await (await actor.send_action(two, subject=second_subject)).outcome()
        requirements = (
            ("CHAT-002",) if first_subject == second_subject else ("CHAT-002", "ACTION-019")
        )
        why = f"a copy on {second_subject} of an action on {first_subject}"
        for requirement in requirements:
            await _is_one(w, requirement, room, (first, copy, other), content, why)


async def _is_one(
    w: World,
    requirement: str,
    room: Room,
    answers: tuple[Answer, Answer | None, Answer],
    content: str,
    why: str,
) -> None:
    first, copy, other = answers
    if w.acked(requirement, copy, status="duplicate", why=why) and copy is not None:
        for name in ("result", "position"):
            told = copy.data.get(name)
            w.equal(requirement, first.data.get(name), told, on=(copy, first.record), why=why)
    ids = [message_id(other), message_id(first)]
    for session in room.sessions:
        told, on = await room.messages(session, ids), session.stream[-1:]
        seen = [m.get("id") for m in told if m.get("id") in ids or m.get("content") == content]
        w.equal(requirement, ids, seen, on=on, why=f"messages after {why}")


@case("CHAT-002", needs=SENDS)
async def used_ids_are_refused_alike(w: World) -> None:
    """A used id with another content, and a used number, are refused on the shared subject, too."""
    room = await open_room(w, w.user())
    actor, wrong = room.sessions[0], text(w)
    for subject in (actor.actions_subject, CHAT_SUBJECT):
        body = chat_body(actor, text(w))
        used = await (await actor.send_action(body, subject=CHAT_SUBJECT)).must()
        w.require(used.acked, f"{CHAT_SEND} was not acked: {used}")
        for what, changed in (
            ("an action_id with another content", {}),
            ("a used number", {"action_id": actor.new_action_id()}),
        ):
            again = {**body, **changed, "content": wrong}
            if subject != CHAT_SUBJECT:
                again["data"] = {"content": again.pop("content")}
            answer = await (await actor.send_action(again, subject=subject)).outcome()
            w.refused("CHAT-002", answer, 4092, why=f"{what}, on {subject}")
    await _not_shown(w, "CHAT-002", room, wrong, "after refused copies")


async def _not_shown(w: World, requirement: str, room: Room, content: str, why: str) -> None:
    for session in room.sessions:
        told = await room.messages(session)
        seen = [m for m in told if m.get("content") == content]
        w.equal(requirement, [], seen, on=session.stream[-1:], why=f"messages of it, {why}")


# -- who may speak -----------------------------------------------------------------------------------


@case("ACTION-014", needs=SENDS)
async def chat_needs_a_live_session_of_its_user(w: World) -> None:
    """Messages in the name of a session that is over, unknown or another user's are not shown."""
    room = await open_room(w, w.user(), w.user())
    actor, theirs, wrong = room.sessions[0], room.sessions[2], text(w)
    closed = await open_chat(w, actor.user)
    await closed.close()
    closed.leave_open = True
    unknown = w.session(actor.user)
    for what, session_id in (
        ("a session that is over", closed.id),
        ("a session that was never opened", unknown.id),
        ("a session of another user", theirs.id),
    ):
        body = {**chat_body(actor, wrong, client_seq=1), "session_id": session_id}
        answer = await inbox_answer(actor, body, subject=CHAT_SUBJECT)
        error_only(w, "ACTION-014", answer, 4041, 4101, why=f"{what}, on {CHAT_SUBJECT}")
    await _not_shown(w, "ACTION-014", room, wrong, "in the name of no live session of the user")
    for session in (actor, theirs):
        answer = await session.act(NOOP)
        w.acked("ACTION-014", answer, status="applied", why="client_seq 1 after all of them")


@case("SEC-002", needs=SENDS)
async def forged_replies_say_nothing(w: World) -> None:
    """A message on chat.messages with a reply subject that is no inbox is not shown, nor counted."""
    room = await open_room(w, w.user(), w.user())
    actor, victim, wrong = room.sessions[0], room.sessions[2], text(w)
    for reply in (f"{victim.prefix}.state", f"{victim.prefix}.events", FORGED, unique(w, "x")):
        body = chat_body(actor, wrong, client_seq=1)
        await actor.send_action(body, subject=CHAT_SUBJECT, reply=reply)
    await _not_shown(w, "SEC-002", room, wrong, "with a forged reply subject")
    answer = await on_shared(actor, text(w))
    w.acked("SEC-002", answer, status="applied", why="client_seq 1 after forged messages")
