"""ENV: strings of messages, names and addresses, which take other ways through a server than articles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.vocabulary.texts import STRINGS
from omnisession_conformance.roles.server.steps.chat import (
    carrier,
    message_id,
    open_room,
    takes_chat,
)
from omnisession_conformance.roles.server.steps.outcomes import taken
from omnisession_conformance.roles.server.steps.sending import CHAT_SEND
from omnisession_conformance.roles.server.steps.users import (
    UPDATES,
    known_user,
    open_user,
    restore_user,
    user_in,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.steps.chat import Room


@case("ENV-010", needs=takes_chat("send", "edit"))
async def strings_of_messages_are_shown_unaltered(ctx: Context) -> None:
    """Messages with all that may be in a string are shown as they were sent, and as they were edited."""
    room = await open_room(ctx, ctx.user())
    used = 0
    texts = list(STRINGS.items())
    for number, (what, text) in enumerate(texts):
        actor = room.sessions[number % 2]
        sent = await taken(actor, CHAT_SEND, {"content": text})
        if sent is None:
            continue
        used += 1
        id_ = message_id(sent)
        await _shown(ctx, room, id_, text, what)
        other, edit = texts[-1 - number]
        if await taken(actor, "chat.edit", {"message_id": id_, "content": edit}) is not None:
            await _shown(ctx, room, id_, edit, f"{other}, by an edit")
    ctx.require(used > 0, "the server took none of the texts")


async def _shown(ctx: Context, room: Room, id_: str, text: str, what: str) -> None:
    for session, told in await room.each([id_]):
        seen = [message.get("content") for message in told]
        why = f"{what}, {carrier(session)}"
        ctx.equal("ENV-010", [text], seen, on=session.stream[-1:], why=why)


@case("ENV-010", needs=UPDATES)
async def strings_of_names_are_shown_unaltered(ctx: Context) -> None:
    """A username with all that may be in a string is shown to its user as it was given."""
    user = ctx.user()
    sessions = [await open_user(ctx, user, events=events) for events in (False, True)]
    before = await known_user(sessions[0])
    used = 0
    for number, (what, text) in enumerate(STRINGS.items()):
        changes = {"changes": {"username": text}}
        if await taken(sessions[number % 2], "user.update", changes) is None:
            continue
        used += 1
        for session in sessions:
            seen = (await user_in(session)).get("username")
            why = f"{what}, {carrier(session)}"
            ctx.equal("ENV-010", text, seen, on=session.stream[-1:], why=why)
    await restore_user(sessions[0], before)
    ctx.require(used > 0, "the server took none of the texts")
