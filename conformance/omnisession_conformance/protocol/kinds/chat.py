"""The kind `chat`: one room for all, with its latest messages, who is there and who types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_text
from omnisession_conformance.protocol.kinds.kind import Abilities, Action, Event, Kind, Leftover
from omnisession_conformance.protocol.kinds.parts import (
    Entity,
    Entry,
    Key,
    ListOf,
    Slice,
    entry_in,
    plain,
    string_key,
)
from omnisession_conformance.protocol.kinds.user import PERSON

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGE = Entity(
    members=("id", "user_id", "content", "sent_at", "edited_at"),
    id=("id",),
    times=("sent_at", "edited_at"),
)


def participant_key(user: Entry) -> Key:
    """Order participants: by id."""
    return (as_text(user.get("id")),)


MESSAGES = ListOf("messages", MESSAGE, key=None, limit="chat_messages")
"""Newest first, in the order of acceptance, which no member tells."""
PARTICIPANTS = ListOf("participants", PERSON, key=participant_key, limit="participants")
TYPISTS = ListOf("typing_indicators", None, key=string_key, limit=None)


def _replaced(entries: list[Entry], entry: Entry) -> list[Entry] | None:
    """Return the list with the entry of that id replaced in place, or None where there is none."""
    for index, other in enumerate(entries):
        if other.get("id") == entry["id"]:
            return [*entries[:index], entry, *entries[index + 1 :]]
    return None


def _message_added(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    message = entry_in(data, "message", "id")
    if message is None:
        return slice_
    messages: list[Entry] = slice_["messages"]
    after = _replaced(messages, message) or [message, *messages]
    return MESSAGES.told(slice_, after, limits)


def _message_edited(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    message = entry_in(data, "message", "id")
    replaced = _replaced(slice_["messages"], message) if message is not None else None
    return slice_ if replaced is None else MESSAGES.told(slice_, replaced, limits)


def _message_deleted(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    return MESSAGES.drop(slice_, limits, id=data.get("message_id"))


def _participant_joined(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    user = entry_in(data, "user", "id")
    return slice_ if user is None else PARTICIPANTS.put(slice_, user, limits)


def _participant_left(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    return PARTICIPANTS.drop(slice_, limits, id=data.get("user_id"))


def _typing_changed(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    user_id: Any = data.get("user_id")
    active: Any = data.get("active")
    typing: list[Any] = slice_["typing_indicators"]
    readable = isinstance(user_id, str) and isinstance(active, bool)
    if not readable or active == (user_id in typing):
        return slice_
    after = sorted([*typing, user_id]) if active else [t for t in typing if t != user_id]
    return TYPISTS.told(slice_, after, limits)


CHAT = Kind(
    name="chat",
    prefix="chat",
    disturbs=3,
    members=(MESSAGES, PARTICIPANTS, TYPISTS),
    events=(
        Event(
            type="chat.message_added",
            reduce=_message_added,
            within="message",
            entity=MESSAGE,
            about=("chat", "id"),
            once=True,
            made_at="sent_at",
        ),
        Event(
            type="chat.message_edited",
            reduce=_message_edited,
            within="message",
            entity=MESSAGE,
            about=("chat", "id"),
            once=False,
            made_at=None,
        ),
        Event(
            type="chat.message_deleted",
            reduce=_message_deleted,
            within="",
            entity=plain("message_id"),
            about=("chat", "message_id"),
            once=False,
            made_at=None,
        ),
        Event(
            type="chat.participant_joined",
            reduce=_participant_joined,
            within="user",
            entity=PERSON,
            about=("participant", "id"),
            once=False,
            made_at=None,
        ),
        Event(
            type="chat.participant_left",
            reduce=_participant_left,
            within="",
            entity=plain("user_id"),
            about=("participant", "user_id"),
            once=False,
            made_at=None,
            nobody=True,
        ),
        Event(
            type="chat.typing_changed",
            reduce=_typing_changed,
            within="",
            entity=plain("user_id", "active"),
            about=("typing", "user_id"),
            once=False,
            made_at=None,
        ),
    ),
    actions=(
        Action(
            type="chat.send",
            causes=("chat.message_added", "chat.typing_changed"),
            creates=True,
            always=True,
        ),
        Action(type="chat.edit", causes=("chat.message_edited",), creates=False, always=True),
        Action(type="chat.delete", causes=("chat.message_deleted",), creates=False, always=False),
        Action(
            type="chat.typing",
            causes=("chat.typing_changed",),
            creates=False,
            always=False,
            echoes=("active",),
        ),
    ),
    id_member="message_id",
    leftover=Leftover(delete="chat.delete", seen_after="chat.send"),
    abilities=Abilities(makes="chat.send", alters="chat.edit", shares=("chat.send",)),
)
