"""The normative reducer of every event type.

A reducer takes the slice of its kind, the event's `data` and the advertised limits, and returns the
slice after it: the same object where the event changes nothing, as with an id that is not there, an
unknown type, or data that no right server sends. Applying an event twice equals applying it once.
"""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, is_object, objects, texts
from omnisession_conformance.protocol.model.limits import cut
from omnisession_conformance.protocol.model.order import (
    article_key,
    editor_key,
    participant_key,
    revision_key,
    session_key,
    url_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.protocol.model.order import Key
    from omnisession_conformance.protocol.model.slices import Slice

Entry = dict[str, Any]
Data = dict[str, Any]


def _entry(data: Data, name: str, *ids: str) -> Entry | None:
    """Return an entity of an event, or None where it is none or lacks the strings that name it."""
    value: Any = data.get(name) if name else data
    if not is_object(value):
        return None
    return value if all(isinstance(value.get(id_), str) for id_ in ids) else None


def _upsert(
    entries: list[Entry], entry: Entry, ids: tuple[str, ...], key: Callable[[Any], Key]
) -> list[Entry]:
    """Remove the entry of the same ids, if any, and insert this one at its sorted place."""
    after = _without(entries, **{id_: entry[id_] for id_ in ids})
    after = list(entries) if after is entries else after
    insort(after, entry, key=key)
    return after


def _without(entries: list[Entry], **ids: Any) -> list[Entry]:
    """Return the list without the entry of these ids; the list itself where it has none."""
    (name, value), *rest = ids.items()
    if rest:
        kept = [e for e in entries if any(e.get(n) != v for n, v in ids.items())]
    else:
        kept = [e for e in entries if e.get(name) != value]
    return entries if len(kept) == len(entries) else kept


def _with(slice_: Slice, name: str, entries: list[Any], limits: Mapping[str, Any]) -> Slice:
    if entries is slice_[name]:
        return slice_
    return {**slice_, name: cut(slice_["type"], name, entries, limits)}


# -- articles --------------------------------------------------------------------------------------


def _is_current(slice_: Slice, article_id: Any) -> bool:
    current = slice_["current_article"]
    return is_object(current) and bool(current.get("id") == article_id)


def _article_upserted(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    article = _entry(data, "article", "id")
    if article is None:
        return slice_
    listed = {**article, "content": None}
    after = _with(
        slice_, "articles", _upsert(slice_["articles"], listed, ("id",), article_key), limits
    )
    if _is_current(slice_, article["id"]):
        after["current_article"] = article
    return after


def _article_deleted(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    article_id = data.get("article_id")
    after = _with(slice_, "articles", _without(slice_["articles"], id=article_id), limits)
    after = _with(after, "editors", _without(after["editors"], article_id=article_id), limits)
    if _is_current(slice_, article_id):
        return {**after, "current_article": None, "revisions": []}
    return after


def _article_selected(slice_: Slice, data: Data, _: Mapping[str, Any]) -> Slice:
    article: Any = data.get("article")
    revisions: Any = data.get("revisions")
    if not is_list(revisions) or not isinstance(article, dict | None):
        return slice_
    return {**slice_, "current_article": article, "revisions": objects(revisions)}


def _revision_added(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    revision = _entry(data, "revision", "article_id")
    if revision is None or not _is_current(slice_, revision["article_id"]):
        return slice_
    if not isinstance(revision.get("revision"), int):
        return slice_
    revisions = _upsert(slice_["revisions"], revision, ("revision",), revision_key)
    return _with(slice_, "revisions", revisions, limits)


def _edit_started(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    ids = ("article_id", "user_id")
    editor = _entry(data, "", *ids)
    if editor is None:
        return slice_
    return _with(slice_, "editors", _upsert(slice_["editors"], editor, ids, editor_key), limits)


def _edit_ended(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    ids = {"article_id": data.get("article_id"), "user_id": data.get("user_id")}
    return _with(slice_, "editors", _without(slice_["editors"], **ids), limits)


# -- chat ------------------------------------------------------------------------------------------


def _replaced(entries: list[Entry], entry: Entry) -> list[Entry] | None:
    """Return the list with the entry of that id replaced in place, or None where there is none."""
    for index, other in enumerate(entries):
        if other.get("id") == entry["id"]:
            return [*entries[:index], entry, *entries[index + 1 :]]
    return None


def _message_added(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    message = _entry(data, "message", "id")
    if message is None:
        return slice_
    messages: list[Entry] = slice_["messages"]
    return _with(slice_, "messages", _replaced(messages, message) or [message, *messages], limits)


def _message_edited(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    message = _entry(data, "message", "id")
    replaced = _replaced(slice_["messages"], message) if message is not None else None
    return slice_ if replaced is None else _with(slice_, "messages", replaced, limits)


def _message_deleted(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    return _with(
        slice_, "messages", _without(slice_["messages"], id=data.get("message_id")), limits
    )


def _participant_joined(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    user = _entry(data, "user", "id")
    if user is None:
        return slice_
    users = _upsert(slice_["participants"], user, ("id",), participant_key)
    return _with(slice_, "participants", users, limits)


def _participant_left(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    users = _without(slice_["participants"], id=data.get("user_id"))
    return _with(slice_, "participants", users, limits)


def _typing_changed(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    user_id: Any = data.get("user_id")
    active: Any = data.get("active")
    typing: list[Any] = slice_["typing_indicators"]
    if (
        not isinstance(user_id, str)
        or not isinstance(active, bool)
        or active == (user_id in typing)
    ):
        return slice_
    if active:
        return _with(slice_, "typing_indicators", sorted([*typing, user_id]), limits)
    return _with(slice_, "typing_indicators", [t for t in typing if t != user_id], limits)


# -- url -------------------------------------------------------------------------------------------


def _url_upserted(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    url = _entry(data, "url", "id")
    if url is None:
        return slice_
    return _with(slice_, "urls", _upsert(slice_["urls"], url, ("id",), url_key), limits)


def _url_deleted(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    return _with(slice_, "urls", _without(slice_["urls"], id=data.get("url_id")), limits)


# -- user ------------------------------------------------------------------------------------------


def _user_updated(slice_: Slice, data: Data, _: Mapping[str, Any]) -> Slice:
    user = _entry(data, "user", "id")
    return slice_ if user is None else {**slice_, "user": user}


def _permissions_changed(slice_: Slice, data: Data, _: Mapping[str, Any]) -> Slice:
    permissions: Any = data.get("permissions")
    return {**slice_, "permissions": [*texts(permissions)]} if is_list(permissions) else slice_


def _session_opened(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    session = _entry(data, "session", "session_id")
    if session is None:
        return slice_
    sessions = _upsert(slice_["sessions"], session, ("session_id",), session_key)
    return _with(slice_, "sessions", sessions, limits)


def _session_closed(slice_: Slice, data: Data, limits: Mapping[str, Any]) -> Slice:
    sessions = _without(slice_["sessions"], session_id=data.get("session_id"))
    return _with(slice_, "sessions", sessions, limits)


REDUCERS: dict[str, Callable[[Slice, Data, Mapping[str, Any]], Slice]] = {
    "article.created": _article_upserted,
    "article.updated": _article_upserted,
    "article.deleted": _article_deleted,
    "article.selected": _article_selected,
    "article.revision_added": _revision_added,
    "article.edit_started": _edit_started,
    "article.edit_ended": _edit_ended,
    "chat.message_added": _message_added,
    "chat.message_edited": _message_edited,
    "chat.message_deleted": _message_deleted,
    "chat.participant_joined": _participant_joined,
    "chat.participant_left": _participant_left,
    "chat.typing_changed": _typing_changed,
    "url.created": _url_upserted,
    "url.updated": _url_upserted,
    "url.deleted": _url_deleted,
    "user.updated": _user_updated,
    "user.permissions_changed": _permissions_changed,
    "user.session_opened": _session_opened,
    "user.session_closed": _session_closed,
}
"""By event type; what is not here changes nothing."""


def reduce_event(slice_: Slice, type_: str, data: Data, limits: Mapping[str, Any]) -> Slice:
    """Return the slice after an event of its kind."""
    reducer = REDUCERS.get(type_)
    return slice_ if reducer is None else reducer(slice_, data, limits)
