"""What a client has said through its gate, in order, as values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.environment.proxy.operations import Connect, Pub, Sub, Unsub
from omnisession_conformance.protocol.json import as_text, member
from omnisession_conformance.protocol.schemas import decode

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.schemas import Decoded


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection is over."""


Op: TypeAlias = Connect | Sub | Unsub | Pub | Ended


@dataclass(frozen=True)
class Seen:
    """One operation of a client: on which connection, from 0 on, and when by the clock of the loop.

    `refused` says that the gate kept it from the broker and said that nobody is there.
    """

    link: int
    at_s: float
    op: Op
    refused: bool = False

    @property
    def subject(self) -> str:
        """Of a SUB or a PUB, else empty; bytes that are no UTF-8 are escaped."""
        return _text(self.op.subject) if isinstance(self.op, Sub | Pub) else ""

    @property
    def reply(self) -> str:
        """Where the answer is to go; empty for nowhere."""
        return _text(self.op.reply) if isinstance(self.op, Pub) else ""

    @property
    def payload(self) -> bytes:
        """The bytes that a PUB carries."""
        return self.op.payload if isinstance(self.op, Pub) else b""

    @cached_property
    def decoded(self) -> Decoded:
        """What they say, with the flaws of the text."""
        return decode(self.payload)

    @property
    def body(self) -> Object | None:
        """The body, None where it is none."""
        return self.decoded.body if isinstance(self.op, Pub) else None

    @property
    def type(self) -> str:
        """The type of the body, empty where it has none."""
        return as_text(member(self.body, "type"))


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A PING of the client and its PONG; both by how much the gate had seen by then."""

    link: int
    asked_at: int
    answered_at: int


def _text(word: bytes) -> str:
    return word.decode("utf-8", "surrogateescape")
