"""The chat as any kind: a message, which everybody in the room is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.steps.any_kind.things import kind_of_things

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.steps.any_kind.kind import Entry


def _marker(ctx: Context) -> str:
    return ctx.draws.text("message")


def _make(marker: str) -> tuple[str, Entry]:
    return "chat.send", {"content": marker}


def _alter(id_: str, marker: str) -> tuple[str, Entry]:
    return "chat.edit", {"message_id": id_, "content": marker}


def _invalid(marker: str) -> tuple[str, Entry]:
    return "chat.send", {"content": [marker]}


ANY_CHAT = kind_of_things(
    "chat",
    thing="message",
    text="content",
    listed="messages",
    event="chat.message_added",
    altered="chat.message_edited",
    everybody=True,
    marker=_marker,
    make=_make,
    alter=_alter,
    invalid=_invalid,
)
