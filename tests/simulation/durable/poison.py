"""Entries that are none, as a journal may hold them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from omnisession_durable.entries import Act, Decided, Nil, Open, Outcome, Place, encode

if TYPE_CHECKING:
    from omnisession_durable.fold import Fold

DEEP = 5_000
BAD_TERMS: tuple[object, ...] = (
    {},
    {"kinds": "chat"},
    {"kinds": [7]},
    {"kinds": ["chat", "chat"]},
    [],
)
BAD_WHYS: tuple[object, ...] = ("resumed", "", None, 7, ["closed"])


def poison(way: str, term: int, n: int, number: int) -> bytes:  # noqa: PLR0911 one for each way
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
        case "open":
            opened = {"u": "u0", "s": f"p{number}", "terms": BAD_TERMS[number % 5]}
            return _json({**place, "t": "open", **opened})
        case "end":
            return _json({**place, "t": "end", "u": "u0", "s": "u0.0", "why": BAD_WHYS[number % 5]})
        case "deep":
            return b'{"j":1,"t":' + b"[" * DEEP + b"]" * DEEP + b"}"
        case _:
            return _json({**place, "t": "nil", "term": (0, -1, 1.5, "1", 2**60)[number % 5]})


def forge(way: str, fold: Fold, name: str) -> bytes:
    """Make an entry that reads well and stands where the next one is awaited; its owner has not made it."""
    place = Place(fold.term, fold.n + 1)
    head = next(iter(fold.people.heads()), None)
    if way == "kinds":
        return encode(Decided(place, Open("u0", f"{name}-session", {"kinds": ["weather"]})))
    if way == "nil" or head is None:
        return encode(Decided(place, Nil()))
    if way == "write":
        gone = ({"op": "delete_message", "values": ["nobody-knows"]},)
        return encode(Decided(place, Act(*head.key, name, 0, "y", "f", Outcome(), writes=gone)))
    if way == "say":
        message = {"id": name, "user_id": head.key[0], "content": "forged", "sent_at": 1}
        said = ({"op": "put_message", "values": [{**message, "edited_at": None}]},)
        return encode(Decided(place, Act(*head.key, name, 0, "y", "f", Outcome(), writes=said)))
    if way == "number":
        ahead = head.last_action_seq + 3
        return encode(Decided(place, Act(*head.key, name, ahead, "y", "f", Outcome())))
    refused = Outcome(error={"code": 4092})
    return encode(Decided(place, Act(*head.key, name, 0, "chat.send", "f", refused)))


def _json(told: object) -> bytes:
    return json.dumps(told).encode()
