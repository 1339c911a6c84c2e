"""What a run has made up for names, and how a message of others is told from one that has to do with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import tok

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = 10
"""Characters at an end of a drawn word that are enough to know it by."""
_WORD = re.compile(rb"[0-9a-z_-]{10,}")


class Marks:
    """The ends of all words that a run has drawn.

    On a shared broker a message that has such a word in it is the run's own affair, also where a faulty
    server has cut the word, put something before or behind it, or changed its case.
    """

    def __init__(self) -> None:
        self._ends: set[bytes] = set()

    def learn(self, drawn: str, *, before: str = "", behind: str = "") -> None:
        """Know a word from now on of which `before` and `behind` were not drawn."""
        words = _words(f"{before}{drawn}{behind}")
        for word in words:
            if not before:
                self._ends.add(word[:LENGTH])
            if not behind:
                self._ends.add(word[-LENGTH:])

    def learn_end(self, text: str) -> None:
        """Know a text from now on whose end was drawn, whatever it begins with."""
        for word in _words(text):
            self._ends.add(word[-LENGTH:])

    def among(self, *texts: str | bytes) -> bool:
        """Whether a word of the run stands in one of some texts."""
        return any(
            word[:LENGTH] in self._ends or word[-LENGTH:] in self._ends
            for text in texts
            for word in _WORD.findall(_bytes(text))
        )


def _words(id_: str) -> Iterator[bytes]:
    for text in dict.fromkeys((id_, tok(id_))):
        yield from _WORD.findall(_bytes(text))


def _bytes(text: str | bytes) -> bytes:
    return (text if isinstance(text, bytes) else text.encode("utf-8", "replace")).lower()
