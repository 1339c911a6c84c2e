"""Digest of a state: lower-case hex SHA-256 of the RFC 8785 form of its whole `data`."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

from omnisession_conformance.protocol.json import is_list, is_object

_LARGEST = 2**53 - 1
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
    return text.encode() if _plain(data) else rfc8785.dumps(data)


def _plain(value: Any) -> bool:
    """Whether both encoders write a value alike: ASCII names, and integers within 2^53 - 1 only."""
    if isinstance(value, str) or value is None:
        return True
    if isinstance(value, int):
        return -_LARGEST <= value <= _LARGEST
    if is_object(value):
        return all(name.isascii() and _plain(member) for name, member in value.items())
    return is_list(value) and all(map(_plain, value))


def digest(data: Any) -> str | None:
    """Return the digest of a state's `data`, or None where it has no canonical form."""
    try:
        return hashlib.sha256(canonical(data)).hexdigest()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        return None
