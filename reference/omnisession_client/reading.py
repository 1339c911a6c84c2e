"""What a client reads: bodies, positions, answers. What it cannot use is None, never an exception."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from omnisession_client.values import (
    USUAL_HEARTBEAT_MS,
    USUAL_RESUME_WINDOW_MS,
    Opened,
    Place,
    Position,
)
from omnisession_reference.wire import JsonObject, WireError, decode

# Of the MAJOR that this client speaks every MINOR is read: it only adds what may be skipped.
_VERSION = re.compile(r"1\.(0|[1-9][0-9]*)")


class Failure(NamedTuple):
    """An error object, as far as a client goes by it."""

    code: int
    retryable: bool
    retry_after_ms: int


def body(data: bytes) -> JsonObject | None:
    """Decode a body of a version that is spoken."""
    try:
        return spoken(decode(data))
    except WireError:
        return None


def spoken(value: Any) -> JsonObject | None:
    """Take a decoded body of a version that is spoken."""
    found = mapping(value)
    if found is None or not isinstance(found.get("v"), str):
        return None
    return found if _VERSION.fullmatch(found["v"]) else None


def mapping(value: Any) -> JsonObject | None:
    """Take an object."""
    return cast("JsonObject", value) if isinstance(value, dict) else None


def items(value: Any) -> list[Any] | None:
    """Take a list."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def number(value: Any, at_least: int = 0) -> int | None:
    """Take an integer that is no boolean."""
    return value if type(value) is int and value >= at_least else None


def place(members: Mapping[str, Any]) -> Place | None:
    """Take the place of a state, an event or a position."""
    epoch, seq = number(members.get("epoch"), 1), number(members.get("seq"))
    return None if epoch is None or seq is None else Place(epoch, seq)


def position(value: Any) -> Position | None:
    """Take a position."""
    members = mapping(value)
    found = None if members is None else place(members)
    if members is None or found is None:
        return None
    return Position(found, number(members.get("last_action_seq")) or 0)


def opened(data: JsonObject) -> Opened | None:
    """Take what the server said at open; what the client can do without has its usual value."""
    kinds = names(data.get("kinds"))
    if not kinds:
        return None
    timers, limits = mapping(data.get("timers")) or {}, mapping(data.get("limits")) or {}
    told = {name: value for name, value in limits.items() if number(value) is not None}
    heartbeat_ms = number(timers.get("heartbeat_ms"), 1) or USUAL_HEARTBEAT_MS
    window_ms = number(timers.get("resume_window_ms"), 1) or USUAL_RESUME_WINDOW_MS
    features, actions = names(data.get("features")), names(data.get("actions"))
    ends_at = number(data.get("expires_at"), 1)
    return Opened(kinds, features, actions, told, heartbeat_ms, window_ms, ends_at)


def names(value: Any) -> tuple[str, ...]:
    """Take the strings of a list."""
    return tuple(name for name in items(value) or () if isinstance(name, str))


def failure(data: JsonObject) -> Failure:
    """Take an error: what is not known of it is final, and may be tried at once."""
    error = mapping(data.get("error")) or {}
    code, after = number(error.get("code")), number(error.get("retry_after_ms"))
    return Failure(code or 0, error.get("retryable") is True, after or 0)
