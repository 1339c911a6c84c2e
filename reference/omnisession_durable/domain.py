"""What the durable parts ask of what sessions are about, and what a decision rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from omnisession_durable.entries import Outcome
from omnisession_durable.people import Head
from omnisession_reference.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Later:
    """A refusal that leaves no trace: the same bytes may succeed later."""

    error: JsonObject


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of an action: an outcome, and what is written if it holds when it is folded."""

    outcome: Outcome
    writes: tuple[JsonObject, ...] = ()


class Domain(Protocol):
    """What sessions are about. All of it is a function of the entries that were folded.

    It asks no clock and draws nothing while it writes: ids and times come in with the entry.
    """

    def version(self, key: str) -> int:
        """The sequence of the entry that wrote an entity last, 0 where there is none.

        It is never the same again, as a revision is where something is deleted and made anew.
        """
        ...

    def entity(self, key: str) -> Any:
        """An entity, or None."""
        ...

    def agrees(self, terms: JsonObject) -> bool:
        """Whether a session of these terms can be shown: it knows all the kinds; never raises."""
        ...

    def fits(self, writes: Sequence[JsonObject]) -> bool:
        """Whether all of these have a meaning now; never raises, whatever they are."""
        ...

    def write(self, seq: int, at_ms: int, writes: Sequence[JsonObject]) -> Iterable[JsonObject]:
        """Write what fits, and return the changes as sessions are told them."""
        ...

    def reaches(self, change: JsonObject, head: Head) -> bool:
        """Whether a change is told in a session."""
        ...

    def show(self, head: Head) -> Mapping[str, JsonObject]:
        """The slices of a session by kind, as its states tell them; no later write alters them."""
        ...


class Looking:
    """How a decision looks at the domain: what it has seen is noted, and judged again by the fold."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self.reads: dict[str, int] = {}

    def look(self, key: str) -> Any:
        """Return an entity, or None; the decision holds only if it is the same when it is folded."""
        self.reads[key] = self._domain.version(key)
        return self._domain.entity(key)

    def glance(self, key: str) -> Any:
        """Return an entity that is only added to: whether that still fits is judged by the write."""
        return self._domain.entity(key)


@dataclass(frozen=True, slots=True)
class Action:
    """A copy of an action, as far as a decision needs it."""

    user: str
    session: str
    action_id: str
    client_seq: int
    type: str
    data: JsonObject
    fingerprint: str
    expect: int | None = None


class Decider(Protocol):
    """Decides actions; looks, and writes nothing itself."""

    def decide(self, action: Action, looking: Looking, at_ms: int) -> Decision | Later:
        """Decide on an action that is next and new."""
        ...
