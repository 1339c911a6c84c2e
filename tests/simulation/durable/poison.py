"""Entries that are none, as a journal may hold them."""

from __future__ import annotations

import json

DEEP = 5_000


def poison(way: str, term: int, n: int, number: int) -> bytes:
    """Make bytes that no owner ever appends; `n` is the number that is awaited in the term."""
    place: dict[str, object] = {"j": 1, "p": 0, "term": term, "n": n}
    match way:
        case "bytes":
            return (b"", b"\xff\xfe", b"[]", b"null", b'{"j":1')[number % 5]
        case "type":
            types: tuple[object, ...] = ("fly", 7, None, ["act"], "Act")
            return _json({**place, "t": types[number % 5]})
        case "members":
            act = {"t": "act", "u": "u0", "s": "u0.0", "a": "a", "c": 1, "y": "y", "fp": "f"}
            bad: dict[str, object] = {
                "out": {"error": 7},
                "reads": [],
                "writes": "no",
                "c": -1,
                "u": None,
            }
            name = sorted(bad)[number % 5]
            whole: dict[str, object] = {"out": {"result": None}, "reads": {}, "writes": []}
            return _json({**place, **act, **whole, name: bad[name]})
        case "deep":
            return b'{"j":1,"t":' + b"[" * DEEP + b"]" * DEEP + b"}"
        case _:
            return _json({**place, "t": "nil", "term": (0, -1, 1.5, "1", 2**60)[number % 5]})


def _json(told: object) -> bytes:
    return json.dumps(told).encode()
