"""The kind chat."""

from omnisession_client.kinds.kind import (
    LOCAL,
    Creates,
    Kind,
    Limits,
    changed,
    in_front,
    with_changes,
)
from omnisession_client.lists import entity, entries, replaced, text, texts, upsert, without
from omnisession_client.values import Doing
from omnisession_reference.wire import JsonObject


def _id(entry: JsonObject) -> str:
    return text(entry, "id")


def _added(held: JsonObject, data: JsonObject, limits: Limits) -> JsonObject:
    message, messages = entity(data["message"]), held["messages"]
    if any(_id(old) == _id(message) for old in messages):
        return _edited(held, data, limits)
    _id(message)
    return changed(held, messages=[message, *messages][: limits.get("chat_messages")])


def _edited(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    message = entity(data["message"])
    _id(message)
    return changed(held, messages=replaced(held["messages"], _id, message))


def _deleted(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    return changed(held, messages=without(held["messages"], _id, text(data, "message_id")))


def _joined(held: JsonObject, data: JsonObject, limits: Limits) -> JsonObject:
    user, most = entity(data["user"]), limits.get("participants")
    return changed(held, participants=upsert(held["participants"], user, _id, _id, most))


def _left(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    return changed(held, participants=without(held["participants"], _id, text(data, "user_id")))


def _typing_changed(held: JsonObject, data: JsonObject, _limits: Limits) -> JsonObject:
    user_id, active = text(data, "user_id"), data["active"]
    others = [other for other in held["typing_indicators"] if other != user_id]
    return changed(held, typing_indicators=sorted([*others, user_id]) if active else others)


def _will_be_sent(held: JsonObject, doing: Doing, user_id: str, limits: Limits) -> JsonObject:
    message: JsonObject = {
        "id": LOCAL + doing.action_id,
        "user_id": user_id,
        "content": doing.data["content"],
        "sent_at": doing.at_ms,
        "edited_at": None,
    }
    return changed(held, messages=in_front(held["messages"], message, limits.get("chat_messages")))


def _will_be_edited(held: JsonObject, doing: Doing, _user: str, _limits: Limits) -> JsonObject:
    content = {"content": doing.data["content"]}
    return changed(held, messages=with_changes(held["messages"], doing.data["message_id"], content))


def _will_be_deleted(held: JsonObject, doing: Doing, _user: str, limits: Limits) -> JsonObject:
    return _deleted(held, dict(doing.data), limits)


def _check(data: JsonObject) -> None:
    entries(data["messages"], _id)
    entries(data["participants"], _id)
    texts(data["typing_indicators"])


KIND = Kind(
    name="chat",
    prefix="chat",
    empty={"type": "chat", "messages": [], "participants": [], "typing_indicators": []},
    check=_check,
    reducers={
        "chat.message_added": _added,
        "chat.message_edited": _edited,
        "chat.message_deleted": _deleted,
        "chat.participant_joined": _joined,
        "chat.participant_left": _left,
        "chat.typing_changed": _typing_changed,
    },
    rules={
        "chat.send": _will_be_sent,
        "chat.edit": _will_be_edited,
        "chat.delete": _will_be_deleted,
    },
    creates=Creates("chat.send", "message_id", "messages"),
)
