"""CHAT: what edits and deletes do, in all sessions that see the room, and who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import case
from omnisession_conformance.model.slices import MESSAGE
from omnisession_conformance.suite.article_rights import refused
from omnisession_conformance.suite.changes import later_than, unique
from omnisession_conformance.suite.chat_helpers import (
    KIND,
    Entry,
    Room,
    delete,
    edit,
    open_room,
    part,
    say,
    takes_chat,
    text,
    where,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.actor import Session
    from omnisession_conformance.record import Record
    from omnisession_conformance.world import World


@case("CHAT-005", needs=takes_chat("send", "edit"))
async def edits_keep_all_but_the_content(w: World) -> None:
    """The middle one of three messages is edited twice; it keeps its place, and the others all."""
    mine, theirs = w.user(), w.user()
    room = await open_room(w, mine, theirs)
    actor, sibling, other, _ = room.sessions
    ids = [await say(one, text(w)) for one in (actor, sibling, other)]
    before = (await room.own(actor, ids))[::-1]
    w.require(len(before) == len(ids), "messages that were acked are not shown")
    last_edit = before[1].get("sent_at")
    final, claims = text(w), {"user_id": theirs.id, "sent_at": 1, "edited_at": None, "id": "x"}
    for turn, (acting, content) in enumerate(((actor, text(w)), (sibling, final), (actor, final))):
        await later_than(acting, last_edit)
        await edit(acting, ids[1], content, **claims)
        if turn == 0:
            ids.append(await say(other, text(w)))
            before += await room.own(actor, ids[3:])
        wanted = [*before[:1], {**before[1], "content": content}, *before[2:]]
        for session, seen in await room.each(ids):
            _is_edited(w, session, wanted, seen, last_edit, where(session, acting))
        told = await room.own(actor, ids[1:2])
        last_edit = told[0].get("edited_at") if told else None
    session = await room.late(theirs)
    wanted = [*before[:1], {**before[1], "content": final}, *before[2:]]
    seen = await room.own(session, ids)
    _is_edited(w, session, wanted, seen, last_edit, "in a session opened later", later=False)


def _is_edited(
    w: World,
    session: Session,
    wanted: list[Entry],
    seen: list[Entry],
    last_edit: Any,
    why: str,
    *,
    later: bool = True,
) -> None:
    """Observe messages, the oldest first, of which the second was edited."""
    on, shown = session.stream[-1:], seen[::-1]
    ids = [m.get("id") for m in wanted]
    if not w.equal("CHAT-005", ids, [m.get("id") for m in shown], on=on, why=f"order, {why}"):
        return
    names = tuple(name for name in MESSAGE if name != "edited_at")
    w.equal("CHAT-005", part(wanted[1], *names), part(shown[1], *names), on=on, why=why)
    rest = [[part(m, *MESSAGE) for m in (*x[:1], *x[2:])] for x in (wanted, shown)]
    w.equal("CHAT-005", rest[0], rest[1], on=on, why=f"the other messages, {why}")
    edited_at = shown[1].get("edited_at")
    least = last_edit if isinstance(last_edit, int) else 0
    w.check(
        "CHAT-005",
        type(edited_at) is int and (edited_at > least if later else edited_at == least),
        expected=f"edited_at {'after' if later else 'of'} {least}",
        seen=edited_at,
        on=on,
        why=why,
    )


@case("CHAT-006", needs=takes_chat("send", "edit", "delete"))
async def only_authors_edit_and_delete(w: World) -> None:
    """Messages of others get 4030, missing and deleted ones 4040, and nothing is changed by that."""
    mine, theirs = w.user(), w.user()
    room = await open_room(w, mine, theirs)
    author, gone, wrong = room.sessions[0], text(w), text(w)
    kept, deleted = await say(author, text(w)), await say(author, gone)
    await delete(author, deleted)
    before = [part(m, *MESSAGE) for m in await room.own(author, [kept])]
    w.require(len(before) == 1, "a message that was acked is not shown")
    heads = await w.fences(*room.sessions)
    for actor, id_, code in (
        (room.sessions[2], kept, 4030),
        (room.sessions[3], kept, 4030),
        *((s, id_, 4040) for s in room.sessions[1:3] for id_ in (deleted, unique(w, "none"))),
    ):
        changed = {"message_id": id_, "content": wrong}
        await refused(w, "CHAT-006", actor, "chat.edit", changed, code)
        await refused(w, "CHAT-006", actor, "chat.delete", {"message_id": id_}, code)
    await room.late(theirs)
    for session in room.sessions:
        told = await room.messages(session, [kept])
        seen = [
            part(m, *MESSAGE)
            for m in told
            if m.get("id") in (kept, deleted) or m.get("content") == wrong
        ]
        on = session.stream[-1:]
        w.equal("CHAT-006", before, seen, on=on, why=f"after refusals, {where(session, author)}")
    for session, head in zip(room.sessions, heads, strict=False):
        about = [r for r in session.after(head) if _is_about(r, kept, deleted)]
        w.equal("CHAT-006", [], [r.type for r in about], on=about, why="events of refused actions")


def _is_about(record: Record, *ids: str) -> bool:
    if record.address.family != "events":
        return False
    message: Any = record.payload.get("message")
    told = message.get("id") if isinstance(message, dict) else record.payload.get("message_id")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return told in ids


@case("CHAT-007", needs=takes_chat("send", "delete"))
async def deleted_messages_are_gone(w: World) -> None:
    """Deleted messages are in no session any more, after a sync, later messages and a new open."""
    mine, theirs = w.user(), w.user()
    room = await open_room(w, mine, theirs)
    actor, sibling, other, _ = room.sessions
    contents = [text(w) for _ in range(4)]
    ids = [
        await say(one, c) for one, c in zip((actor, sibling, actor, other), contents, strict=True)
    ]
    left = [*ids[:1], *ids[3:]]
    await delete(sibling, ids[1])
    await _are_gone(w, room, ids, [*ids[:1], *ids[2:]], contents[1:2], "after a delete")
    await delete(actor, ids[2])
    for session in room.sessions:
        await session.sync([KIND])
    await _are_gone(w, room, ids, left, contents[1:3], "after a sync")
    left.append(await say(other, text(w)))
    for user in (mine, theirs):
        await room.late(user)
    why = "after a later message, or in a session opened later"
    await _are_gone(w, room, [*ids, left[-1]], left, contents[1:3], why)


async def _are_gone(
    w: World, room: Room, ids: Sequence[str], left: Sequence[str], gone: Sequence[str], why: str
) -> None:
    """Observe which of some messages are left in every session, the newest first."""
    for session in room.sessions:
        told, on = await room.messages(session, left), session.stream[-1:]
        seen = [m.get("id") for m in told if m.get("id") in ids or m.get("content") in gone]
        w.equal("CHAT-007", list(left)[::-1], seen, on=on, why=why)
