"""An action as it was received, and what it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omnisession_reference.change import Change
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Action:
    """One received copy of an action of a live session, its data not yet judged.

    `row` names the subject's row in subjects.json; `data` is the same on every action subject.
    """

    session: Session
    row: str
    body: JsonObject
    data: Any
    fingerprint: bytes
    reply: str
    trace: str | None

    @property
    def user_id(self) -> str:
        """The acting user."""
        return self.session.user_id

    @property
    def action_id(self) -> str:
        """What names the action in all its copies."""
        return self.body["action_id"]

    @property
    def client_seq(self) -> int:
        """Its number in its session."""
        return self.body["client_seq"]


@dataclass(frozen=True, slots=True)
class Effects:
    """What an accepted action did, and the ids of what it made."""

    changes: Sequence[Change] = ()
    result: Mapping[str, str] | None = None


# Checks rights and rules, changes the store and returns the effects; a Refusal changes nothing.
Handler = Callable[[Action], Effects]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The final outcome of an action: an ack, or a nack with its error object."""

    action_id: str
    fingerprint: bytes
    result: Mapping[str, str] | None = None
    error: JsonObject | None = None

    def as_json(self, status: str) -> JsonObject:
        """Write what the outcome says apart from its place; an ack has a status."""
        if self.error is not None:
            return {"error": self.error}
        return (
            {"status": status} if self.result is None else {"status": status, "result": self.result}
        )
