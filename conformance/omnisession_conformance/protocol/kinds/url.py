"""The kind `url`: the short urls that the user made, which nobody else sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_int, as_text
from omnisession_conformance.protocol.kinds.kind import Abilities, Action, Event, Kind, Leftover
from omnisession_conformance.protocol.kinds.parts import (
    Entity,
    Entry,
    Key,
    ListOf,
    Slice,
    entry_in,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORT_URL = Entity(
    members=(
        "id",
        "short_code",
        "target_url",
        "created_by",
        "created_at",
        "updated_at",
        "access_count",
        "is_active",
    ),
    id=("id",),
    times=("created_at", "updated_at"),
)


def url_key(url: Entry) -> Key:
    """Order short urls: the latest created first, then by id."""
    return (-as_int(url.get("created_at")), as_text(url.get("id")))


URLS = ListOf("urls", SHORT_URL, key=url_key, limit="urls")


def _told(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    url = entry_in(data, "url", "id")
    return slice_ if url is None else URLS.put(slice_, url, limits)


def _deleted(slice_: Slice, data: Entry, limits: Mapping[str, Any]) -> Slice:
    return URLS.drop(slice_, limits, id=data.get("url_id"))


URL = Kind(
    name="url",
    prefix="url",
    disturbs=1,
    members=(URLS,),
    events=(
        Event(
            type="url.created",
            reduce=_told,
            within="url",
            entity=SHORT_URL,
            about=("url", "id"),
            once=True,
            made_at="created_at",
        ),
        Event(
            type="url.updated",
            reduce=_told,
            within="url",
            entity=SHORT_URL,
            about=("url", "id"),
            once=False,
            made_at=None,
        ),
        Event(
            type="url.deleted",
            reduce=_deleted,
            within="",
            entity=plain("url_id"),
            about=("url", "url_id"),
            once=False,
            made_at=None,
        ),
    ),
    actions=(
        Action(type="url.create", causes=("url.created",), creates=True, always=True),
        Action(type="url.update", causes=("url.updated",), creates=False, always=True),
        Action(type="url.delete", causes=("url.deleted",), creates=False, always=False),
    ),
    id_member="url_id",
    leftover=Leftover(delete="url.delete", seen_after=None),
    abilities=Abilities(makes="url.create", alters="url.update", shares=()),
)
