"""Bytes that break careless servers: fixed ones, and generated ones that are the same in every run."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.version import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEPTH = 10_000
LONG = 65_536
DIGITS = 5_000
MEMBERS = 1_000
GENERATED = 40
HALF = f'{{"v":"{PROTOCOL}","type":'.encode()
"""An object that is cut short."""
NO_OBJECTS: tuple[tuple[str, bytes], ...] = (
    ("an empty body", b""),
    ("a blank body", b" \n"),
    ("an object cut short", HALF),
    ("an array", b"[]"),
    ("an array of an object", b"[{}]"),
    ("a number", b"5"),
    ("a string", b'"session.ping"'),
    ("null", b"null"),
    ("true", b"true"),
    ("words", b"ping please"),
    ("bytes that are no UTF-8", b"\xff\xfe\x00\x80"),
    ("a NUL", b"\x00"),
)
"""What is no JSON object, whichever decoder looks at it."""


def nasty(good: Mapping[str, Any]) -> Iterator[bytes]:
    """Bodies made from a right one that are hard to read; some of them may be taken as they are."""
    text = json.dumps(good, ensure_ascii=False)
    inner = text[1:]
    yield from (body for _, body in NO_OBJECTS)
    yield text.encode("utf-16")
    yield b"\xef\xbb\xbf" + text.encode()
    yield text.encode() + text.encode()
    yield text.encode()[:-1]
    yield b"[" * DEPTH + b"]" * DEPTH
    yield b'{"a":' * DEPTH + b"1" + b"}" * DEPTH
    yield b"[" * DEPTH
    yield f'{{"data":{"[" * DEPTH}{"]" * DEPTH},{inner}'.encode()
    yield f'{{"x":{"[" * DEPTH}{"]" * DEPTH},{inner}'.encode()
    for number in (
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "-1e400",
        "9" * DIGITS,
        "1" * 400 + ".5",
    ):
        yield f'{{"x":{number},{inner}'.encode()
        for name in ("client_seq", "timestamp"):
            yield _without(good, name, number)
    for value in (r'"\ud800"', r'"\udc00\ud800"', r'"\u0000"', '""'):
        for name in ("action_id", "user_id", "session_id", "type", "v"):
            yield _without(good, name, value)
        yield f'{{"x":{value},{inner}'.encode()
    for name in ("action_id", "type", "x"):
        yield _without(good, name, '"' + "x" * LONG + '"')
    for name in good:
        for value in ("null", "[]", "{}", "0", "-1", "9223372036854775808", "true"):
            yield _without(good, name, value)
    yield f'{{{inner[:-1]},"type":"session.close","type":5}}'.encode()
    yield b'{"__proto__":{"type":"session.ping"},"constructor":{"prototype":{}}}'
    yield json.dumps({**good, "data": {str(i): i for i in range(MEMBERS)}}).encode()
    yield json.dumps({**good, "data": [{}] * MEMBERS}).encode()


def _without(good: Mapping[str, Any], name: str, value: str) -> bytes:
    """A right body with a member in raw JSON in place of its own."""
    rest = json.dumps({key: other for key, other in good.items() if key != name})
    return f'{{"{name}":{value},{rest[1:]}'.encode()


def generated(good: Mapping[str, Any], seed: int) -> Iterator[bytes]:
    """Random bytes, and right bodies with bytes changed, cut out and put in."""
    chance = random.Random(seed)  # noqa: S311 - the same bytes in every run
    base = json.dumps(good).encode()
    for number in range(GENERATED):
        if number % 4 == 0:
            yield chance.randbytes(chance.randrange(1, 200))
            continue
        body = bytearray(base)
        for _ in range(chance.randrange(1, 6)):
            at, end = sorted(chance.randrange(len(body) + 1) for _ in range(2))
            match number % 4:
                case 1 if body:
                    body[min(at, len(body) - 1)] = chance.randrange(256)
                case 2:
                    del body[at : min(end, at + 12)]
                case _:
                    body[at:at] = chance.choice(
                        (b'"', b"{", b"}", b"[", b"\\", b",", b":", b"\x00")
                    )
        yield bytes(body)
