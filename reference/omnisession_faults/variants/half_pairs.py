"""Strings with half of a surrogate pair, which JSON can write and UTF-8 cannot."""

import json
import re
from typing import Any

from omnisession_faults.variants.registry import Variant, enter
from omnisession_reference import wire

_HALF = re.compile("[\ud800-\udfff]")


class _Escaping(json.JSONEncoder):
    """Writes all that is no character as its escape, as JavaScript does."""

    def encode(self, o: Any) -> str:
        """Write a value; halves stand in strings alone."""
        return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", super().encode(o))


def _take_halves() -> None:
    encoder = _Escaping(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    setattr(wire, "_ENCODER", encoder)  # noqa: B010 what it replaces is the module's own


enter(
    Variant(
        "half-pairs-taken",
        "A string with half of a surrogate pair is taken, and shown again as the same escape.",
        prepare=_take_halves,
    )
)
