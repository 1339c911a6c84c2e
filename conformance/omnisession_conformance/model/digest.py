"""Digest of a state: lower-case hex SHA-256 of the RFC 8785 form of its whole `data`."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

from omnisession_conformance.schemas.decoded import MAX_SAFE_INTEGER

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
def canonical(data: Any) -> bytes:
    """Return the RFC 8785 form of a JSON value.

    Raises `rfc8785.CanonicalizationError` where it has none (an integer beyond 2^53 - 1, NaN).
    """
    # For strings and small integers the standard encoder writes the same bytes, forty times faster:
    # it differs in how it writes other numbers, and in the order of names beyond the basic plane.
    try:
        text = _encode(data)
    except (TypeError, ValueError):
        return rfc8785.dumps(data)
    if not (_plain(data) and _in_basic_plane(text)):
        return rfc8785.dumps(data)
    return text.encode()


def _plain(value: Any) -> bool:
    """Whether every number in a value is an integer that both encoders write alike."""
    if isinstance(value, dict):
        return all(map(_plain, value.values()))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    if isinstance(value, list):
        return all(map(_plain, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, int):
        return -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER
    return not isinstance(value, float)


def _in_basic_plane(text: str) -> bool:
    return text.isascii() or len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


def digest(data: Any) -> str | None:
    """Return the digest of a state's `data`, or None where it has no canonical form."""
    try:
        return hashlib.sha256(canonical(data)).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        return None
