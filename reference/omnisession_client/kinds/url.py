"""The kind url."""

from omnisession_client.kinds.kind import Kind, Limits, changed
from omnisession_client.lists import entity, entries, text, upsert, whole, without
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


def _check(data: JsonObject) -> None:
    entries(data["urls"], _order)


KIND = Kind(
    name="url",
    prefix="url",
    empty={"type": "url", "urls": []},
    check=_check,
    reducers={"url.created": _updated, "url.updated": _updated, "url.deleted": _deleted},
)
