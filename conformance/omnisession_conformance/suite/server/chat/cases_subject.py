"""CHAT: `chat.send` on the shared subject `chat.messages` is the same action as on the user's own."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import (
    Entry,
    Room,
    in_order,
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
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
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
from omnisession_conformance.roles.server.steps.sizes import usable

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

SENDS = takes_chat("send")
FORGED = "session.nobody.none.state"
"""A reply subject that is no inbox."""


async def _on_own(session: Session, content: Any) -> Answer | None:
    body = session.action_body(CHAT_SEND, {"content": content})
    return await session.outcome_of(body)


def _outcome(answer: Answer | None) -> Entry:
    """What two outcomes of the same kind have in common."""
    if answer is None:
        return {"type": "no outcome"}
    refusal = {name: answer.error.get(name) for name in ("code", "name", "retryable")}
    result = sorted(answer.result)
    return {"type": answer.type, "status": answer.status, "result": result, "error": refusal}


def _alike(
    ctx: Context, own: Answer | None, shared: Answer | None, why: str, requirement: str = "CHAT-002"
) -> None:
    ctx.require(own is not None, f"{CHAT_SEND} got no outcome")
    on = [answer for answer in (shared, own) if answer is not None]
    ctx.equal(requirement, _outcome(own), _outcome(shared), on=on, why=f"outcomes of {why}")


@case("CHAT-002", needs=SENDS)
async def send_works_on_both_subjects(ctx: Context) -> None:
    """A send on the shared subject has the outcome and the message of one on the user's own."""
    mine = ctx.user()
    room = await open_room(ctx, mine, ctx.user())
    for actor in (*room.sessions[:3], *await open_elsewhere(ctx, mine)):
        contents = text(ctx), text(ctx)
        own = await _on_own(actor, contents[0])
        shared = await on_shared(actor, contents[1])
        ctx.require(own is not None and own.acked, f"{CHAT_SEND} was not acked: {own}")
        if not ctx.acked("CHAT-002", shared, status="applied", why=f"a send on {CHAT_SUBJECT}"):
            continue
        _alike(ctx, own, shared, "a message")
        if own is not None and shared is not None and own.result.keys() == shared.result.keys():
            await _shows_both(ctx, room, actor, (own, shared), contents)


async def _shows_both(
    ctx: Context, room: Room, actor: Session, acks: tuple[Answer, Answer], contents: tuple[str, str]
) -> None:
    """Observe that both messages are shown alike, however that is."""
    ids = [message_id(ack) for ack in acks]
    for session in room.sessions:
        told = await room.messages(session, ids)
        own, shared = (
            [
                _apart(m, id_, content)
                for m in told
                if m.get("id") == id_ or m.get("content") == content
            ]
            for id_, content in zip(ids, contents, strict=True)
        )
        ctx.require(bool(own), f"a message on {actor.actions_subject} is not shown")
        on, why = session.stream[-1:], f"a message on {CHAT_SUBJECT}, {where(session, actor)}"
        ctx.equal("CHAT-002", own, shared, on=on, why=why)


def _apart(message: Entry, id_: str, content: str) -> Entry:
    """A message without what differs in two that are the same else."""
    return {
        **part(message, "user_id", "edited_at"),
        "id": message.get("id") == id_,
        "content": message.get("content") == content,
    }


@case("CHAT-002", needs=SENDS)
async def refusals_are_alike_on_both_subjects(ctx: Context) -> None:
    """What is refused on the user's own subject is refused alike on the shared one."""
    session = await open_chat(ctx, ctx.user())
    bound = ctx.declared.limit("chat_content")
    wrong: dict[str, Any] = {
        "a content that is a number": 5,
        "a content that is null": None,
        "a content that is an object": {"content": "x"},
    }
    if usable(session, "chat_content") == bound:
        wrong["a content above its limit"] = "x" * bound
    for what, content in wrong.items():
        own = await _on_own(session, content)
        ctx.require(own is not None and not own.acked, f"{what} was not refused, but got {own}")
        _alike(ctx, own, await on_shared(session, content), what)
    own = await session.outcome_of(session.action_body(CHAT_SEND, {}))
    body = session.action_body(CHAT_SEND, top={})
    shared = await session.outcome_of(body, subject=CHAT_SUBJECT)
    _alike(ctx, own, shared, "no content")


@case("CHAT-002", needs=SENDS)
async def data_beside_says_nothing(ctx: Context) -> None:
    """On the shared subject the content at top level is what is said, whatever `data` stands beside."""
    room = await open_room(ctx, ctx.user())
    actor, *_ = room.sessions
    content, beside = text(ctx), text(ctx)
    for data in ({"content": beside}, {"content": 5}, {}):
        answer = await on_shared(actor, content, data=data)
        why = f"a send with the data {data} beside its content"
        if not ctx.acked("CHAT-002", answer, status="applied", why=why) or answer is None:
            continue
        for session in room.sessions:
            told = await room.messages(session, [message_id(answer)])
            seen = [m.get("content") for m in told if m.get("id") == message_id(answer)]
            ctx.equal("CHAT-002", [content], seen, on=session.stream[-1:], why=why)


@case("CHAT-002", "CHAT-003", "ACTION-011", needs=SENDS)
async def both_subjects_share_their_numbers(ctx: Context) -> None:
    """Messages that take turns on the subjects are numbered in one row, and stand in that order."""
    room = await open_room(ctx, ctx.user())
    actor = room.sessions[0]
    posted: list[Posted] = []
    for turn in range(7):
        content = f"{7 - turn} {text(ctx)}"
        if turn % 2:
            posted.append(Posted(chat_body(actor, content), CHAT_SUBJECT))
        else:
            posted.append(Posted(actor.action_body(CHAT_SEND, {"content": content})))
    acks = await settle(actor, posted)
    ctx.require(all(ack.acked for ack in acks), "a message was not acked")
    numbers = [ack.data.get("client_seq") for ack in acks]
    ctx.equal(
        "CHAT-002",
        list(range(1, len(posted) + 1)),
        numbers,
        on=acks,
        why="numbers over both subjects",
    )
    pong = await actor.ask("session.ping")
    ctx.equal(
        "CHAT-002", len(acks), count_in(pong), on=pong, why="last_action_seq after both subjects"
    )
    ids = [message_id(ack) for ack in acks]
    for session, seen in await room.each(ids):
        why = "messages that took turns on the subjects"
        in_order(ctx, session, ids[::-1], seen, why, "CHAT-003", "ACTION-011")


# -- copies ----------------------------------------------------------------------------------------


@case("CHAT-002", "ACTION-019", needs=SENDS)
async def copies_on_both_chat_subjects(ctx: Context) -> None:
    """A chat.send and its copy, on each pair of subjects, are one message with one outcome."""
    room = await open_room(ctx, ctx.user())
    actor = room.sessions[0]
    for shared_first, shared_second in product((False, True), repeat=2):
        content = text(ctx)
        body = chat_body(actor, content)
        how = {"action_id": body["action_id"], "client_seq": body["client_seq"]}
        forms: tuple[tuple[Body, str], tuple[Body, str]] = (
            (actor.action_body(CHAT_SEND, {"content": content}, **how), actor.actions_subject),
            (body, CHAT_SUBJECT),
        )
        (one, first_subject), (two, second_subject) = forms[shared_first], forms[shared_second]
        first = await actor.needed_outcome_of(one, subject=first_subject)
        ctx.require(first.acked, f"{CHAT_SEND} was not acked: {first}")
        # Another message in between moves the head: the copy tells the old position all the same.
        await actor.apply(CHAT_SEND, {"content": text(ctx)})
        sent = message_id(first)
        before = [await _shown(room, session, content, sent) for session in room.sessions]
        if shared_second:
            two = {**two, "data": {"content": text(ctx)}}
        copy = await actor.outcome_of(two, subject=second_subject)
        after = [await _shown(room, session, content, sent) for session in room.sessions]
        ctx.require(all(before), "a message that was acked is not shown")
        requirements = ["CHAT-002"] + ["ACTION-019"] * (first_subject != second_subject)
        why = f"a copy on {second_subject} of an action on {first_subject}"
        for requirement in requirements:
            ctx.equal(requirement, before, after, on=copy, why=f"messages before and after {why}")
            if ctx.acked(requirement, copy, status="duplicate", why=why) and copy is not None:
                for name in ("result", "position"):
                    told = copy.data.get(name)
                    on = (copy, first)
                    ctx.equal(
                        requirement, first.data.get(name), told, on=on, why=f"{name} of {why}"
                    )


async def _shown(room: Room, session: Session, content: str, *sent: str) -> list[Any]:
    """The ids of the messages of a content that a session shows, some of which were sent."""
    told = await room.messages(session, sent)
    return [m.get("id") for m in told if m.get("content") == content]


@case("CHAT-002", needs=SENDS)
async def used_ids_are_refused_alike(ctx: Context) -> None:
    """A used id with another content, and a used number, are refused on the shared subject, too."""
    room = await open_room(ctx, ctx.user())
    actor, wrong = room.sessions[0], text(ctx)
    for subject in (actor.actions_subject, CHAT_SUBJECT):
        body = chat_body(actor, text(ctx))
        used = await actor.needed_outcome_of(body, subject=CHAT_SUBJECT)
        ctx.require(used.acked, f"{CHAT_SEND} was not acked: {used}")
        for what, changed in (
            ("an action_id with another content", {}),
            ("a used number", {"action_id": actor.new_action_id()}),
        ):
            again = {**body, **changed, "content": wrong}
            if subject != CHAT_SUBJECT:
                again["data"] = {"content": again.pop("content")}
            answer = await actor.outcome_of(again, subject=subject)
            ctx.refused("CHAT-002", answer, 4092, why=f"{what}, on {subject}")
    await _not_shown(ctx, "CHAT-002", room, wrong, "after refused copies")


async def _not_shown(ctx: Context, requirement: str, room: Room, content: str, why: str) -> None:
    for session in room.sessions:
        seen = await _shown(room, session, content)
        ctx.equal(requirement, [], seen, on=session.stream[-1:], why=f"messages of it, {why}")


# -- who may speak -----------------------------------------------------------------------------------


@case("ACTION-014", needs=SENDS)
async def chat_needs_a_live_session_of_its_user(ctx: Context) -> None:
    """Messages in the name of a session that is over, unknown or another user's are not shown."""
    room = await open_room(ctx, ctx.user(), ctx.user())
    actor, theirs, wrong = room.sessions[0], room.sessions[2], text(ctx)
    closed = await open_chat(ctx, actor.user)
    await closed.close()
    closed.leave_open = True
    unknown = ctx.session(actor.user)
    for what, session_id in (
        ("a session that is over", closed.id),
        ("a session that was never opened", unknown.id),
        ("a session of another user", theirs.id),
    ):
        body = {**chat_body(actor, wrong, client_seq=1), "session_id": session_id}
        answer = await inbox_answer(actor, body, subject=CHAT_SUBJECT)
        error_only(ctx, "ACTION-014", answer, 4041, 4101, why=f"{what}, on {CHAT_SUBJECT}")
    await _not_shown(ctx, "ACTION-014", room, wrong, "in the name of no live session of the user")
    for session in (actor, theirs):
        answer = await session.act(NOOP)
        ctx.acked("ACTION-014", answer, status="applied", why="client_seq 1 after all of them")


@case("SEC-002", needs=SENDS)
async def forged_replies_say_nothing(ctx: Context) -> None:
    """A message on chat.messages with a reply subject that is no inbox is not shown, nor counted."""
    room = await open_room(ctx, ctx.user(), ctx.user())
    actor, victim, wrong = room.sessions[0], room.sessions[2], text(ctx)
    for reply in (f"{victim.prefix}.state", f"{victim.prefix}.events", FORGED, unique(ctx, "x")):
        body = chat_body(actor, wrong, client_seq=1)
        await actor.send_action(body, subject=CHAT_SUBJECT, reply=reply)
    await _not_shown(ctx, "SEC-002", room, wrong, "with a forged reply subject")
    answer = await on_shared(actor, text(ctx))
    ctx.acked("SEC-002", answer, status="applied", why="client_seq 1 after forged messages")
