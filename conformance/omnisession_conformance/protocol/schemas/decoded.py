"""What the strict decoder makes of bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

MAX_SAFE_INTEGER: Final = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly."""


HALF_PAIR: Final = "half of a surrogate pair, which is no Unicode text"
"""The message of the one flaw that a right server may repeat: it shows what a client made it take."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One place where the text of a body is not as the protocol wants it.

    `requirement` is ENV-001 for text that is not one clean JSON object and ENV-004 for numbers;
    `pointer` is the JSON pointer of the place, "" where it is the whole body.
    """

    requirement: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as far as it could be read, and the flaws of its text.

    `body` is None when there is no object at all. Where there are flaws it is the best guess:
    text that is no Unicode is replaced, the last of duplicate members is kept, 5.0 becomes 5.
    """

    body: dict[str, Any] | None
    flaws: tuple[Flaw, ...]
