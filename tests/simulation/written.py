"""How schedules of every game are written, for people and for files, and read again."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import DataclassInstance


def unusual(one: DataclassInstance, *always: str) -> dict[str, Any]:
    """The members of a value that are not as usual, and those that are written always."""
    return {
        field.name: getattr(one, field.name)
        for field in fields(one)
        if field.name in always or getattr(one, field.name) != field.default
    }


def as_lines(told: dict[str, Any], lists: Sequence[str]) -> str:
    """A schedule with one line for each entry of its lists."""
    rest = {name: value for name, value in told.items() if name not in lists}
    parts = [f' "{name}": {json.dumps(value)}' for name, value in rest.items()]
    for name in lists:
        items = ",\n".join(f"  {json.dumps(item)}" for item in told[name])
        parts.append(f' "{name}": [\n{items}\n ]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def told_in(text: str, form: int | str) -> dict[str, Any]:
    """What was written. Raises ValueError for what is none of this format."""
    told: dict[str, Any] = json.loads(text)
    if told.get("format") != form:
        raise ValueError(f"a schedule of format {form} is needed, not of {told.get('format')}")
    return told
