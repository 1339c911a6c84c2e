"""Many texts looked for in many messages: what nobody may be told, wherever it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SHORTEST_SECRET = 8
"""Shorter texts are found by chance."""
LONGEST_WORD = 13
"""Longer rows of letters are no words of any text."""
BATCH = 512
"""Messages that are searched at once: a search costs more to begin than to go on for a message."""
BATCH_BYTES = 4_000_000
"""They are put together for it, so there are fewer of large ones."""
SEPARATOR = b"\xff"
"""Stands between two messages of a batch; no UTF-8 has it, so nothing is found across it."""
BETWEEN_ENTRIES = b"},{"
"""Stands between two entries of a list: of most states nearly all entries stood in another before."""
FEW = 16
"""So many beginnings are looked for one by one sooner than all words of a message are read."""
_WORD = re.compile(b"[0-9A-Za-z]{%d,}" % SHORTEST_SECRET)


def is_a_word(id_: str) -> bool:
    """Whether an id may stand in ordinary text, and means nobody there."""
    return id_.isalpha() and len(id_) <= LONGEST_WORD


class Needles:
    """Texts in UTF-8 to look for, however many there are and whatever they look like.

    Each is known by both ends of its longest word of letters and digits. So the time that a search takes
    does not depend on how many texts there are, and a text is found also within another, such as an id
    that is made of it; only one with letters or digits put close to both of its ends is not.
    """

    def __init__(self, texts: Iterable[bytes]) -> None:
        """Take the texts; the very short ones are left out."""
        self.texts = frozenset(text for text in texts if len(text) >= SHORTEST_SECRET)
        self._words: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self._heads: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self._tails: defaultdict[bytes, list[bytes]] = defaultdict(list)
        self._without: list[bytes] = []
        """Texts without a word, which are looked for one by one: they are few."""
        self._starts = frozenset(text[:SHORTEST_SECRET] for text in self.texts)
        self._over_entries = any(BETWEEN_ENTRIES in text for text in self.texts)
        for text in self.texts:
            if words := _WORD.findall(text):
                longest = max(words, key=len)
                self._words[longest].append(text)
                self._heads[longest[:SHORTEST_SECRET]].append(text)
                self._tails[longest[-SHORTEST_SECRET:]].append(text)
            else:
                self._without.append(text)

    def any_of(self, messages: Iterable[bytes]) -> set[bytes]:
        """Return the texts that stand somewhere in messages: cheaper than where they do."""
        parts = set(messages)
        if not self._over_entries:
            parts = {part for message in parts for part in message.split(BETWEEN_ENTRIES)}
        found: set[bytes] = set()
        for batch in _batches(parts):
            found |= self._in(SEPARATOR.join(batch))
        return found

    def found_in(self, messages: Sequence[bytes]) -> dict[int, list[bytes]]:
        """Return the texts that stand in messages, as often as they do, by the message's index."""
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        likely = self._likely(messages)
        begin = 0
        for batch in _batches(messages[n] for n in likely):
            data = SEPARATOR.join(batch)
            if there := self._in(data):
                ends = list(accumulate(len(message) + len(SEPARATOR) for message in batch))
                places = sorted((at, text) for text in there for at in _all(text, data))
                for at, text in places:
                    found[likely[begin + bisect_right(ends, at)]].append(text)
            begin += len(batch)
        return dict(sorted(found.items()))

    def _likely(self, messages: Sequence[bytes]) -> Sequence[int]:
        """The messages in which one of the texts begins, as far as that is quickly told."""
        if len(self._starts) > FEW:
            return range(len(messages))
        numbered = list(enumerate(messages))
        return sorted({n for start in self._starts for n, one in numbered if start in one})

    def _in(self, data: bytes) -> set[bytes]:
        """The texts in some data. Most words come again and again, and are looked at once."""
        words = set(_WORD.findall(data))
        # Of many that begin alike, as tokens do, it is one where the whole word is known.
        whole = self._words.keys() & words
        words -= whole
        heads = self._heads.keys() & {word[:SHORTEST_SECRET] for word in words}
        tails = self._tails.keys() & {word[-SHORTEST_SECRET:] for word in words}
        promised = set(self._without)
        for known, ends in ((self._words, whole), (self._heads, heads), (self._tails, tails)):
            for end in ends:
                promised.update(known[end])
        return {text for text in promised if text in data}


def _all(text: bytes, data: bytes) -> Iterator[int]:
    at = data.find(text)
    while at >= 0:
        yield at
        at = data.find(text, at + len(text))


def _batches(messages: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for message in messages:
        batch.append(message)
        size += len(message)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
