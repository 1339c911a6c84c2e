"""What the tap keeps of one message: the unit of the log, of transcripts and of evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.subjects import Side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.protocol.schemas.strict import Flaw
    from omnisession_conformance.protocol.subjects import Address


class Party(StrEnum):
    """Who published a message, as far as the kit can tell."""

    KIT = "kit"
    TARGET = "target"
    STRANGER = "foreign"
    """Other people's traffic on a shared broker: judged by nothing, kept out of the transcript."""


def side_of(party: Party, kit: Side = Side.CLIENT) -> Side:
    """The side of what somebody sent, where the kit plays one side and the target is on the other."""
    return kit if party is Party.KIT else kit.other


@dataclass(slots=True)
class Record:
    """One message as the tap saw it; never changed.

    It is not frozen only because making a frozen one takes three times as long.

    `n` counts from 0 in the order of arrival; `t_ns` is the tap's monotonic clock and `at_ms` its
    wall clock; `body` is the decoded object, kept as well as possible when the text has `flaws`,
    and None when it is no JSON object at all. `party` is who sent it, and who is to blame; `side` is
    as what: requests are of the client's side and answers of the server's, whoever sent them.
    """

    n: int
    t_ns: int
    at_ms: int
    subject: str
    reply: str
    headers: Mapping[str, str]
    data: bytes
    body: dict[str, Any] | None
    flaws: Sequence[Flaw]
    """What is wrong with the text, or of a target's body by its schema; see `reader`."""
    party: Party
    side: Side
    case: str | None
    address: Address
    type: str = field(init=False)
    """The body's `type`, or an empty string; read once, since every rule asks for it."""
    payload: dict[str, Any] = field(init=False)
    """The body's `data` where it is an object, else an empty one; read once as well."""

    def __post_init__(self) -> None:
        body = self.body or {}
        type_, data = body.get("type"), body.get("data")
        self.type = type_ if isinstance(type_, str) else ""
        self.payload = data if isinstance(data, dict) else {}

    def integer(self, name: str) -> int | None:
        """A top-level integer member of the body, or None where it is absent or no integer."""
        value = self.body.get(name) if self.body else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None
