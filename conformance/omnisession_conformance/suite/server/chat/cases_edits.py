"""CHAT: what edits and deletes do, in all sessions that see the room, and who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.protocol.kinds.chat import MESSAGE
from omnisession_conformance.roles.server.steps.articles import later_than, unique
from omnisession_conformance.roles.server.steps.chat import (
    KIND,
    Entry,
    Room,
    delete,
    open_room,
    part,
    say,
    takes_chat,
    text,
    where,
)
from omnisession_conformance.roles.server.steps.outcomes import refused
from omnisession_conformance.roles.server.steps.timers import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record


@case("CHAT-005", needs=takes_chat("send", "edit"))
async def edits_keep_all_but_the_content(ctx: Context) -> None:
    """The middle one of three messages is edited again and again; it keeps its place, the others all."""
    mine, theirs = ctx.user(), ctx.user()
    room = await open_room(ctx, mine, theirs)
    actor, sibling, other, _ = room.sessions
    ids = [await say(one, text(ctx)) for one in (actor, sibling, other)]
    before = [messages for _, messages in await room.each(ids)]
    last = _member(before[0], ids[1], "sent_at")
    contents, claims = [text(ctx), text(ctx)], {"user_id": theirs.id, "sent_at": 1, "id": "x"}
    # The last edit changes nothing but the time.
    for acting, content in ((actor, contents[0]), (sibling, contents[1]), (actor, contents[1])):
        moved = await later_than(acting, last)
        await _edit_of_old(ctx, acting, ids[1], {"content": content, "edited_at": None, **claims})
        await say(other, text(ctx))
        for session, old in zip(room.sessions, before, strict=True):
            seen = await room.own(session, ids)
            _is_edited(ctx, session, old, seen, (ids[1], content), where(session, acting))
            if moved:
                _is_later(ctx, session, last, seen, ids[1], where(session, acting))
        last = _member(await room.own(actor, ids), ids[1], "edited_at")
    session = await room.late(theirs)
    seen, why = await room.own(session, ids), "in a session opened later"
    _is_edited(ctx, session, before[-1], seen, (ids[1], contents[1]), why)
    told = _member(seen, ids[1], "edited_at")
    ctx.equal("CHAT-005", last, told, on=session.stream[-1:], why=f"edited_at {why}")


async def _edit_of_old(ctx: Context, session: Session, id_: str, more: Entry) -> None:
    """Edit a message by an action whose timestamp is that of the day before."""
    body = session.action_body("chat.edit", {"message_id": id_, **more})
    answer = await session.needed_outcome_of({**body, "timestamp": body["timestamp"] - DAY_MS})
    ctx.require(answer.acked, f"chat.edit was not acked: {answer}")


def _member(messages: Sequence[Entry], id_: str, name: str) -> Any:
    """A member of a message; Prerequisite where it is not shown."""
    found = next((m.get(name) for m in messages if m.get("id") == id_), None)
    if found is None:
        raise Prerequisite(f"a message that was acked is not shown with its {name}")
    return found


def _is_edited(
    ctx: Context,
    session: Session,
    before: Sequence[Entry],
    seen: Sequence[Entry],
    edited: tuple[str, str],
    why: str,
) -> None:
    """Observe that messages are as before, but for the content of one of them."""
    id_, content = edited
    wanted = [{**m, "content": content} if m.get("id") == id_ else m for m in before]
    shown = [[_lasting(m, id_) for m in messages] for messages in (wanted, seen)]
    ctx.equal("CHAT-005", shown[0], shown[1], on=session.stream[-1:], why=why)


def _lasting(message: Entry, id_: str) -> Entry:
    """What an edit leaves as it is, or must set to what is known."""
    names = [n for n in MESSAGE.members if n != "edited_at" or message.get("id") != id_]
    return part(message, *names)


def _is_later(
    ctx: Context, session: Session, last: Any, seen: Sequence[Entry], id_: str, why: str
) -> None:
    edited_at = next((m.get("edited_at") for m in seen if m.get("id") == id_), "(not shown)")
    ctx.check(
        "CHAT-005",
        type(edited_at) is int and edited_at > last,
        expected=f"edited_at after {last}",
        seen=edited_at,
        on=session.stream[-1:],
        why=why,
    )


@case("CHAT-006", needs=takes_chat("send", "edit", "delete"))
async def only_authors_edit_and_delete(ctx: Context) -> None:
    """Messages of others get 4030, missing and deleted ones 4040, and nothing is changed by that."""
    mine, theirs = ctx.user(), ctx.user()
    room = await open_room(ctx, mine, theirs)
    author, gone, wrong = room.sessions[0], text(ctx), text(ctx)
    kept, deleted = await say(author, text(ctx)), await say(author, gone)
    await delete(author, deleted)
    before = [await _shown(room, session, kept, deleted, wrong) for session in room.sessions]
    ctx.require(all(before), "a message that was acked is not shown")
    heads = await ctx.fences(*room.sessions)
    for actor, id_, code in (
        (room.sessions[2], kept, 4030),
        (room.sessions[3], kept, 4030),
        *((s, id_, 4040) for s in room.sessions[1:3] for id_ in (deleted, unique(ctx, "none"))),
    ):
        changed = {"message_id": id_, "content": wrong}
        await refused(ctx, "CHAT-006", actor, "chat.edit", changed, code)
        await refused(ctx, "CHAT-006", actor, "chat.delete", {"message_id": id_}, code)
    await room.late(theirs)
    for session, old in zip(room.sessions, [*before, before[-1]], strict=True):
        seen, on = await _shown(room, session, kept, deleted, wrong), session.stream[-1:]
        ctx.equal("CHAT-006", old, seen, on=on, why=f"after refusals, {where(session, author)}")
    for session, head in zip(room.sessions, heads, strict=False):
        about = [r for r in session.after(head) if _is_about(r, kept, deleted)]
        ctx.equal(
            "CHAT-006", [], [r.type for r in about], on=about, why="events of refused actions"
        )


async def _shown(room: Room, session: Session, kept: str, gone: str, wrong: str) -> list[Entry]:
    """What a session shows of two messages, and of a content that none may have."""
    told = await room.messages(session, [kept])
    ids = (kept, gone)
    return [
        part(m, *MESSAGE.members) for m in told if m.get("id") in ids or m.get("content") == wrong
    ]


def _is_about(record: Record, *ids: str) -> bool:
    if record.address.family != "events":
        return False
    message: Any = record.payload.get("message")
    told = message.get("id") if is_object(message) else record.payload.get("message_id")
    return told in ids


@case("CHAT-007", needs=takes_chat("send", "delete"))
async def deleted_messages_are_gone(ctx: Context) -> None:
    """Deleted messages are in no session any more, after a sync, later messages and a new open."""
    mine, theirs = ctx.user(), ctx.user()
    room = await open_room(ctx, mine, theirs)
    actor, sibling, other, _ = room.sessions
    sent = [(await say(one, c), c) for one in (actor, sibling, actor, other) for c in (text(ctx),)]
    ids = [id_ for id_, _ in sent]
    before = {session.id: seen for session, seen in await room.each(ids)}
    ctx.require(all(before.values()), "messages that were acked are not shown")
    await delete(sibling, ids[1])
    await _are_gone(ctx, room, before, dict(sent[1:2]), "after a delete")
    await delete(actor, ids[2])
    for session in room.sessions:
        await session.sync([KIND])
    await _are_gone(ctx, room, before, dict(sent[1:3]), "after a sync")
    await say(other, text(ctx))
    for user in (mine, theirs):
        await room.late(user)
    why = "after a later message, or in a session opened later"
    await _are_gone(ctx, room, before, dict(sent[1:3]), why)


async def _are_gone(
    ctx: Context,
    room: Room,
    before: Mapping[str, Sequence[Entry]],
    gone: Mapping[str, str],
    why: str,
) -> None:
    """Observe that messages are shown no more, nor their contents, and that others still are."""
    for session in room.sessions:
        ids = [str(m.get("id")) for m in before.get(session.id, ())]
        left, on = [id_ for id_ in ids if id_ not in gone], session.stream[-1:]
        told = await room.messages(session, left)
        back = [m for m in told if m.get("id") in gone or m.get("content") in gone.values()]
        ctx.equal("CHAT-007", [], back, on=on, why=f"deleted messages, {why}")
        shown = [m.get("id") for m in told if m.get("id") in left]
        ctx.equal("CHAT-007", left, shown, on=on, why=f"the other messages, {why}")
