"""One line about a message: what a reader of a transcript looks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.position import Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.traffic.record import Record

LONGEST = 40


def describe(record: Record) -> str:
    """Kind, position, number, outcome or error of a message, whichever it has; "" if none.

    Written for messages of any target: nothing in the body is taken for granted.
    """
    if record.body is None:
        return "empty" if not record.data else f"no JSON object ({len(record.data)} bytes)"
    parts = [*_content(record), *_numbers(record.body), *_place(record)]
    if record.flaws:
        parts.append("flawed JSON")
    return ", ".join(parts)


def _content(record: Record) -> list[str]:
    data = record.payload
    if record.type == "session.state":
        body: Mapping[str, Any] = record.body or {}
        return [_shown(data.get("type")), _shown(body.get("reason"))]
    error = data.get("error")
    if is_object(error):
        return [f"{_shown(error.get('code'))} {_shown(error.get('name'))}"]
    if "status" in data:
        return [_shown(data["status"])]
    if is_list(kinds := data.get("kinds")):
        return [f"kinds {' '.join(map(_shown, kinds)) or 'none'}"]
    if "mode" in data:
        return [_shown(data["mode"])]
    return []


def _numbers(body: Mapping[str, Any]) -> list[str]:
    data: Any = body.get("data")
    for holder in (body, data):
        if is_object(holder) and "client_seq" in holder:
            return [f"action {_shown(holder['client_seq'])}"]
    return []


def _place(record: Record) -> list[str]:
    position = Position.of(record.body) or Position.of(record.payload.get("position"))
    if position is not None:
        return [f"at {position.epoch}:{position.seq}"]
    if record.type == "session.resume":
        data = record.payload
        return [f"from {_shown(data.get('epoch'))}:{_shown(data.get('seq'))}"]
    return []


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
