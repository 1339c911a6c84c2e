"""What a client writes: its subjects, requests and actions."""

import re
from collections.abc import Mapping
from typing import Any, cast

from omnisession_client import __version__
from omnisession_client.values import State
from omnisession_reference.errors import Refusal
from omnisession_reference.validate import schemas_folder, schemas_of
from omnisession_reference.wire import JsonObject, encode, tok

VERSION = "1.0"
CLIENT = {"name": "omnisession-client", "version": __version__}

# Beyond it a JSON reader may lose digits.
MAX_SAFE = 2**53 - 1

_TYPE = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")


def stream_subject(state: State, last: str = "*") -> str:
    """The subject of the session's stream, or one of its three parts."""
    return f"session.{tok(state.config.user_id)}.{tok(state.session_id)}.{last}"


def actions_subject(state: State) -> str:
    """Where actions of every type go."""
    return f"user.actions.{tok(state.config.user_id)}"


def request(state: State, type_: str, data: Mapping[str, Any]) -> bytes:
    """Write a control request."""
    return encode({**_envelope(state, type_), "data": data})


def open_data(state: State) -> JsonObject:
    """What the client wants of its session."""
    token = state.config.token
    return {
        "protocol": [VERSION],
        "kinds": list(state.config.kinds),
        "features": list(state.config.features),
        "auth": None if token is None else {"scheme": "bearer", "token": token},
        "client": CLIENT,
    }


def action(
    state: State,
    action_id: str,
    type_: str,
    data: Mapping[str, Any],
    expect: Mapping[str, Any] | None,
) -> bytes | None:
    """Write an action under the next number; None if that would be no valid body."""
    body: JsonObject = {
        **_envelope(state, type_),
        "action_id": action_id,
        "client_seq": state.next_number,
        "data": data,
    }
    if expect is not None:
        body["expect"] = expect
    return _written(body) if _is_valid(type_, body) else None


def _envelope(state: State, type_: str) -> JsonObject:
    return {
        "v": VERSION,
        "type": type_,
        "user_id": state.config.user_id,
        "session_id": state.session_id,
        "timestamp": state.now_ms,
    }


def _written(body: JsonObject) -> bytes | None:
    try:
        return encode(body)
    except (ValueError, RecursionError):  # half a surrogate pair, a number that is none
        return None


def _is_valid(type_: str, body: JsonObject) -> bool:
    if not _TYPE.fullmatch(type_) or not _is_safe(body):
        return False
    try:
        schemas_of(schemas_folder()).check("user.actions", type_, body)
    except (Refusal, ValueError, RecursionError):  # it takes no text that is no Unicode
        return False
    return True


def _is_safe(value: Any) -> bool:
    """Whether every integer is one that all readers keep."""
    layer: list[Any] = [value]
    while layer:
        below: list[Any] = []
        for item in layer:
            if isinstance(item, dict):
                below.extend(cast("JsonObject", item).values())
            elif isinstance(item, list):
                below.extend(cast("list[Any]", item))
            elif isinstance(item, int) and abs(item) > MAX_SAFE:
                return False
        layer = below
    return True
