"""The kind `user`: the session's own user, with its permissions and its live sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_int, as_text, is_list, texts
from omnisession_conformance.protocol.kinds.kind import Abilities, Action, Event, Kind
from omnisession_conformance.protocol.kinds.parts import (
    Entity,
    Entry,
    Key,
    ListOf,
    One,
    Slice,
    entry_in,
    plain,
    string_key,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PERSON = Entity(members=("id", "username", "email"), id=("id",))
SESSION = Entity(
    members=("session_id", "opened_at", "kinds"), id=("session_id",), times=("opened_at",)
)


def session_key(session: Entry) -> Key:
    """Order sessions: the first opened first, then by id."""
    return (as_int(session.get("opened_at")), as_text(session.get("session_id")))


PERMISSIONS = ListOf("permissions", None, key=string_key, limit=None)
SESSIONS = ListOf("sessions", SESSION, key=session_key, limit=None)


def _updated(slice_: Slice, data: Entry, _: Mapping[str, Any]) -> Slice:
    user = entry_in(data, "user", "id")
    return slice_ if user is None else {**slice_, "user": user}


def _permissions_changed(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    told: Any = data.get("permissions")
    return PERMISSIONS.told(slice_, [*texts(told)], limits) if is_list(told) else slice_


def _session_opened(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    session = entry_in(data, "session", "session_id")
    return slice_ if session is None else SESSIONS.put(slice_, session, limits)


def _session_closed(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    return SESSIONS.drop(slice_, limits, session_id=data.get("session_id"))


USER = Kind(
    name="user",
    prefix="user",
    disturbs=0,
    members=(One("user", PERSON), PERMISSIONS, SESSIONS),
    events=(
        Event(
            type="user.updated",
            reduce=_updated,
            within="user",
            entity=PERSON,
            about=("user", "id"),
            once=False,
            made_at=None,
        ),
        Event(
            type="user.permissions_changed",
            reduce=_permissions_changed,
            within="",
            entity=plain("permissions"),
            about=None,
            once=False,
            made_at=None,
        ),
        Event(
            type="user.session_opened",
            reduce=_session_opened,
            within="session",
            entity=SESSION,
            about=("session", "session_id"),
            once=False,
            made_at=None,
            nobody=True,
        ),
        Event(
            type="user.session_closed",
            reduce=_session_closed,
            within="",
            entity=plain("session_id"),
            about=("session", "session_id"),
            once=False,
            made_at=None,
            nobody=True,
        ),
    ),
    actions=(
        Action(
            type="user.update",
            # A name shows where its user does: in the chat room, and in the articles it wrote.
            causes=("user.updated", "chat.participant_joined", "article.updated"),
            creates=False,
            always=True,
        ),
    ),
    id_member=None,
    leftover=None,
    abilities=Abilities(makes="user.update", alters="user.update", shares=()),
)
