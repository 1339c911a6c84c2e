"""The chat as any kind: a message, which everybody in the room is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.any_kind.kind import AnyKind, Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.context import Context


def _marker(ctx: Context) -> str:
    return ctx.draws.text("message")


def _make(marker: str) -> tuple[str, Entry]:
    return "chat.send", {"content": marker}


def _alter(id_: str, marker: str) -> tuple[str, Entry]:
    return "chat.edit", {"message_id": id_, "content": marker}


def _invalid(marker: str) -> tuple[str, Entry]:
    return "chat.send", {"content": [marker]}


def _texts(slice_: Mapping[str, Any]) -> list[str]:
    messages: list[Entry] = slice_.get("messages") or []
    return [str(message.get("content")) for message in messages]


def _told(data: Mapping[str, Any]) -> Any:
    return as_object(data.get("message")).get("content")


ANY_CHAT = AnyKind(
    name="chat",
    id_member="message_id",
    list="messages",
    event="chat.message_added",
    altered="chat.message_edited",
    everybody=True,
    marker=_marker,
    make=_make,
    alter=_alter,
    invalid=_invalid,
    missing=_alter,
    texts=_texts,
    told=_told,
)
