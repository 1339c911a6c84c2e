"""CHAT: what refusals and copies of actions on the chat leave behind: nothing, also for who comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.kinds.chat import MESSAGE
from omnisession_conformance.roles.server.steps.articles import later_than, unique
from omnisession_conformance.roles.server.steps.chat import (
    LONG_MS,
    Room,
    delete,
    edit,
    end,
    message_id,
    open_chat,
    open_room,
    part,
    say,
    takes_chat,
    text,
    type_,
    typists,
    view,
    where,
)
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import CHAT_SEND, inbox_answer
from omnisession_conformance.roles.server.steps.sizes import size, text_of, usable
from omnisession_conformance.roles.server.steps.timers import MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.chat import Entry

ALL = takes_chat("send", "edit", "delete", "typing")
Try = tuple["Session", str, "Entry"]


def _tries(
    ctx: Context, ids: Entry, mine: Session, theirs: Session, wrong: str
) -> dict[str, tuple[int, list[Try]]]:
    """By requirement the code and the actions that must be refused with it."""
    limit = usable(mine, "chat_content")
    long = wrong + text_of("x", limit + 1 - (size(wrong) - 2))
    foreign, invalid = {"message_id": ids["CHAT-006"]}, {"message_id": ids["ACTION-016"]}
    above = ctx.declared.limit("chat_content") == limit
    return {
        "CHAT-006": (
            4030,
            [
                (theirs, "chat.edit", {**foreign, "content": wrong}),
                (theirs, "chat.delete", foreign),
            ],
        ),
        "ACTION-016": (
            4001,
            [
                (mine, "chat.edit", {**invalid, "content": None}),
                (mine, CHAT_SEND, {"content": [wrong]}),
                (mine, "chat.typing", {"active": "no"}),
                (mine, "chat.typing", {"active": False, "ttl_ms": "long"}),
            ],
        ),
        "LIMIT-003": (
            4130,
            [
                (mine, "chat.edit", {"message_id": ids["LIMIT-003"], "content": long}),
                (mine, CHAT_SEND, {"content": long}),
            ]
            if above
            else [],
        ),
    }


@case("CHAT-006", "ACTION-016", "LIMIT-003", "ACTION-014", needs=ALL)
async def refused_messages_leave_nothing(ctx: Context) -> None:
    """After refusals of each kind messages and typing are as before, also in a session opened later."""
    user, other = ctx.user(), ctx.user()
    room = await open_room(ctx, user, other)
    mine, theirs = room.sessions[0], room.sessions[2]
    over = await open_chat(ctx, user)
    await end(ctx, over)
    wrong = unique(ctx, "wrong")
    ids = {name: await say(mine, text(ctx)) for name in ("CHAT-006", "ACTION-016", "LIMIT-003")}
    before = {name: await room.own(mine, [id_]) for name, id_ in ids.items()}
    late_body = {**mine.action_body(CHAT_SEND, {"content": wrong}, client_seq=1)}
    late_body["session_id"] = over.id
    ctx.refused(
        "ACTION-014", await inbox_answer(mine, late_body), 4101, 4041, why="after the close"
    )
    for requirement, (code, sent) in _tries(ctx, ids, mine, theirs, wrong).items():
        since = ctx.log.records[-1].t_ns
        await type_(mine, ttl_ms=LONG_MS)
        for session, type_name, data in sent:
            answer = await session.act(type_name, data)
            ctx.refused(requirement, answer, code, why=f"{type_name}, to be refused")
        await _still_types(ctx, requirement, theirs, user.id, since)
    later = await room.late(other)
    for session in (*room.sessions[:3], later):
        for requirement, id_ in ids.items():
            seen = [part(m, *MESSAGE.members) for m in await room.own(session, [id_])]
            old, on = [part(m, *MESSAGE.members) for m in before[requirement]], session.stream[-1:]
            why = f"a message after refused actions on it, {where(session, mine)}"
            ctx.equal(requirement, old, seen, on=on, why=why)
        await _nothing_of(ctx, room, session, wrong)


async def _still_types(
    ctx: Context, requirement: str, session: Session, user_id: str, since_ns: int
) -> None:
    shown = [id_ for id_ in typists(await view(session)) if id_ == user_id]
    lasted = (ctx.log.records[-1].t_ns - since_ns) // MS
    ctx.in_time(lasted < LONG_MS, f"the kit itself took {lasted} ms to look who types")
    why = "who types, after refused actions of that user"
    ctx.equal(requirement, [user_id], shown, on=session.stream[-1:], why=why)


async def _nothing_of(ctx: Context, room: Room, session: Session, wrong: str) -> None:
    contents = [str(m.get("content")) for m in await room.messages(session)]
    made = [content[:80] for content in contents if content.startswith(wrong)]
    for requirement in ("ACTION-014", "LIMIT-003"):
        why = f"messages that were refused, {where(session, room.sessions[0])}"
        ctx.equal(requirement, [], made, on=session.stream[-1:], why=why)


# -- copies ----------------------------------------------------------------------------------------


@case("ACTION-005", "ACTION-020", needs=ALL)
async def copies_in_the_chat_do_nothing(ctx: Context) -> None:
    """Copies of an edit, a typing and a send that was deleted since change nothing, here and elsewhere."""
    user, other = ctx.user(), ctx.user()
    room = await open_room(ctx, user, other)
    mine, second, theirs, _ = room.sessions
    id_, old = await say(mine, text(ctx)), text(ctx)
    edited = mine.action_body("chat.edit", {"message_id": id_, "content": old})
    sent = mine.action_body(CHAT_SEND, {"content": text(ctx)})
    typed = mine.action_body("chat.typing", {"active": True, "ttl_ms": LONG_MS})
    made = [await mine.needed_outcome_of(body) for body in (edited, sent, typed)]
    ctx.require(all(one.acked for one in made), "actions to be copied were not acked")
    gone = message_id(made[1])
    new = text(ctx)
    await edit(mine, id_, new)
    await delete(mine, gone)
    await type_(mine, active=False)
    before = await _shown(room, theirs, [id_, gone])
    await later_than(mine, before[0].get("edited_at") if before else None)
    for body in (edited, sent, typed):
        copy = await mine.outcome_of(body)
        ctx.acked("ACTION-005", copy, status="duplicate", why=f"a copy of {body['type']}")
        await _as_before(ctx, "ACTION-005", room, (id_, gone), before, user.id, body["type"])
        copy = await as_next(second, body)
        ctx.acked("ACTION-020", copy, status="duplicate", why=f"a copy of {body['type']}")
        await _as_before(ctx, "ACTION-020", room, (id_, gone), before, user.id, body["type"])
    later = await room.late(other)
    seen = await _shown(room, later, [id_, gone])
    for requirement in ("ACTION-005", "ACTION-020"):
        why = "messages in a session opened after all copies"
        ctx.equal(requirement, before, seen, on=later.stream[-1:], why=why)


async def _shown(room: Room, session: Session, ids: Sequence[str]) -> list[Entry]:
    return [part(m, *MESSAGE.members) for m in await room.own(session, ids)]


async def _as_before(
    ctx: Context,
    requirement: str,
    room: Room,
    ids: Sequence[str],
    before: Sequence[Entry],
    user_id: str,
    what: str,
) -> None:
    session = room.sessions[2]
    seen, on = await _shown(room, session, ids), session.stream[-1:]
    ctx.equal(requirement, before, seen, on=on, why=f"messages after a copy of {what}")
    typing = [id_ for id_ in typists(session.slice("chat")) if id_ == user_id]
    ctx.equal(requirement, [], typing, on=on, why=f"who types after a copy of {what}")
