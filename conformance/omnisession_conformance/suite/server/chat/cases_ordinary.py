"""CHAT: what a user does every day in the room is acked, and shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import ever_full
from omnisession_conformance.roles.server.steps.any_kind.chat import ANY_CHAT
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import (
    TYPES,
    Entry,
    may_be_cut_off,
    open_chat,
    say,
    takes_chat,
    typists,
    view,
)
from omnisession_conformance.roles.server.steps.ordinary import acked, done, named
from omnisession_conformance.roles.server.steps.sending import entries

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


async def _message(session: Session, id_: str) -> Entry | None:
    told = entries(await view(session), "messages")
    return next((message for message in told if message.get("id") == id_), None)


@case("CHAT-001", needs=takes_chat("send"))
async def an_ordinary_message(ctx: Context) -> None:
    """A chat.send is acked with an id, and shows under it."""
    session, text = await open_chat(ctx, ctx.user()), unique(ctx, "message")
    ack = await acked(ctx, "CHAT-001", session, "chat.send", {"content": text})
    if ack is not None:
        id_ = named(ctx, "CHAT-001", ack, "message_id")
        shown = (await _message(session, id_) or {}).get("content") == text
        shown = shown or ever_full(session, ANY_CHAT)
        done(ctx, "CHAT-001", session, ack, shown=shown, what=f"the message {text}")


@case("CHAT-005", needs=takes_chat("send", "edit"))
async def an_ordinary_edit_of_a_message(ctx: Context) -> None:
    """An author's chat.edit is acked, and shows."""
    session, text = await open_chat(ctx, ctx.user()), unique(ctx, "message")
    id_ = await say(session, unique(ctx, "message"))
    data = {"message_id": id_, "content": text}
    ack = await acked(ctx, "CHAT-005", session, "chat.edit", data)
    if ack is not None:
        shown = (await _message(session, id_) or {}).get("content") == text
        shown = shown or ever_full(session, ANY_CHAT)
        done(ctx, "CHAT-005", session, ack, shown=shown, what=f"the message {text}")


@case("CHAT-007", needs=takes_chat("send", "delete"))
async def an_ordinary_delete_of_a_message(ctx: Context) -> None:
    """An author's chat.delete is acked, and the message is gone."""
    session = await open_chat(ctx, ctx.user())
    id_ = await say(session, unique(ctx, "message"))
    ack = await acked(ctx, "CHAT-007", session, "chat.delete", {"message_id": id_})
    if ack is not None:
        gone = await _message(session, id_) is None
        done(ctx, "CHAT-007", session, ack, shown=gone, what="no such message")


@case("CHAT-008", needs=TYPES)
async def an_ordinary_typing(ctx: Context) -> None:
    """A chat.typing is acked, and another user is shown who types."""
    session, other = await open_chat(ctx, ctx.user()), await open_chat(ctx, ctx.user())
    ack = await acked(ctx, "CHAT-008", session, "chat.typing", {"active": True})
    if ack is not None:
        shown = session.user.id in typists(await view(other)) or may_be_cut_off(other)
        done(ctx, "CHAT-008", other, ack, shown=shown, what=f"{session.user.id} as typing")
