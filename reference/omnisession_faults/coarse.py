"""Comparisons that are coarser than by code points, by what they overlook."""

import re
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Fold = Callable[[str], Any]
V = TypeVar("V")

_SEPARATORS = re.compile(r"[-_.:/ +]")
_WITHOUT_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


@dataclass(frozen=True, slots=True)
class Overlooked:
    """What a comparison overlooks, and what is left of a text."""

    what: str
    fold: Fold


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _integer(text: str) -> Any:
    return int(text) % 2**32 if text.isascii() and text.isdigit() else text


COARSE: dict[str, Overlooked] = {
    "case": Overlooked("case", str.lower),
    "folding": Overlooked("case, and what a language counts as case", str.casefold),
    "spaces": Overlooked("white space at the ends", str.strip),
    "space-within": Overlooked("how much white space stands within", lambda s: " ".join(s.split())),
    "form": Overlooked("the Unicode form", lambda s: unicodedata.normalize("NFC", s)),
    "compatibility": Overlooked(
        "which of compatible characters it is", lambda s: unicodedata.normalize("NFKC", s)
    ),
    "accents": Overlooked(
        "marks on letters",
        lambda s: "".join(
            c for c in unicodedata.normalize("NFD", s) if not unicodedata.combining(c)
        ),
    ),
    "width": Overlooked("characters without width", lambda s: _WITHOUT_WIDTH.sub("", s)),
    "signs": Overlooked("which sign stands between", lambda s: _SEPARATORS.sub("-", s)),
    "number": Overlooked("how a number is written", _number),
    "32-bits": Overlooked("what of a number is behind 32 bits", _integer),
    "zeros": Overlooked("zeros in front", lambda s: s.lstrip("0") or "0"),
    "latin": Overlooked(
        "which character beyond Latin-1 it is", lambda s: s.encode("latin-1", "replace")
    ),
    "bmp": Overlooked("what is behind 16 bits", lambda s: "".join(chr(ord(c) & 0xFFFF) for c in s)),
    "nul": Overlooked("what is behind a NUL", lambda s: s.split("\0")[0]),
    "checksum": Overlooked("what CRC-32 does not tell apart", lambda s: zlib.crc32(s.encode())),
    "36": Overlooked("what is behind 36 characters", lambda s: s[:36]),
    "63": Overlooked("what is behind 63 characters", lambda s: s[:63]),
}


class Folded(dict[Any, V]):
    """A table whose keys are compared by what is left of them."""

    def __init__(self, fold: Callable[[Any], Any]) -> None:
        super().__init__()
        self._fold = fold

    def __getitem__(self, key: Any) -> V:
        """Return what stands under a key, or one that is like it."""
        return super().__getitem__(self._fold(key))

    def __setitem__(self, key: Any, value: V) -> None:
        """Put something under a key, and all that are like it."""
        super().__setitem__(self._fold(key), value)

    def __delitem__(self, key: Any) -> None:
        """Take away what stands under a key, or one that is like it."""
        super().pop(self._fold(key), None)

    def __contains__(self, key: Any) -> bool:
        """Say whether something stands under a key, or one that is like it."""
        return super().__contains__(self._fold(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """Return what stands under a key or one that is like it, else the default."""
        return super().get(self._fold(key), default)

    def pop(self, key: Any, *default: Any) -> Any:
        """Take away and return what stands under a key, or one that is like it."""
        return super().pop(self._fold(key), *default)
