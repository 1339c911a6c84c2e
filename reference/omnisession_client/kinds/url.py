"""The kind url."""

from omnisession_client.kinds.kind import (
    LOCAL,
    Creates,
    Kind,
    Limits,
    changed,
    given,
    in_front,
    with_changes,
)
from omnisession_client.lists import entity, entries, text, upsert, whole, without
from omnisession_client.values import Doing
from omnisession_reference.wire import JsonObject


def _id(url: JsonObject) -> str:
    return text(url, "id")


def _order(url: JsonObject) -> tuple[int, str]:
    """The latest made first."""
    return (-whole(url, "created_at"), _id(url))


def _updated(held: JsonObject, data: JsonObject, limits: Limits) -> JsonObject:
    url = entity(data["url"])
    return changed(held, urls=upsert(held["urls"], url, _id, _order, limits.get("urls")))


def _deleted(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    return changed(held, urls=without(held["urls"], _id, text(data, "url_id")))


def _will_be_made(held: JsonObject, doing: Doing, user_id: str, limits: Limits) -> JsonObject:
    url: JsonObject = {
        "id": LOCAL + doing.action_id,
        "short_code": doing.data.get("short_code", ""),
        "target_url": doing.data["target_url"],
        "created_by": user_id,
        "created_at": doing.at_ms,
        "updated_at": doing.at_ms,
        "access_count": 0,
        "is_active": True,
    }
    return changed(held, urls=in_front(held["urls"], url, limits.get("urls")))


def _will_be_updated(held: JsonObject, doing: Doing, _user: str, _limits: Limits) -> JsonObject:
    changes = given(doing.data["changes"], ("target_url", "short_code", "is_active"))
    return changed(held, urls=with_changes(held["urls"], doing.data["url_id"], changes))


def _will_be_deleted(held: JsonObject, doing: Doing, _user: str, limits: Limits) -> JsonObject:
    return _deleted(held, dict(doing.data), limits)


def _check(data: JsonObject) -> None:
    entries(data["urls"], _order)


KIND = Kind(
    name="url",
    prefix="url",
    empty={"type": "url", "urls": []},
    check=_check,
    reducers={"url.created": _updated, "url.updated": _updated, "url.deleted": _deleted},
    rules={
        "url.create": _will_be_made,
        "url.update": _will_be_updated,
        "url.delete": _will_be_deleted,
    },
    creates=Creates("url.create", "url_id", "urls"),
)
