"""Values of an exact size, as the protocol measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.limits import DEFAULT_LIMITS
from omnisession_conformance.protocol.model.digest import canonical

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.publisher import Publisher

ROOM = 1_024
"""What a message may need at the broker beside its body."""
TIMES = 4
"""So many times its default a limit of a member is tried."""


MIXED = 'x <"\\\n\t\r\b\f/\x01\x7f\u00e9\u2028\U0001f3d4'
"""One of each sort of characters: in RFC 8785 form some have an escape of two bytes, some one of six, and
some that others write as an escape have none."""


def size(value: Any) -> int:
    """Bytes of the RFC 8785 form, by which the protocol measures."""
    return len(canonical(value))


def reachable(publisher: Publisher, bytes_: int) -> int:
    """The largest body up to so many bytes that the broker carries: a target may tell of any limit."""
    return min(bytes_, publisher.client.max_payload - ROOM)


def usable(session: Session, name: str) -> int:
    """The largest value up to the limit of a name that is tried.

    What no action brings to the target nobody can send, so it has not to be refused; nor is a target
    filled up that tells of a limit far above the usual one.
    """
    action = reachable(session.publisher, session.declared.limit("action")) - ROOM
    return min(session.declared.limit(name), action, TIMES * DEFAULT_LIMITS[name])


def text_of(fill: str, bytes_: int) -> str:
    """A string whose RFC 8785 form, quotes included, has exactly so many bytes."""
    each = size(fill) - 2
    count, rest = divmod(bytes_ - 2, each)
    return fill * count + "x" * rest
