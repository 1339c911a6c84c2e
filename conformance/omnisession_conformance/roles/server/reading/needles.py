"""Many texts looked for in many messages: what nobody may be told, wherever it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

SHORTEST_SECRET = 8
"""Shorter texts are found by chance."""
LONG_START = 16
FEW = 4
BATCH = 512
"""Messages that are searched at once: a search costs more to begin than to go on for a message."""
BATCH_BYTES = 4_000_000
"""They are put together for it, so there are fewer of large ones."""
SEPARATOR = b"\xff"
"""Stands between two messages of a batch; no UTF-8 has it, so nothing is found across it."""


class Needles:
    """Texts in UTF-8 to look for, fast where they begin alike.

    Ids and tokens of one run have a long beginning in common and are made of few characters: one
    pattern finds everything that looks like them.
    """

    def __init__(self, texts: Iterable[bytes], most_groups: int) -> None:
        """Take the texts; the very short ones and those of the smallest groups are left out."""
        self.texts = frozenset(text for text in texts if len(text) >= SHORTEST_SECRET)
        # Each group costs a look at every byte of the run, and who leaks, leaks what is usual.
        largest = sorted(_alike(self.texts), key=len, reverse=True)[:most_groups]
        self._groups = [
            (_beginning(group), _looks_like(group), sorted({len(text) for text in group}))
            for group in largest
        ]

    def any_of(self, messages: Iterable[bytes]) -> set[bytes]:
        """Return the texts that stand somewhere in messages: cheaper than where they do."""
        found: set[bytes] = set()
        for batch in _batches(messages):
            data = SEPARATOR.join(batch)
            for pattern, lengths in self._promising(data):
                if len(lengths) == 1:
                    found |= self.texts.intersection(pattern.findall(data))
                else:
                    found |= {text for _, text in self._matches(data, pattern, lengths)}
        return found

    def found_in(self, messages: Sequence[bytes]) -> dict[int, list[bytes]]:
        """Return the texts that stand in messages, as often as they do, by the message's index."""
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        begin = 0
        for batch in _batches(messages) if self.texts else ():
            joined = SEPARATOR.join(batch)
            ends = list(accumulate(len(message) + len(SEPARATOR) for message in batch))
            for pattern, lengths in self._promising(joined):
                for at, text in self._matches(joined, pattern, lengths):
                    found[begin + bisect_right(ends, at)].append(text)
            begin += len(batch)
        return dict(sorted(found.items()))

    def _promising(self, data: bytes) -> Iterator[tuple[re.Pattern[bytes], list[int]]]:
        for start, pattern, lengths in self._groups:
            # A long beginning that is not there is seen to be absent almost at once.
            if len(start) < LONG_START or start in data:
                yield pattern, lengths

    def _matches(
        self, data: bytes, pattern: re.Pattern[bytes], lengths: list[int]
    ) -> Iterator[tuple[int, bytes]]:
        for match in pattern.finditer(data):
            at = match.start()
            for length in lengths:
                text = data[at : at + length]
                if text in self.texts and len(text) == length:
                    yield at, text


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


def _alike(texts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Group texts that begin alike; those that soon differ in many ways by their length instead."""
    for group in _grouped(texts, lambda text: text[:SHORTEST_SECRET]):
        by_start = _grouped(group, lambda text: text[:LONG_START])
        yield from by_start if len(by_start) <= FEW else _grouped(group, len)


def _grouped(texts: Iterable[bytes], key: Callable[[bytes], object]) -> list[list[bytes]]:
    groups: defaultdict[object, list[bytes]] = defaultdict(list)
    for text in texts:
        groups[key(text)].append(text)
    return list(groups.values())


def _beginning(texts: list[bytes]) -> bytes:
    """Return what all texts begin with."""
    first, last = min(texts), max(texts)
    shortest = min(len(first), len(last))
    return first[: next((n for n in range(shortest) if first[n] != last[n]), shortest)]


def _looks_like(texts: list[bytes]) -> re.Pattern[bytes]:
    """Return a pattern for what begins like some texts, as long as the shortest of them."""
    common = _beginning(texts)
    length = min(len(text) for text in texts) - len(common)
    rest = bytes(sorted({byte for text in texts for byte in text[len(common) :]}))
    tail = b"[%b]{%d}" % (re.escape(rest), length) if length else b""
    return re.compile(re.escape(common) + tail)
