"""What a client wants done, as data: the shell does it, in this order."""

from collections.abc import Callable
from dataclasses import dataclass

from omnisession_client.values import State


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Take this subscription in place of the one before, and say Ready when it is in force."""

    subject: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish a message."""

    subject: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """Publish a message with a reply subject, and say Answered, after this time in any case."""

    number: int
    subject: str
    body: bytes
    within_ms: int


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Say Rang after a time drawn between these two; a timer of that name is set anew."""

    timer: str
    at_least_ms: int
    at_most_ms: int


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Say no Rang for this timer."""

    timer: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """Make a session id by a cryptographic source, and say Began."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Tell the user whether the action has its place; a reason says that it was refused here."""

    action_id: str
    refused: str | None


@dataclass(frozen=True, slots=True)
class Expiring:
    """Tell the user that the session ends with its token, at a time in ms, unless it is renewed."""

    expires_at: int


@dataclass(frozen=True, slots=True)
class Renewed:
    """Tell the user what became of another token: the end is that one's, or a code says why it is not.

    Without a code the session is closed, and there is nothing to renew.
    """

    moved: bool
    expires_at: int | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection: nothing more will be sent."""


Effect = (
    Subscribe
    | Publish
    | Request
    | SetTimer
    | CancelTimer
    | NewSession
    | Taken
    | Expiring
    | Renewed
    | Disconnect
)
Effects = tuple[Effect, ...]
Step = tuple[State, Effects]


def then(step: Step, go: Callable[[State], Step]) -> Step:
    """Go on from a step: the effects of both, in order."""
    state, effects = step
    after, more = go(state)
    return after, effects + more
