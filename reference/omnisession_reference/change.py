"""Changes, the slices that they are folded into, and whom they are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

    from omnisession_reference.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one entity, named once for all sessions that it reaches.

    `brief` is the same data as sessions see it that do not hold the entity in full. `hint` is the
    article to publish a hint for, or None. `event_id` is empty until it is carried to the sessions.
    """

    kind: str
    type: str
    data: JsonObject
    sessions: Collection[Listener]
    brief: JsonObject | None = None
    hint: str | None = None
    event_id: str = ""


class Slice(Protocol):
    """What one session holds of one kind: always the fold of what it was told."""

    def view(self, change: Change) -> JsonObject:
        """Return the data of a change as this session is to see it."""
        ...

    def reduce(self, change_type: str, data: JsonObject) -> None:
        """Fold a change in, by the normative reducer of its type."""
        ...

    def data(self) -> JsonObject:
        """Write the slice as the data of a state; no later change alters what was returned."""
        ...


class Listener(Protocol):
    """A session, as far as changes are concerned: what it holds, and how it is told."""

    user_id: str
    session_id: str
    slices: dict[str, Slice]

    @property
    def events(self) -> bool:
        """Whether changes are told by events; otherwise states tell them."""
        ...

    @property
    def overdue(self) -> bool:
        """Whether something is held back that is to be told at once."""
        ...

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        """Publish a change as this session is shown it."""
        ...

    def publish_state(self, kind: str, reason: str) -> None:
        """Publish the slice of a kind, whole."""
        ...

    def hold_back(self, kind: str) -> None:
        """Note a change of others that a state will tell, soon."""
        ...

    def flush(self) -> None:
        """Publish the states that were held back."""
        ...
