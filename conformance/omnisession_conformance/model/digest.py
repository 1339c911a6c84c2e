"""Digest of a state: lower-case hex SHA-256 of the RFC 8785 form of its whole `data`."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import rfc8785

_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
_NOT_SURELY_CANONICAL = re.compile(r"\d[.eE]|\d{16}|Infinity|NaN")
"""A text with a fraction, an exponent or a very long number, whether in a number or in a string."""


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
    if _NOT_SURELY_CANONICAL.search(text) or not _in_basic_plane(text):
        return rfc8785.dumps(data)
    return text.encode()


def _in_basic_plane(text: str) -> bool:
    return text.isascii() or len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)


def digest(data: Any) -> str | None:
    """Return the digest of a state's `data`, or None where it has no canonical form."""
    try:
        return hashlib.sha256(canonical(data)).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        return None
