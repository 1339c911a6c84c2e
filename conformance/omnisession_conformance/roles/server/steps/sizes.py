"""Values of an exact size, as the protocol measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.model.digest import canonical

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.session import Session

ROOM = 1_024
"""What a message may need at the broker beside its body."""


def size(value: Any) -> int:
    """Bytes of the RFC 8785 form, by which the protocol measures."""
    return len(canonical(value))


def carried(session: Session, bytes_: int) -> bool:
    """Whether the broker carries a body of so many bytes: a target may tell of any limit."""
    return bytes_ + ROOM < session.publisher.client.max_payload


def must_carry(session: Session, bytes_: int) -> None:
    """Stop the case where the broker does not carry a body of so many bytes; raises Prerequisite."""
    if not carried(session, bytes_):
        raise Prerequisite(f"the broker does not carry {bytes_} bytes, which the target advertises")


def text_of(fill: str, bytes_: int) -> str:
    """A string whose RFC 8785 form, quotes included, has exactly so many bytes."""
    each = size(fill) - 2
    count, rest = divmod(bytes_ - 2, each)
    return fill * count + "x" * rest
