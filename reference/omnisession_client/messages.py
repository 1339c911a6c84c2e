"""What comes to a client: each message is handled by `update`, one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A message has the time at which it is handled, in milliseconds since the Unix epoch.

    `steady_ms` is the same by a clock that nobody sets and that goes on in sleep; None where the first
    one is such a clock.
    """

    at_ms: int
    steady_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Began(Timed):
    """A session begins, under an id that was made for it."""

    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Timed):
    """The connection is there and the subscription in force on it, at first or again."""

    max_payload: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost(Timed):
    """The connection is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard(Timed):
    """The session's subscription brought a message."""

    subject: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Timed):
    """A request was answered; without `data` nobody answered in time, or nobody is there."""

    number: int
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rang(Timed):
    """The time of a timer has come."""

    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched(Timed):
    """The user does something; the id was made for this action."""

    action_id: str
    type: str
    data: Mapping[str, Any]
    expect: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewing(Timed):
    """The user has another token, by which the session is to go on."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Timed):
    """The user leaves."""


Message = Began | Ready | Lost | Heard | Answered | Rang | Dispatched | Renewing | Stopped
