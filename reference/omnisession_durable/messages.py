"""What an owner is asked, and what it says, before any of it is bytes."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from omnisession_durable.domain import Action
from omnisession_durable.entries import Outcome
from omnisession_reference.session import Key
from omnisession_reference.wire import JsonObject


class Position(NamedTuple):
    """A place in the stream of a session."""

    epoch: int
    seq: int
    last_action_seq: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A control request of a session. A sync and a resume will not be decided, and are not there yet."""

    what: Literal["open", "ping", "close"]
    key: Key
    reply: str
    terms: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """A copy of an action."""

    action: Action
    reply: str

    @property
    def key(self) -> Key:
        """Whose it is."""
        return (self.action.user, self.action.session)


Request = Ask | Try


@dataclass(frozen=True, slots=True)
class State:
    """The slice of a kind, whole."""

    key: Key
    position: Position
    kind: str
    reason: str
    data: JsonObject


@dataclass(frozen=True, slots=True)
class Event:
    """A change as a session is told it."""

    key: Key
    position: Position
    change: JsonObject


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome: an ack `applied` or `duplicate`, or a nack, for good or not."""

    key: Key
    reply: str
    action_id: str
    client_seq: int
    status: str
    position: Position
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a control request; an error has a code and no position.

    How long to wait after 4290 (ERR-007) is said by whoever makes bytes of it, here as in an outcome.
    """

    key: Key
    reply: str
    what: str
    position: Position | None = None
    code: int = 0


Message = State | Event | Told | Answer
