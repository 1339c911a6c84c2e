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
_ANY_DIGIT: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG: Final = b"0" * len(str(MAX_SAFE_INTEGER))
"""A run of digits, each as `_ANY_DIGIT` writes it: an integer that is too large has it."""


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
    object_pairs_hook=_members, parse_float=_float, parse_constant=_refuse
)
# The hook on integers costs as much as all the rest; it is spared where no run of digits is long.
_DECODER_OF_LONG: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_float, parse_constant=_refuse
)


def decode(data: bytes) -> Decoded:
    """Read a body, whatever bytes it is made of; never raises."""
    try:
        decoder = _DECODER_OF_LONG if _LONG in data.translate(_ANY_DIGIT) else _DECODER
        body = decoder.decode(data.decode())
    except (ValueError, RecursionError):
        return inspect(data)
    if not isinstance(body, dict) or (b"\\" in data and _has_surrogate(data)):
        return inspect(data)
    return Decoded(cast("dict[str, Any]", body), ())


def _has_surrogate(data: bytes) -> bool:
    # An escaped surrogate may be half of a pair, which is fine; the second pass tells.
    return b"\\ud" in data or b"\\uD" in data
