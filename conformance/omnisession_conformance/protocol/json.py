"""Decoded JSON, read by type: a message may hold anything in any place, and reading it never fails.

`is_…` ask; `as_…` return the value, or the empty one of its type; `maybe_…` return the value, or None;
the plurals read a list or an object, and leave out what is of another type. No boolean is an integer.
"""

from __future__ import annotations

from typing import Any, TypeGuard

Object = dict[str, Any]
INDEX_DIGITS = 16
# The rules read millions of values: of these two a checker does not ask for the types of the members,
# so that one function need not call another.
_OBJECT: type[Any] = dict
_LIST: type[Any] = list


def is_object(value: Any) -> TypeGuard[Object]:
    """Whether a JSON value is an object."""
    return isinstance(value, _OBJECT)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, _LIST)


def as_object(value: Any) -> Object:
    """A JSON value if it is an object, else an empty one."""
    return value if isinstance(value, _OBJECT) else {}


def as_list(value: Any) -> list[Any]:
    """A JSON value if it is a list, else an empty one."""
    return value if isinstance(value, _LIST) else []


def as_text(value: Any) -> str:
    """A JSON value if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_int(value: Any) -> int:
    """A JSON value if it is an integer, else 0."""
    return value if type(value) is int else 0


def maybe_text(value: Any) -> str | None:
    """A JSON value if it is a string, else None."""
    return value if isinstance(value, str) else None


def maybe_int(value: Any) -> int | None:
    """A JSON value if it is an integer, else None."""
    return value if type(value) is int else None


def member(value: Any, name: str) -> Any:
    """A member of an object, None where it has none or the value is no object."""
    return value.get(name) if isinstance(value, _OBJECT) else None


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a list, in its order."""
    return tuple(item for item in as_list(value) if isinstance(item, str))


def objects(value: Any) -> list[Object]:
    """The objects of a list, in its order."""
    return [item for item in as_list(value) if isinstance(item, _OBJECT)]


def integers(value: Any) -> dict[str, int]:
    """The members of an object that are integers."""
    return {name: item for name, item in as_object(value).items() if type(item) is int}


def child(value: Any, token: str) -> tuple[bool, Any]:
    """Whether a JSON value has a place by an unescaped token of a JSON pointer, and what is there."""
    if is_object(value):
        return token in value, value.get(token)
    # A text of thousands of digits is no index, and none that int() takes.
    if is_list(value) and token.isdecimal() and len(token) <= INDEX_DIGITS:
        index = int(token)
        return (True, value[index]) if index < len(value) else (False, None)
    return False, None
