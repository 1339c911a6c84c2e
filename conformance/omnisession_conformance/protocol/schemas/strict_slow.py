"""The second pass of the strict decoder: names every flaw of a body and where it is."""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import Any, Final

from omnisession_conformance.protocol.json import is_list
from omnisession_conformance.protocol.schemas.decoded import (
    HALF_PAIR,
    MAX_SAFE_INTEGER,
    Decoded,
    Flaw,
)
from omnisession_conformance.protocol.schemas.pointer import step

_TEXT: Final = "ENV-001"
_NUMBER: Final = "ENV-004"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# No double is longer when written as an integer: what is beyond counts as infinite.
_MAX_INT_TEXT: Final = 400
_SHOWN: Final = 40
MOST_FLAWS: Final = 100


class _Flaws(list[Flaw]):
    """The first flaws of a body: a million of one kind say no more."""

    def append(self, flaw: Flaw) -> None:
        if len(self) < MOST_FLAWS:
            super().append(flaw)


class _Members(list[tuple[str, Any]]):
    """An object's members in the order written, duplicates included."""


@dataclass(frozen=True, slots=True)
class _OddNumber:
    """A number that the protocol does not allow, with its best guess."""

    value: float
    message: str


def inspect(data: bytes) -> Decoded:
    """Read a body that the first pass gave up; never raises."""
    flaws: list[Flaw] = _Flaws()
    text = _text_of(data, flaws)
    try:
        root = _SLOW.decode(text)
    except json.JSONDecodeError as error:
        message = _not_json(text, error)
    except RecursionError:
        message = "the body is nested too deep to be read"
    else:
        if isinstance(root, _Members):
            return _clean_body(root, flaws)
        message = f"the body is {_kind(root)}, not an object"
    flaws.append(Flaw(_TEXT, "", message))
    return Decoded(None, tuple(flaws))


def _text_of(data: bytes, flaws: list[Flaw]) -> str:
    if data.startswith(BOM_UTF8):
        flaws.append(Flaw(_TEXT, "", "the body begins with a byte order mark"))
        data = data[len(BOM_UTF8) :]
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        message = f"the body is not UTF-8: {error.reason} at byte {error.start}"
        flaws.append(Flaw(_TEXT, "", message))
        return data.decode(errors="replace")


def _not_json(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "the body is empty, not a JSON object"
    if error.msg == "Extra data":
        return f"more text follows the first JSON value, at character {error.pos}"
    return f"the body is not JSON: {error.msg} at character {error.pos}"


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    names = {"str": "a string", "bool": "a boolean", "list": "a list"}
    return names.get(type(value).__name__, "a number")


def _clean_body(root: _Members, flaws: list[Flaw]) -> Decoded:
    try:
        return Decoded(_clean_members(root, "", flaws), tuple(flaws))
    except RecursionError:
        flaws.append(Flaw(_TEXT, "", "the body is nested too deep to be read"))
        return Decoded(None, tuple(flaws))


def _clean(node: Any, pointer: str, flaws: list[Flaw]) -> Any:
    if isinstance(node, _Members):
        return _clean_members(node, pointer, flaws)
    if is_list(node):
        return [_clean(item, pointer + step(index), flaws) for index, item in enumerate(node)]
    if isinstance(node, _OddNumber):
        flaws.append(Flaw(_NUMBER, pointer, node.message))
        return node.value
    if isinstance(node, str):
        return _clean_text(node, pointer, flaws)
    return node


def _clean_members(node: _Members, pointer: str, flaws: list[Flaw]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    seen: set[str] = set()
    for name, value in node:
        readable = _clean_text(name, pointer, flaws)
        place = pointer + step(readable)
        if name in seen:
            flaws.append(Flaw(_TEXT, place, "the member stands here more than once"))
        seen.add(name)
        members[readable] = _clean(value, place, flaws)
    return members


def _clean_text(text: str, pointer: str, flaws: list[Flaw]) -> str:
    clean = _SURROGATE.sub("\ufffd", text)
    if clean != text:
        flaws.append(Flaw(_TEXT, pointer, HALF_PAIR))
    return clean


def _integer(text: str) -> int | _OddNumber:
    if len(text) > _MAX_INT_TEXT:
        value = -math.inf if text.startswith("-") else math.inf
    else:
        value = int(text)
        if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            return value
    return _OddNumber(value, f"the integer {_short(text)} is beyond ±(2^53-1)")


def _float(text: str) -> float | _OddNumber:
    value = float(text)
    if math.isfinite(value) and not value.is_integer():
        return value  # no integer at all: whether one has to stand there, the schemas know
    # 5.0 means 5: what judges the body afterwards goes on with that.
    guess = int(value) if value.is_integer() and abs(value) <= MAX_SAFE_INTEGER else value
    return _OddNumber(guess, f"the number {_short(text)} has a fraction or an exponent")


def _constant(text: str) -> _OddNumber:
    return _OddNumber(float(text), f"{text} is no JSON number")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


_SLOW: Final = json.JSONDecoder(
    object_pairs_hook=_Members, parse_int=_integer, parse_float=_float, parse_constant=_constant
)
