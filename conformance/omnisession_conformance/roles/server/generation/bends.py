"""Messages made of the published schemas: what may be at each place of a body, at its bounds and beyond.

A bend is a place and what becomes of it, `/data/title null`. Whether the body is valid afterwards is for
the schema to say, not for the bend.
"""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.protocol.schemas.check import Checker

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GONE, MORE = "gone", "more"
LARGEST = 2**53 - 1
"""What is above it, or has a fraction of 0, some decoders take for an integer and others do not."""
_PLAIN: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "number": 7,
    "fraction": 0.5,
    "text": "x",
    "empty": "",
    "list": [],
    "lists": [[]],
    "object": {},
    "nulls": [None],
    "negative": -1,
    "zero": 0,
    "large": LARGEST,
}
_ACTION = "action.schema.json#/$defs/"
_CONTROL = "control.schema.json#/$defs/"
REQUESTS = ("session.open", "session.sync", "session.resume", "session.ping")
"""Requests that may be bent; a close that is taken ends its session."""
SHARED_REFS = {
    "chat.send": "chat.messages.schema.json",
    "article.edit_start": "article.edit.start.schema.json",
}
OF_SESSION = ("/user_id", "/session_id")
DEEPEST = 4


@cache
def checker() -> Checker:
    """The published schemas."""
    return Checker()


def ref_of(type_: str, *, shared: bool = False) -> str:
    """The definition of a message that a client sends."""
    if type_.startswith("session.") and type_ != "session.noop":
        return f"{_CONTROL}{type_}"
    return SHARED_REFS[type_] if shared else f"{_ACTION}{type_}"


@cache
def bends(type_: str, *, shared: bool = False) -> tuple[str, ...]:
    """All bends of a message type, by its schema."""
    found: dict[str, None] = {}
    for pointer, schema, required in _places(ref_of(type_, shared=shared)):
        if pointer in OF_SESSION or pointer == "/action_id":
            hows = ["null", "number", "empty", "list", GONE]
        else:
            hows = [*_PLAIN, *_sized(schema), GONE]
        if _is_open(schema):
            hows.append(MORE)
        found |= {f"{pointer} {how}": None for how in hows if how != GONE or required or pointer}
    return tuple(found)


def _is_open(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "object" or "properties" in schema


def _sized(schema: Mapping[str, Any]) -> Iterator[str]:
    for name in ("minLength", "maxLength"):
        if name in schema:
            yield from (f"length {max(0, schema[name] + by)}" for by in (-1, 0, 1))
    for name in ("minimum", "maximum"):
        if name in schema:
            bounds = (schema[name] + by for by in (-1, 0, 1))
            yield from (f"value {value}" for value in bounds if abs(value) <= LARGEST)


def _places(ref: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Every member that a definition names, with its schema and whether it has to be there."""
    yield from _members("", _resolved({"$ref": ref}, ""), 0)


def _members(
    pointer: str, schema: Mapping[str, Any], depth: int
) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    required = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        found = _resolved(part, schema.get("$from", ""))
        yield f"{pointer}/{name}", found, name in required
        if depth < DEEPEST:
            yield from _members(f"{pointer}/{name}", found, depth + 1)


def _resolved(schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A schema with what it refers to: members of both, the nearer one first."""
    ref = schema.get("$ref")
    found: dict[str, Any] = {}
    if isinstance(ref, str):
        document, _, path = ref.partition("#")
        document = document or where
        at: Any = checker().documents[document]
        for step in path.split("/")[1:]:
            at = at[step]
        found = _resolved(at, document)
        where = document if not schema.get("properties") else where
    mine = {name: value for name, value in schema.items() if name != "$ref"}
    properties = {**found.get("properties", {})}
    for name, part in mine.get("properties", {}).items():
        before = properties.get(name, {})
        properties[name] = {**before, **_resolved(part, where)}
    required = tuple(dict.fromkeys((*found.get("required", ()), *mine.get("required", ()))))
    return {**found, **mine, "properties": properties, "required": required, "$from": where}


def root_of(bend: str) -> str:
    """The member of a body that a bend is in."""
    return bend.partition(" ")[0].split("/")[1]


def is_bend(text: str) -> bool:
    """Whether a text says a bend."""
    pointer, _, how = text.partition(" ")
    what, _, number = how.partition(" ")
    sized = what in ("length", "value") and number.lstrip("-").isdecimal() and len(number) < 18
    return pointer.startswith("/") and (sized or how in (*_PLAIN, GONE, MORE))


def bent(body: Mapping[str, Any], bend: str) -> dict[str, Any] | None:
    """A body with a bend; None where it has no such place."""
    pointer, _, how = bend.partition(" ")
    whole = copy.deepcopy(dict(body))
    *path, last = pointer.split("/")[1:]
    at: Any = whole
    for name in path:
        at = at.get(name) if is_object(at) else None
    if not is_object(at) or (how == GONE and last not in at):
        return None
    if how == GONE:
        del at[last]
    elif how == MORE:
        if not is_object(at.get(last)):
            return None
        at[last]["x_unnamed"] = {"x": [None, 1]}
    else:
        at[last] = _value(how)
    return whole


def _value(how: str) -> Any:
    what, _, number = how.partition(" ")
    if what == "length":
        return "x" * int(number)
    if what == "value":
        return int(number)
    return copy.deepcopy(_PLAIN[how])


def is_valid(type_: str, body: Mapping[str, Any], *, shared: bool = False) -> bool:
    """Whether a body is valid by the published schemas."""
    return checker().is_valid(ref_of(type_, shared=shared), body)
