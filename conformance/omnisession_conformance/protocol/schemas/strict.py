"""The strict decoder: what the protocol allows as the text of a body, and nothing else.

There are two passes at most. The first is the standard library's decoder with hooks that give up
at the first oddity; it is all that a good body ever meets. Only a body that failed goes through
the second, `strict_slow`, which finds every flaw and where it is.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, NoReturn, cast

from omnisession_conformance.protocol.schemas.decoded import MAX_SAFE_INTEGER, Decoded, Flaw
from omnisession_conformance.protocol.schemas.strict_slow import inspect

__all__ = ["MAX_SAFE_INTEGER", "Decoded", "Flaw", "decode"]

_MAX_TEXT: Final = len(str(-MAX_SAFE_INTEGER))


class _FlawedError(ValueError):
    """The first pass met something that the second has to name."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _FlawedError
    return members


def _integer(text: str) -> int:
    # The length comes first: int() refuses texts of more than 4300 digits.
    if len(text) > _MAX_TEXT:
        raise _FlawedError
    number = int(text)
    if not -MAX_SAFE_INTEGER <= number <= MAX_SAFE_INTEGER:
        raise _FlawedError
    return number


def _float(text: str) -> float:
    number = float(text)
    # 5.0 and 1e400 are flaws; 0.5 is no integer, and where one has to stand the schemas say so.
    if not math.isfinite(number) or number.is_integer():
        raise _FlawedError
    return number


def _refuse(_text: str) -> NoReturn:
    raise _FlawedError


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_float, parse_constant=_refuse
)
_SMALL: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=int, parse_float=_float, parse_constant=_refuse
)
"""For texts without a run of digits that could be too large an integer: one call less for each."""
_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
# A regular expression for such runs was measured to cost more than decoding itself.
_LARGE: Final = b"0" * len(str(MAX_SAFE_INTEGER))


def decode(data: bytes) -> Decoded:
    """Read a body, whatever bytes it is made of; never raises."""
    try:
        decoder = _DECODER if _LARGE in data.translate(_ZEROS) else _SMALL
        body = decoder.decode(data.decode())
    except (ValueError, RecursionError):
        return inspect(data)
    if not isinstance(body, dict):
        return inspect(data)
    # An escaped surrogate may be half of a pair, which is fine; the second pass tells. One byte is
    # found much faster than three, and most bodies escape nothing.
    if b"\\" in data and (b"\\ud" in data or b"\\uD" in data):
        return inspect(data)
    return Decoded(cast("dict[str, Any]", body), ())
