"""CHAT, URL: that only its author changes a message, and only its creator a url, whoever else may what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.chat import (
    open_chat,
    open_room,
    part,
    say,
    takes_chat,
    text,
)
from omnisession_conformance.roles.server.steps.urls import (
    address,
    create_url,
    open_urls,
    part_of,
    takes_url,
    url_in,
    urls_of,
)

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

LASTING = ("id", "user_id", "content", "sent_at")


async def _others(ctx: Context, user: User, kind: str) -> list[Session]:
    """Sessions of users who may much elsewhere, have the user's name, or an id like the user's."""
    open_ = open_chat if kind == "chat" else open_urls
    sessions = [await open_(ctx, ctx.user("editor"))]
    if ctx.fixture.mints:
        claims = {
            "perm": [f"{kind}_edit_any", "admin", "*", "post_edit_any"],
            "name": user.username,
        }
        alike = [id_ for id_ in (user.id.swapcase(), f"{user.id}x", user.id[:-1]) if id_ != user.id]
        for id_ in (None, *filter(None, alike)):
            other = ctx.user("editor", user_id=id_)
            session = ctx.session(other)
            token = ctx.fixture.sign({**claims, "sub": other.id})
            answer = await session.open(kinds=[kind], token=token)
            answer.position_or_stop("session.opened")
            await session.fence()
            sessions.append(session)
    return sessions


@case("CHAT-006", needs=(*takes_chat("send", "edit", "delete"), "role:editor"))
async def no_permission_changes_messages_of_others(ctx: Context) -> None:
    """Holders of any permission, and users of the author's name, change no message but their own."""
    user = ctx.user()
    room = await open_room(ctx, user)
    mine, sibling = room.sessions
    id_ = await say(mine, text(ctx))
    before = [part(m, *LASTING) for m in await room.own(mine, [id_])]
    for session in await _others(ctx, user, "chat"):
        changed = {"message_id": id_, "content": text(ctx)}
        for type_, data in (("chat.edit", changed), ("chat.delete", {"message_id": id_})):
            answer = await session.act(type_, data)
            ctx.refused("CHAT-006", answer, 4030, why=f"{type_} of another user's message")
    for session in (mine, sibling, await room.late(user)):
        seen, on = [part(m, *LASTING) for m in await room.own(session, [id_])], session.stream[-1:]
        ctx.equal("CHAT-006", before, seen, on=on, why="the message after refusals")
    # Another session of the author is the author all the same.
    answer = await sibling.act("chat.edit", {"message_id": id_, "content": text(ctx)})
    ctx.acked("CHAT-006", answer, why="an edit by the author's other session")


@case("URL-003", "URL-004", needs=(*takes_url("create", "update", "delete"), "role:editor"))
async def no_permission_reaches_urls_of_others(ctx: Context) -> None:
    """Holders of any permission are shown no url of another user, and change none."""
    user = ctx.user()
    mine = await open_urls(ctx, user)
    early = await _others(ctx, user, "url")
    id_ = await create_url(ctx, mine)
    before = part_of(await url_in(mine, id_), ("target_url", "is_active", "updated_at"))
    for session in (*early, await open_urls(ctx, early[0].user)):
        shown = [url for url in await urls_of(session) if url.get("id") == id_]
        on, why = session.stream[-1:], "urls of another user, shown to a holder of permissions"
        ctx.equal("URL-003", [], shown, on=on, why=why)
        data = {"url_id": id_, "changes": {"target_url": address(ctx), "is_active": False}}
        for type_, each in (("url.update", data), ("url.delete", {"url_id": id_})):
            answer = await session.act(type_, each)
            ctx.refused("URL-004", answer, 4040, why=f"{type_} of another user's url")
    for session in (mine, await open_urls(ctx, user)):
        seen = part_of(await url_in(session, id_), tuple(before))
        ctx.equal("URL-004", before, seen, on=session.stream[-1:], why="the url after refusals")
