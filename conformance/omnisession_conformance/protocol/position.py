"""The position of a session: where its stream of states and events stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self, cast


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """`{epoch, seq, last_action_seq}` as answers, heartbeats and outcomes tell it (ORDER area).

    Ordered by epoch, then seq.
    """

    epoch: int
    seq: int
    last_action_seq: int = 0

    @classmethod
    def of(cls, value: Any) -> Self | None:
        """Read a position object, or a state or event body; None where a member is no integer."""
        if not isinstance(value, dict):
            return None
        told = cast("dict[str, Any]", value)
        epoch, seq, count = told.get("epoch"), told.get("seq"), told.get("last_action_seq")
        if type(epoch) is not int or type(seq) is not int or type(count) is not int:
            return None
        return cls(epoch, seq, count)

    @property
    def head(self) -> tuple[int, int]:
        """Epoch and seq, the part that orders a stream."""
        return (self.epoch, self.seq)

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq} (last action {self.last_action_seq})"
