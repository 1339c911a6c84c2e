"""The room that the messages of a run have: how many there may be, and how much memory they may take."""

from __future__ import annotations

from dataclasses import dataclass

from omnisession_conformance.environment.bounds import MB, MESSAGES, Bounds

RECORD = 2_000
"""What a message takes beside its bytes, in the log and for the rules."""
_WIDE = 4
"""Bytes of each character of a text with characters beyond ASCII."""
_PIECES = ((b"{", 130), (b"[", 64), (b",", 72), (b":", 64))
"""What begins or parts values of a body, and what they take decoded."""


def weight(data: bytes) -> int:
    """About how many bytes of memory a message takes, decoded and as it is."""
    size = len(data)
    pieces = sum(data.count(piece) * each for piece, each in _PIECES)
    return RECORD + size + size * (1 if data.isascii() else _WIDE) + pieces


@dataclass(slots=True)
class Room:
    """What is left of it."""

    bounds: Bounds
    messages: int = 0
    bytes_: int = 0

    def take(self, data: bytes) -> str | None:
        """Take room for a message; say why there is none."""
        self.messages += 1
        self.bytes_ += weight(data)
        if self.messages > self.bounds.messages:
            return (
                f"more than {self.bounds.messages} messages came, and no more are kept; "
                f"a run that needs more takes `messages` under [bounds] (without it {MESSAGES})"
            )
        if self.bytes_ > self.bounds.kept_bytes:
            return (
                f"{self.messages} messages take more than {self.bounds.kept_bytes / MB:.0f} MB, and "
                "no more are kept; a run that needs more takes `memory` under [bounds]"
            )
        return None
