"""What is known of a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from omnisession_client.values import Doing
from omnisession_reference.wire import JsonObject

Limits = Mapping[str, int]
# Takes a slice, the data of an event and the limits of the session; gives the slice after it, and
# changes nothing in place. Raises TypeError or KeyError for data that it cannot use.
Reducer = Callable[[JsonObject, JsonObject, Limits], JsonObject]
# Takes a slice, an action that is pending, the own user and the limits; gives what is shown with it.
Rule = Callable[[JsonObject, Doing, str, Limits], JsonObject]

# What an action creates has an id of the view alone until the server gives one: this and its action_id.
LOCAL = "local:"


class Creates(NamedTuple):
    """What creates an entry: the type of the action, the id in its result, the list that has it then."""

    action: str
    result: str
    entries: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: its empty slice, what reads one, the reducers of its events and the rules of its actions."""

    name: str
    prefix: str
    empty: JsonObject
    check: Callable[[JsonObject], None]
    reducers: Mapping[str, Reducer]
    rules: Mapping[str, Rule]
    creates: Creates | None = None

    def usable(self, data: JsonObject) -> bool:
        """Whether a state can be held: its lists are such that every event can be reduced into them."""
        try:
            self.check(data)
        except (KeyError, TypeError):
            return False
        return True

    def reduce(
        self, held: JsonObject, event: str, data: JsonObject, limits: Limits
    ) -> JsonObject | None:
        """The slice after an event; as it was after one that is not known, None where it has no use."""
        reducer = self.reducers.get(event)
        if reducer is None:
            return held
        try:
            return reducer(held, data, limits)
        except (KeyError, TypeError):
            return None


def changed(held: JsonObject, **members: Any) -> JsonObject:
    """A slice with other members; those that the protocol does not name stay."""
    return {**held, **members}


def given(data: JsonObject, names: tuple[str, ...]) -> JsonObject:
    """Those of some members that are there."""
    return {name: data[name] for name in names if name in data}


def in_front(entries: list[JsonObject], entry: JsonObject, limit: int | None) -> list[JsonObject]:
    """Put an entry before all others; cut the list at its end."""
    return [entry, *entries][:limit]


def with_changes(
    entries: list[JsonObject], entry_id: object, changes: JsonObject
) -> list[JsonObject]:
    """Change members of the entry with an id, in its place."""
    return [{**entry, **changes} if entry["id"] == entry_id else entry for entry in entries]
