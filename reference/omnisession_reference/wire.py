"""Bytes on the wire: subject tokens and JSON bodies. Pure functions only."""

import hashlib
import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

JsonObject = dict[str, Any]

# Encoded sizes in bytes, as subjects.json says under "tokens".
MAX_USER_TOKEN = 96
MAX_SESSION_TOKEN = 64

# Far above what the protocol needs, far below what the interpreter's stack can take.
MAX_DEPTH = 100

_LITERAL = re.compile(r"[A-Za-z0-9_-]+")
_TOKEN = re.compile(r"(?:[A-Za-z0-9_-]|=[0-9a-f]{2})+")
_TRACEPARENT = re.compile(
    rb"\r\ntraceparent:[ \t]*([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})[ \t]*\r\n",
    re.IGNORECASE,
)


class WireError(ValueError):
    """The bytes are no token, or no JSON object; the text says why."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message as it came from the broker; `reply` is empty if there is none.

    `came_ms` is when that was, by a steady clock, where somebody has noted it.
    """

    subject: str
    reply: str
    data: bytes
    trace: str | None = None
    came_ms: float | None = None


def tok(raw: str) -> str:
    """Write an id as a subject token: every byte outside `[A-Za-z0-9_-]` becomes `=xx`."""
    if _LITERAL.fullmatch(raw):
        return raw
    return "".join(
        chr(byte) if _LITERAL.fullmatch(chr(byte)) else f"={byte:02x}" for byte in raw.encode()
    )


def untok(token: str, max_bytes: int) -> str:
    """Read a subject token back; raises WireError unless it is exactly what `tok` writes."""
    if len(token) > max_bytes:
        raise WireError(f"the token is longer than {max_bytes} bytes")
    if _LITERAL.fullmatch(token):
        return token
    if not _TOKEN.fullmatch(token):
        raise WireError("the token holds bytes that are not encoded")
    try:
        # Same escape as in a URL, with another sign; `%` itself cannot be in a token.
        raw = unquote_to_bytes(token.replace("=", "%")).decode()
    except UnicodeDecodeError:
        raise WireError("the token is not UTF-8") from None
    if tok(raw) != token:
        raise WireError("the token encodes a byte that stands for itself")
    return raw


def traceparent(headers: bytes | None) -> str | None:
    """Find a well-formed W3C trace context in a raw header block."""
    found = _TRACEPARENT.search(headers) if headers else None
    return found[1].decode() if found else None


def encode(body: Any) -> bytes:
    """Write a JSON value in its compact form."""
    return _ENCODER.encode(body).encode()


def size(value: Any) -> int:
    """Measure a JSON value as the protocol does: bytes of its encoded form, quotes included."""
    return len(encode(value))


def decode(data: bytes) -> JsonObject:
    """Read one JSON object; raises WireError for anything else.

    Refused besides broken JSON: duplicate names, NaN and Infinity, half surrogate pairs, and
    nesting deeper than MAX_DEPTH. A number such as `5.0` is read as the integer that it is.
    """
    try:
        text = data.decode()
        body: Any = _DECODER.decode(text)
        if "\\u" in text and "\\ud" in text.lower():
            encode(body)  # fails if an escape left half a pair
    except WireError:
        raise
    except (ValueError, RecursionError):
        raise WireError("the body is not one JSON value in UTF-8") from None
    if not isinstance(body, dict):
        raise WireError("the body is not a JSON object")
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and _deeper_than(body, MAX_DEPTH):
        raise WireError(f"the body is nested deeper than {MAX_DEPTH} levels")
    return body  # pyright: ignore[reportUnknownVariableType]


def fingerprint(value: Any) -> bytes:
    """Digest a JSON value so that equal values, and only these, have equal digests."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()


def _members(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise WireError("a member name stands twice")
    return members


def _number(text: str) -> float | int:
    value = float(text)
    if not math.isfinite(value):
        raise WireError("a number is out of range")
    return int(value) if value.is_integer() else value


def _constant(name: str) -> NoReturn:
    raise WireError(f"{name} is not JSON")


def _deeper_than(value: Any, levels: int) -> bool:
    layer: list[Any] = [value]
    for _ in range(levels):
        below: list[Any] = []
        for item in layer:
            if isinstance(item, dict):
                below.extend(item.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
            elif isinstance(item, list):
                below.extend(item)  # pyright: ignore[reportUnknownArgumentType]
        if not below:
            return False
        layer = below
    return True


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_number, parse_constant=_constant
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
