"""What the sentences about an adapter say of its carrier."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """An answer is a `unit`, which an adapter has `put`; `alone` says what stands beside answers."""

    unit: str
    put: str
    alone: str

    @property
    def has_put(self) -> str:
        """That it has put one, as the middle of a sentence."""
        return f"{self.put} a {self.unit}"


LINES = Words("line", "written", "standard output carries nothing but answers")
MESSAGES = Words("message", "sent", "reply subjects carry nothing but answers")
