"""What is folded next: each entry once, and nothing from a journal that has become another one."""

from collections import OrderedDict
from enum import IntEnum

from omnisession_durable.fold import Stored

REMEMBERED = 256
"""Of so many entries the times are kept: of an older one nobody sees whether it came back different."""


class Exit(IntEnum):
    """With what code an instance that stopped ends, as in sysexits.h."""

    PLANNED = 0
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


class Reader:
    """How far the journal was folded, and by which entries."""

    def __init__(self) -> None:
        self.seq = 0
        self._stamps: OrderedDict[int, int] = OrderedDict()

    def takes(self, stored: Stored) -> bool:
        """Whether an entry is new. Raises HaltError if it stands where another one was folded.

        A gap is no fault: the journal itself gave the next entry, and what stood between has vanished.
        """
        if stored.seq <= self.seq:
            self.compare(stored)
            return False
        self.seq = stored.seq
        self._stamps[stored.seq] = stored.at_ms
        if len(self._stamps) > REMEMBERED:
            self._stamps.popitem(last=False)
        return True

    def compare(self, stored: Stored) -> None:
        """Look at an entry that was folded before."""
        if self._stamps.get(stored.seq, stored.at_ms) != stored.at_ms:
            why = f"the journal has another entry at {stored.seq} than it had: its end was lost"
            raise HaltError(Exit.AGAIN, why)
