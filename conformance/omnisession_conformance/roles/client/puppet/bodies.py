"""Bodies that a server says outside of the stream: answers, pushes and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.schemas import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.position import Position

VERSION = "1.0"


def envelope(type_: str, user_id: str, session_id: str, at_ms: int) -> Object:
    """The members that every body has."""
    return {
        "v": VERSION,
        "type": type_,
        "user_id": user_id,
        "session_id": session_id,
        "timestamp": at_ms,
    }


def told(position: Position) -> Object:
    """A position as bodies have it."""
    return {
        "epoch": position.epoch,
        "seq": position.seq,
        "last_action_seq": position.last_action_seq,
    }


def error(code: int, message: str = "The kit says so.", **more: Any) -> Object:
    """An error of the catalogue; `more` are its optional members."""
    entry = catalogue().errors[code]
    return {
        "code": code,
        "name": entry.name,
        "message": message,
        "retryable": entry.retryable,
        **more,
    }


def unknown_error(code: int, *, retryable: bool) -> Object:
    """An error with a code of a later version, or of a vendor."""
    return {
        "code": code,
        "name": "SOMETHING_NEW",
        "message": "The kit says so.",
        "retryable": retryable,
    }


def ack(
    action: Mapping[str, Any],
    position: Position,
    status: str = "applied",
    result: Mapping[str, Any] | None = None,
) -> Object:
    """The data of an ack."""
    found: Object = {
        "action_id": action["action_id"],
        "client_seq": action["client_seq"],
        "status": status,
        "position": told(position),
    }
    if result:
        found["result"] = dict(result)
    return found


def nack(action: Mapping[str, Any], position: Position, refusal: Mapping[str, Any]) -> Object:
    """The data of a nack."""
    return {
        "action_id": action["action_id"],
        "client_seq": action["client_seq"],
        "error": dict(refusal),
        "position": told(position),
    }


LATER = "x_later"
"""A member that nobody knows yet."""
NESTED = ("position", "limits", "timers", "server")


def as_later(data: Object) -> Object:
    """The data of an answer or push as a later MINOR has it: a member more, also in what it holds."""
    nested = {name: {**data[name], LATER: 1} for name in NESTED if name in data}
    return {**data, **nested, LATER: {"deep": [1, None]}}
