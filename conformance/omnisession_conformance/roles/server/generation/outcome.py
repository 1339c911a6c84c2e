"""What was sent and what was told, as values: what the model compares with what it expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.roles.server.generation.world import Value, World

ACK = 0
"""In place of a code: it was taken."""
NONE = -1
"""In place of a code: nothing came in its time."""
ODD_ANSWER = -2
"""In place of a code: what came is neither an ack nor a refusal."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an action or request, as far as it is compared."""

    code: int
    type: str = ""
    status: str = ""
    result: Mapping[str, Any] = field(default_factory=dict[str, Any])
    error: Mapping[str, Any] = field(default_factory=dict[str, Any])
    position: tuple[int, int, int] | None = None
    at_s: float = 0.0
    record: int = -1
    """The number of the message in the log."""

    @property
    def acked(self) -> bool:
        """Whether the action was taken."""
        return self.code == ACK

    @property
    def retryable(self) -> bool:
        """Whether the same bytes may be taken later."""
        return self.error.get("retryable") is True

    def __str__(self) -> str:
        if self.code == NONE:
            return "nothing in its time"
        if self.code == ACK:
            return f"{self.type} ({self.status})" if self.status else self.type
        if self.code == ODD_ANSWER:
            return self.type or "a message without type"
        return f"{self.type} {self.code} {self.error.get('name', '')}".rstrip()


@dataclass(frozen=True, slots=True)
class Sent:
    """A copy of an action as it was sent; `body` is what makes two copies the same action."""

    name: str
    session: str
    type: str
    on: str
    given: Mapping[str, Value]
    body: str
    action_id: str
    seq: int
    at_s: float
    shared: bool = False
    silent: bool = False
    crooked: str = ""
    """What is wrong with its body by the schema, if anything is."""
    near: bool = False
    """Whether its id is nearly that of another action."""
    header: str = ""
    """The `Nats-Msg-Id` that it is sent with."""
    expect: tuple[str, int] | None = None
    """The article and the place of the revision that it expects; a place of -1 is none there is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a right server does not do."""

    requirement: str
    expected: str
    seen: str
    because: str = ""
    pointer: str = ""
    records: tuple[int, ...] = ()
    eventual: bool = False
    """It may come right within two seconds."""
    absent: bool = False
    """Something that had to come did not."""

    def __str__(self) -> str:
        return f"{self.requirement}: expected {self.expected}, seen {self.seen}"


NO_FORM, TOO_LONG = "form", "long"
"""What may be wrong with a body so that nobody knows which action it is."""
Effect = Callable[["World", Sent, Told], None]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the pages let come of an action: `code` first of all, and `also` where a server has a choice."""

    code: int
    requirement: str
    because: str
    also: tuple[int, ...] = ()
    effect: Effect | None = None

    def allows(self, code: int) -> bool:
        """Whether a code is one of those."""
        return code == self.code or code in self.also


def refused(code: int, requirement: str, because: str, *also: int) -> Forecast:
    """A forecast of a refusal."""
    return Forecast(code, requirement, because, also)
