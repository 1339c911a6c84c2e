"""Frozen values to JSON and back, driven by their fields, so that no line is written out twice.

Reading is strict about what it needs and ignores members that it does not know: a newer kit may
have added some.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


from omnisession_conformance.errors import KitError
from omnisession_conformance.protocol.json import is_list, is_object

T = TypeVar("T")
_HALVES = re.compile(r"\\u[dD][89a-fA-F]")


class ShapeError(KitError):
    """A JSON value is not what the type needs; the message begins with a JSON pointer."""


def encode(value: Any) -> Any:
    """A value as JSON: frozen values become objects, tuples lists, enums their values."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {_name(f): encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        members = cast("Mapping[Any, Any]", value)
        return {str(encode(k)): encode(v) for k, v in members.items()}
    if isinstance(value, (tuple, list)):
        return [encode(v) for v in cast("Sequence[Any]", value)]
    return value


def decode(kind: type[T], value: Any, at: str = "") -> T:
    """Read a JSON value as a type; ShapeError says where it is not one."""
    return _decode(kind, value, at)


def member_names(kind: type) -> tuple[str, ...]:
    """The names that the members of a frozen value have in JSON."""
    return tuple(name for _, name, _, _ in _plan(kind))


def _name(item: Field[Any]) -> str:
    return str(item.metadata.get("json", item.name))


@cache
def _plan(kind: type) -> tuple[tuple[str, str, Any, bool], ...]:
    hints = get_type_hints(kind)
    return tuple(
        (
            f.name,
            _name(f),
            hints[f.name],
            f.default is MISSING and f.default_factory is MISSING,
        )
        for f in fields(kind)
    )


def _decode(kind: Any, value: Any, at: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(kind, value, at)
    if origin is Literal:
        return _expect(value in get_args(kind), value, at, " or ".join(map(repr, get_args(kind))))
    if origin is tuple:
        items: list[Any] = _expect(isinstance(value, list), value, at, "a list")
        return tuple(_decode(get_args(kind)[0], v, f"{at}/{i}") for i, v in enumerate(items))
    if origin is not None and issubclass(origin, Mapping):
        return _decode_mapping(kind, value, at)
    if is_dataclass(kind) and isinstance(kind, type):
        return _decode_object(kind, value, at)
    return _decode_scalar(kind, value, at)


def _decode_union(kind: Any, value: Any, at: str) -> Any:
    if value is None and types.NoneType in get_args(kind):
        return None
    return _decode(next(a for a in get_args(kind) if a is not types.NoneType), value, at)


def _decode_mapping(kind: Any, value: Any, at: str) -> dict[Any, Any]:
    members: dict[str, Any] = _expect(isinstance(value, dict), value, at, "an object")
    of_name, of_value = get_args(kind)
    return {
        _decode(of_name, k, f"{at}/{k}"): _decode(of_value, v, f"{at}/{k}")
        for k, v in members.items()
    }


def _decode_object(kind: type, value: Any, at: str) -> Any:
    members: dict[str, Any] = _expect(isinstance(value, dict), value, at, "an object")
    found: dict[str, Any] = {}
    for name, json_name, hint, required in _plan(kind):
        if json_name in members:
            found[name] = _decode(hint, members[json_name], f"{at}/{json_name}")
        elif required:
            raise ShapeError(f"{at or '/'}: there is no member '{json_name}'")
    return kind(**found)


def _decode_scalar(kind: Any, value: Any, at: str) -> Any:
    if isinstance(kind, type) and issubclass(kind, Enum):
        known = [m.value for m in kind]
        _expect(value in known, value, at, f"one of {', '.join(map(str, known))}")
        return kind(value)
    if kind is float:
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        return _expect(good, value, at, "a number")
    if kind is int:
        good = isinstance(value, int) and not isinstance(value, bool)
        return _expect(good, value, at, "an integer")
    return _expect(
        isinstance(value, kind), value, at, "true or false" if kind is bool else "a text"
    )


def read_json(line: str) -> Any:
    """The value of a line, with half of a surrogate pair shown as its escape: it is no character.

    Raises ValueError, and RecursionError for one that is nested too deeply.
    """
    value: Any = json.loads(line)
    return _characters(value) if _HALVES.search(line) else value


def _characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if is_list(value):
        return [_characters(v) for v in value]
    if is_object(value):
        return {_characters(name): _characters(v) for name, v in value.items()}
    return value


def why_unreadable(error: Exception) -> str:
    """What is wrong with a line that could not be read, in words."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if str(error).startswith("Exceeds the limit"):
        return "a number in it has too many digits"
    return str(error)


def _expect(good: bool, value: Any, at: str, what: str) -> Any:
    if not good:
        raise ShapeError(f"{at or '/'}: expected {what}, found {value!r:.60}")
    return value
