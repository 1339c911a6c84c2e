"""What null targets say to a message. Pure but for the luck of the dice."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.traffic.connection import Heard

TYPES = ("session.opened", "session.pong", "action.ack", "error", "session.open", "", None, 7)
WORDS = ("data", "type", "v", "error", "seq", "x", "user_id", "nonsense", "")
LONGEST = 300
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a null target publishes."""

    subject: str
    data: bytes


def silent(_message: Heard) -> Sequence[Said]:
    """Say nothing."""
    return ()


def echo(message: Heard) -> Sequence[Said]:
    """Say what was said."""
    return _reply(message, message.data)


class Garbage:
    """Says something else each time; the same seed says the same."""

    def __init__(self, seed: int = 0) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - nothing here is a secret

    def __call__(self, message: Heard) -> Sequence[Said]:
        """Answer with bytes, with a JSON value, or with one that looks a little like a body."""
        return _reply(message, self.bytes())

    def bytes(self) -> bytes:
        """Make the next garbage."""
        match self._dice.randrange(3):
            case 0:
                return self._dice.randbytes(self._dice.randrange(LONGEST))
            case 1:
                return json.dumps(self._value(DEEPEST)).encode()
            case _:
                body = {"type": self._dice.choice(TYPES), "data": self._value(DEEPEST)}
                return json.dumps(body).encode()

    def _value(self, depth: int) -> Any:
        leaves = (None, True, -1, 0.5, 2**70, "nonsense", "\U0001f600", "")
        match self._dice.randrange(3 if depth else 1):
            case 0:
                return self._dice.choice(leaves)
            case 1:
                return [self._value(depth - 1) for _ in range(self._dice.randrange(4))]
            case _:
                names = self._dice.sample(WORDS, self._dice.randrange(4))
                return {name: self._value(depth - 1) for name in names}


def _reply(message: Heard, data: bytes) -> Sequence[Said]:
    return (Said(message.reply, data),) if message.reply else ()
