"""One line about a message: what a reader of a transcript looks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

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
        return [_text(data.get("type")), _text(body.get("reason"))]
    error = data.get("error")
    if isinstance(error, dict):
        named = cast("Mapping[str, Any]", error)
        return [f"{_text(named.get('code'))} {_text(named.get('name'))}"]
    if "status" in data:
        return [_text(data["status"])]
    if isinstance(data.get("kinds"), list):
        kinds = cast("list[Any]", data["kinds"])
        return [f"kinds {' '.join(map(_text, kinds)) or 'none'}"]
    if "mode" in data:
        return [_text(data["mode"])]
    return []


def _numbers(body: Mapping[str, Any]) -> list[str]:
    data: Any = body.get("data")
    for holder in (body, data):
        if isinstance(holder, dict) and "client_seq" in holder:
            return [f"action {_text(holder['client_seq'])}"]  # pyright: ignore[reportUnknownArgumentType]
    return []


def _place(record: Record) -> list[str]:
    position = Position.of(record.body) or Position.of(record.payload.get("position"))
    if position is not None:
        return [f"at {position.epoch}:{position.seq}"]
    if record.type == "session.resume":
        data = record.payload
        return [f"from {_text(data.get('epoch'))}:{_text(data.get('seq'))}"]
    return []


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
