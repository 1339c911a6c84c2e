"""CHAT: what a send does, in all sessions that see the room, and in which order messages stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import member
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import (
    ADDED,
    Entry,
    Room,
    in_order,
    message_id,
    on_shared,
    open_elsewhere,
    open_room,
    part,
    say,
    takes_chat,
    text,
    where,
)
from omnisession_conformance.roles.server.steps.sending import CHAT_SEND

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

HOUR_MS = 3_600_000
CLOCKS_MS = 60_000
"""How far the clocks of a server's parts may be apart."""


# -- send ------------------------------------------------------------------------------------------


@case("CHAT-001", needs=takes_chat("send"))
async def sent_messages_are_shown_once(ctx: Context) -> None:
    """Messages, from sessions with and without the kind chat, are shown once in each that has it."""
    mine, theirs = ctx.user(), ctx.user()
    room = await open_room(ctx, mine, theirs)
    for actor in (*room.sessions, *await open_elsewhere(ctx, mine)):
        await _is_shown_once(ctx, room, actor)
    actor, content = room.sessions[0], text(ctx)
    twins = [await say(actor, content) for _ in range(2)]
    for user in (mine, theirs):
        await room.late(user, events=user is theirs)
    for session in room.sessions:
        seen = [m for m in await room.messages(session, twins) if m.get("content") == content]
        why = f"ids of two messages with one content, {where(session, actor)}"
        on = session.stream[-1:]
        shown = sorted(str(m.get("id")) for m in seen)
        ctx.equal("CHAT-001", sorted(twins), shown, on=on, why=why)


async def _is_shown_once(ctx: Context, room: Room, actor: Session) -> None:
    content = text(ctx)
    ack = await actor.apply(CHAT_SEND, {"content": content})
    id_ = ack.result.get("message_id")
    named = isinstance(id_, str) and id_ != ""
    expected = "the message's id"
    pointer = "/data/result/message_id"
    if not ctx.check("CHAT-001", named, expected=expected, seen=id_, on=ack, pointer=pointer):
        return
    for session in room.sessions:
        seen = [
            part(m, "id", "content")
            for m in await room.messages(session, [id_])
            if m.get("content") == content or m.get("id") == id_
        ]
        wanted = [{"id": id_, "content": content}]
        on = session.stream[-1:]
        ctx.equal("CHAT-001", wanted, seen, on=on, why=where(session, actor))
        told = _additions(session, content)
        if "events" in session.features:
            why = f"events of one message, {where(session, actor)}"
            ctx.equal("CHAT-001", 1, len(told), on=told, why=why)


def _additions(session: Session, content: str) -> list[Record]:
    """The events of a session that add a message with a content."""
    return [
        record
        for record in session.events(ADDED)
        if member(record.payload.get("message"), "content") == content
    ]


@case("CHAT-003", needs=takes_chat("send"))
async def messages_are_newest_first(ctx: Context) -> None:
    """Messages of two users, with clocks that run backwards, stand as the server accepted them."""
    room = await open_room(ctx, ctx.user(), ctx.user())
    actors = (room.sessions[0], room.sessions[3], room.sessions[1])
    ids: list[str] = []
    for turn in range(5):
        actor = actors[turn % len(actors)]
        body = actor.action_body(CHAT_SEND, {"content": f"{turn * 3 % 5} {text(ctx)}"})
        body["timestamp"] -= turn * HOUR_MS
        ids.append(message_id(await actor.needed_outcome_of(body)))
    await room.late(actors[0].user)
    for session, seen in await room.each(ids):
        in_order(ctx, session, ids[::-1], seen, "each sent when the one before was acked")


@case("CHAT-003", needs=takes_chat("send"))
async def bursts_stand_in_one_order(ctx: Context) -> None:
    """Messages that two users send at a time stand in one order everywhere, each user's as numbered."""
    room = await open_room(ctx, ctx.user(), ctx.user())
    actors = (room.sessions[0], room.sessions[3])
    sent = [
        (a, await a.send_action({**body, "timestamp": body["timestamp"] - turn * HOUR_MS}))
        for turn in range(5)
        for a in actors
        for body in (a.action_body(CHAT_SEND, {"content": f"{-turn} {text(ctx)}"}),)
    ]
    made = [(actor, message_id(await one.must())) for actor, one in sent]
    ids = [id_ for _, id_ in made]
    await room.late(actors[1].user)
    first: list[Any] | None = None
    for session, seen in await room.each(ids):
        for actor in actors:
            own = [id_ for a, id_ in made if a is actor]
            mine = [m for m in seen if m.get("id") in own]
            in_order(ctx, session, own[::-1], mine, "messages of one session of a burst")
        shown = list(dict.fromkeys(m.get("id") for m in seen))
        first = first or shown
        why = "messages of a burst of two users, as in the first session that was looked at"
        ctx.equal("CHAT-003", first, shown, on=session.stream[-1:], why=why)


@case("CHAT-004", needs=takes_chat("send"))
async def server_says_who_sent_what_and_when(ctx: Context) -> None:
    """Ids, users and times in an action's data, and its timestamp, are not those of the message."""
    mine, theirs = ctx.user(), ctx.user()
    room = await open_room(ctx, mine, theirs)
    claims: Entry = {"id": unique(ctx, "id"), "user_id": theirs.id, "sent_at": 1, "edited_at": 2}
    claims |= {"message_id": claims["id"], "username": theirs.id, "timestamp": 1}
    ids = [str(claims["id"])]
    for actor in room.sessions[:2]:
        for stamp in (1, actor.action_body(CHAT_SEND, client_seq=1)["timestamp"] + 9 * HOUR_MS):
            body = actor.action_body(CHAT_SEND, {**claims, "content": text(ctx)})
            ack = await actor.needed_outcome_of({**body, "timestamp": stamp})
            ids.append(await _is_the_servers(ctx, room, actor, ack))
    actor, top = room.sessions[0], {"id": claims["id"], "sent_at": 1, "edited_at": 2}
    ack = await on_shared(actor, text(ctx), **top, timestamp=1)
    if ack is not None:
        ids.append(await _is_the_servers(ctx, room, actor, ack))
    ctx.equal("CHAT-004", len(ids), len(set(ids)), why="different ids, and none that was asked for")


async def _is_the_servers(ctx: Context, room: Room, actor: Session, ack: Answer) -> str:
    id_, now = message_id(ack), ack.record.integer("timestamp") or 0
    for session in room.sessions:
        found = await room.own(session, [id_])
        ctx.require(len(found) == 1, "a message that was acked is not shown once")
        message, on = found[0], session.stream[-1:]
        expected = {"user_id": actor.user.id, "edited_at": None}
        ctx.equal("CHAT-004", expected, part(message, *expected), on=on, why=where(session, actor))
        sent_at = message.get("sent_at")
        ctx.check(
            "CHAT-004",
            type(sent_at) is int and abs(sent_at - now) <= CLOCKS_MS,
            expected=f"sent_at about {now}, the time of the ack",
            seen=sent_at,
            on=(*on, ack.record),
            why=where(session, actor),
        )
    return id_


@case("CHAT-004", needs=takes_chat("send"))
async def messages_of_one_action_id_are_apart(ctx: Context) -> None:
    """Two users send a message under one action id, and each has an id and a sender of its own."""
    room = await open_room(ctx, ctx.user(), ctx.user())
    actors = (room.sessions[0], room.sessions[2])
    action_id = actors[0].new_action_id()
    users: dict[str, str] = {}
    for actor in actors:
        ack = await actor.apply(CHAT_SEND, {"content": text(ctx)}, action_id=action_id)
        new = message_id(ack)
        ctx.check("CHAT-004", new not in users, expected="an id of its own", seen=new, on=ack)
        users[new] = actor.user.id
    for session, seen in await room.each(list(users)):
        told = {str(m.get("id")): m.get("user_id") for m in seen}
        ctx.require(told.keys() == users.keys(), "messages that were acked are not shown")
        ctx.equal("CHAT-004", users, told, on=session.stream[-1:], why="senders by message")
