"""The kind user."""

from omnisession_client.kinds.kind import Kind, Limits, changed, given
from omnisession_client.lists import entity, entries, text, texts, upsert, whole, without
from omnisession_client.values import Doing
from omnisession_reference.wire import JsonObject


def _id(session: JsonObject) -> str:
    return text(session, "session_id")


def _order(session: JsonObject) -> tuple[int, str]:
    """The oldest first."""
    return (whole(session, "opened_at"), _id(session))


def _updated(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    return changed(held, user=entity(data["user"]))


def _permissions_changed(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    return changed(held, permissions=texts(data["permissions"]))


def _session_opened(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    session = entity(data["session"])
    return changed(held, sessions=upsert(held["sessions"], session, _id, _order, None))


def _session_closed(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    return changed(held, sessions=without(held["sessions"], _id, text(data, "session_id")))


def _will_be_updated(held: JsonObject, doing: Doing, _user: str, _limits: Limits) -> JsonObject:
    if held["user"] is None:
        return held
    changes = given(doing.data["changes"], ("username", "email"))
    return changed(held, user={**held["user"], **changes})


def _check(data: JsonObject) -> None:
    if data["user"] is not None:
        entity(data["user"])
    texts(data["permissions"])
    entries(data["sessions"], _order)


KIND = Kind(
    name="user",
    prefix="user",
    empty={"type": "user", "user": None, "permissions": [], "sessions": []},
    check=_check,
    reducers={
        "user.updated": _updated,
        "user.permissions_changed": _permissions_changed,
        "user.session_opened": _session_opened,
        "user.session_closed": _session_closed,
    },
    rules={"user.update": _will_be_updated},
)
