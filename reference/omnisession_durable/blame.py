"""Messages at which terms have ended: one that does so again must not end every term."""

import hashlib
from collections import OrderedDict

from omnisession_reference.wire import Incoming

REMEMBERED = 256
MOST_TERMS = 2
"""A failure may have been of one moment; a message that has ended so many terms is not handled again."""


class Blame:
    """How many terms ended at which message, for as long as the process lives."""

    def __init__(self) -> None:
        self._ended: OrderedDict[bytes, int] = OrderedDict()

    def note(self, message: Incoming) -> None:
        """Note that a term ended at a message."""
        name = _name(message)
        self._ended[name] = self._ended.pop(name, 0) + 1
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    def is_to_refuse(self, message: Incoming) -> bool:
        """Whether a message has ended terms enough."""
        return bool(self._ended) and self._ended.get(_name(message), 0) >= MOST_TERMS


def _name(message: Incoming) -> bytes:
    return hashlib.blake2b(message.subject.encode() + b" " + message.data).digest()
