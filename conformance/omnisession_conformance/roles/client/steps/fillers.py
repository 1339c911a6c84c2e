"""Entries that fill a list up to the least limit that a server may tell, so that few more are cut.

They stand before all others, so that what is cut is what comes after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.kinds.tables import LISTS
from omnisession_conformance.protocol.limits import FLOORS
from omnisession_conformance.roles.client.puppet.steps import OTHER, change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import ListOf, Slice

FIRST = "!"
"""No letter or digit sorts before it."""
FAR_MS, MANY = 4_102_444_800_000, 1_000_000
"""Later and more than anything in a vector."""


def filled(kind: str, slice_: Slice, limits: Mapping[str, int]) -> tuple[Slice, dict[str, int]]:
    """A slice whose lists have as much room as under limits that are too low to be told, and limits."""
    told = {name: max(value, FLOORS.get(name, 0)) for name, value in limits.items()}
    for list_ in LISTS[kind].values():
        limit = list_.limit
        if limit is None or limit not in _FILLERS:
            continue
        for number in range(FLOORS[limit] - limits[limit]):
            slice_ = _put(list_, slice_, _FILLERS[limit](slice_, number), told)
    return slice_, told


def _put(list_: ListOf, slice_: Slice, entry: Object | None, limits: Mapping[str, int]) -> Slice:
    if entry is None:
        return slice_
    if list_.key is None:
        return {**slice_, list_.name: [entry, *slice_[list_.name]]}
    return list_.put(slice_, entry, limits)


def _name(number: int) -> str:
    return f"{FIRST}{number:02}"


def _article(_: Slice, number: int) -> Object:
    article: Object = change("articles", number, 0)[1]["article"]
    return {**article, "id": _name(number), "content": None}


def _revision(slice_: Slice, number: int) -> Object | None:
    current = slice_["current_article"]
    if current is None:
        return None
    made = {"author_id": OTHER, "title": "Title", "timestamp": FAR_MS}
    return {"article_id": current["id"], "revision": MANY + number, **made}


def _editor(_: Slice, number: int) -> Object:
    return {"article_id": _name(number), "user_id": OTHER, "since": FAR_MS}


def _message(_: Slice, number: int) -> Object:
    message: Object = change("chat", number, FAR_MS)[1]["message"]
    return {**message, "id": _name(number)}


def _participant(_: Slice, number: int) -> Object:
    return {"id": _name(number), "username": "Somebody"}


def _url(_: Slice, number: int) -> Object:
    url: Object = change("url", number, FAR_MS + number)[1]["url"]
    return {**url, "id": _name(number)}


_FILLERS: Mapping[str, Callable[[Slice, int], Object | None]] = {
    "articles": _article,
    "revisions": _revision,
    "editors": _editor,
    "chat_messages": _message,
    "participants": _participant,
    "urls": _url,
}
