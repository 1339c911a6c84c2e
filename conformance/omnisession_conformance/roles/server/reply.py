"""What an answer says: one to a control request, or the outcome of an action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_object, maybe_int, maybe_text
from omnisession_conformance.protocol.position import Position

if TYPE_CHECKING:
    from omnisession_conformance.traffic.record import Record

BUSY = (4290, 5000, 5030, 5040)
LATER_MS = 2_000
"""A server that is busy for longer is not waited for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the target: `record` is what the tap saw."""

    record: Record

    @property
    def type(self) -> str:
        """The body's type."""
        return self.record.type

    @property
    def data(self) -> dict[str, Any]:
        """The body's data."""
        return self.record.payload

    @property
    def error(self) -> dict[str, Any]:
        """The error object of an `error` or `action.nack`, else an empty one."""
        return as_object(self.data.get("error"))

    @property
    def code(self) -> int | None:
        """The error code, if it is a refusal."""
        return maybe_int(self.error.get("code"))

    @property
    def position(self) -> Position | None:
        """The position that the answer tells."""
        return Position.of(self.data.get("position"))

    @property
    def acked(self) -> bool:
        """Whether it is an ack, applied or duplicate."""
        return self.type == "action.ack"

    @property
    def status(self) -> str | None:
        """`applied` or `duplicate` of an ack."""
        return maybe_text(self.data.get("status"))

    @property
    def result(self) -> dict[str, Any]:
        """The ids that an ack names, if any."""
        return as_object(self.data.get("result"))

    @property
    def later_ms(self) -> int | None:
        """How long to wait before the same bytes may be sent again, where the target says so."""
        later = maybe_int(self.error.get("retry_after_ms"))
        asks = self.code in BUSY and self.error.get("retryable") is True
        return later if asks and later is not None and 0 <= later <= LATER_MS else None

    def must_be(self, type_: str) -> Answer:
        """The answer itself, where it is of a type; Prerequisite where another came than was asked for."""
        if self.type != type_:
            raise Prerequisite(f"{type_} was needed, and {self} came")
        return self

    def position_or_stop(self, type_: str) -> Position:
        """The position of an answer that must be of a type; Prerequisite where it is not."""
        position = self.position
        if self.type != type_ or position is None:
            raise Prerequisite(f"{type_} with a position was needed, and {self} came")
        return position

    def __str__(self) -> str:
        if self.code is not None:
            return f"{self.type} {self.code} {self.error.get('name', '')}".rstrip()
        status = f" ({self.status})" if self.status else ""
        return f"{self.type or 'a message without type'}{status}"
