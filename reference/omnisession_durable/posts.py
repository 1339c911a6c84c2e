"""What is published, with what has to be known of it until then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnisession_durable.owed import Copy
    from omnisession_reference.session import Key

Place = tuple[int, int, int]
"""Of a session: epoch, seq, last_action_seq."""


@dataclass(frozen=True, slots=True)
class Post:
    """A message as it is published.

    `of` is the message that it answers, `place` where a session is by it. What does not `claim` anything
    may be said by anybody, at any time.
    """

    subject: str
    payload: bytes
    trace: str | None
    of: Copy | None = field(default=None, repr=False)
    place: tuple[Key, Place] | None = field(default=None, repr=False)
    claims: bool = True
