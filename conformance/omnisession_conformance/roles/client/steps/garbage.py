"""What no server says: bytes that are no body, and bodies with one member of a wrong type. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omnisession_conformance.protocol.json import Object

DEEP, WIDE = 20_000, 100_000
"""Deeper than stacks are, and as long as the largest bodies."""
NO_BODIES: tuple[bytes, ...] = (
    b"",
    b" ",
    b"\x00",
    b"\xff\xfe\x00",
    b"hello",
    b"+ACK",
    b"null",
    b"true",
    b"7",
    b"-1e999",
    b'"text"',
    b"[]",
    b"{}",
    b"{",
    b'{"v":"1.0"',
    b'{"v":"1.0"}{"v":"1.0"}',
    b'{"type":"session.state","type":7}',
    b'{"a":"\xff"}',
    b'{"a":"\\ud800"}',
    b'{"a":NaN}',
    b'{"__proto__":{"type":"session.state"},"constructor":7}',
    b"[" * DEEP,
    b'{"data":' * DEEP,
    b'{"data":' * DEEP + b"1" + b"}" * DEEP,
    b'{"v":"1.0","type":"' + b"x" * WIDE + b'"}',
    b"9" * WIDE,
    bytes(range(256)),
)
"""No JSON, no object, an object with nothing in it, too deep, or too long."""
WRONG: tuple[Any, ...] = (None, True, -1, 1.5, "x", [], {}, [{}], {"": None})
"""One of each type, and none that a server could mean."""
UNCLEAR = frozenset({"reconnect"})
"""What a client makes of a wrong value here is its own affair: to come back, or never."""
DEPTH = 3


def encoded(body: Any) -> bytes:
    """A body as bytes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def bent(body: Mapping[str, Any], *, but: frozenset[str] = UNCLEAR) -> Iterator[Object]:
    """Yield a body with each of its members, down to a depth, left out or of a wrong type."""
    for way in _ways(body, DEPTH):
        if way[-1] in but:
            continue
        yield _without(body, way)
        right = _at(body, way)
        for wrong in WRONG:
            if type(wrong) is not type(right):
                yield _with(body, way, wrong)


def _ways(value: Any, depth: int) -> Iterator[tuple[Any, ...]]:
    if not depth:
        return
    named: Any = value.items() if isinstance(value, dict) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if isinstance(value, list) and value:
        named = ((0, value[0]),)  # pyright: ignore[reportUnknownVariableType]
    for name, below in named:
        yield (name,)
        yield from ((name, *way) for way in _ways(below, depth - 1))


def _at(value: Any, way: tuple[Any, ...]) -> Any:
    for name in way:
        value = value[name]
    return value


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _with(body: Mapping[str, Any], way: tuple[Any, ...], wrong: Any) -> Object:
    found = _copy(body)
    _at(found, way[:-1])[way[-1]] = wrong
    return found


def _without(body: Mapping[str, Any], way: tuple[Any, ...]) -> Object:
    found = _copy(body)
    del _at(found, way[:-1])[way[-1]]
    return found
