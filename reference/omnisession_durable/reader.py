"""What is folded next: each entry once, and nothing from a journal that has become another one."""

import hashlib
from collections import OrderedDict
from enum import IntEnum
from typing import NamedTuple

from omnisession_durable.fold import Stored

REMEMBERED = 256
"""Of so many entries the marks are kept: of an older one nobody sees whether it came back different."""


class Exit(IntEnum):
    """With what code an instance that stopped ends, as in sysexits.h."""

    PLANNED = 0
    FAILED = 70
    """The program is wrong; a supervisor may start it again, and will see whether that helps."""
    AGAIN = 75
    """A supervisor starts it again."""
    CONFIGURED = 78
    """Somebody has to look at it first."""


class HaltError(Exception):
    """An instance cannot go on without guessing: it ends with this code."""

    def __init__(self, code: Exit, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class Mark(NamedTuple):
    """By what an entry is known again: when it was stored, and a digest of its bytes."""

    at_ms: int
    digest: bytes


def mark_of(stored: Stored) -> Mark:
    """The mark of an entry."""
    return Mark(stored.at_ms, hashlib.blake2b(stored.data, digest_size=16).digest())


class Reader:
    """How far the journal was folded, and by which entries."""

    def __init__(self) -> None:
        self.seq = 0
        self._marks: OrderedDict[int, Mark] = OrderedDict()
        # The last entry that does not vanish by itself, and what it is known by.
        self._kept = (0, Mark(0, b""))
        self._awaited = 0

    def resume(self) -> int:
        """From where a new consumer has to hand entries over: the last one that cannot have vanished.

        It has to come again. Beats behind it may be gone, and tell nothing of which journal it is.
        """
        self._awaited = self._kept[0]
        return max(self._awaited, 1)

    def keep(self, stored: Stored) -> None:
        """Note that an entry that was folded does not vanish by itself."""
        self._kept = (stored.seq, mark_of(stored))

    def takes(self, stored: Stored) -> bool:
        """Whether an entry is new. Raises HaltError if it stands where another one was folded.

        A gap is no fault: the journal itself gave the next entry, and what stood between has vanished.
        """
        if self._awaited:
            self.await_kept(stored)
        if stored.seq <= self.seq:
            self.compare(stored)
            return False
        self.seq = stored.seq
        self._marks[stored.seq] = mark_of(stored)
        if len(self._marks) > REMEMBERED:
            self._marks.popitem(last=False)
        return True

    def await_kept(self, stored: Stored) -> None:
        """Look whether the entry comes again from which the consumer began."""
        if stored.seq > self._awaited:
            raise HaltError(Exit.AGAIN, f"the journal has no entry {self._awaited} any more")
        if stored.seq == self._awaited:
            self._awaited = 0

    def compare(self, stored: Stored) -> None:
        """Look at an entry that was folded before."""
        known = dict((self._kept,)).get(stored.seq) or self._marks.get(stored.seq)
        if known not in (None, mark_of(stored)):
            why = f"the journal has another entry at {stored.seq} than it had: its end was lost"
            raise HaltError(Exit.AGAIN, why)
