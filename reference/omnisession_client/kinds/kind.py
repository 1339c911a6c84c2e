"""What is known of a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from omnisession_reference.wire import JsonObject

Limits = Mapping[str, int]
# Takes a slice, the data of an event and the limits of the session; gives the slice after it, and
# changes nothing in place. Raises TypeError or KeyError for data that it cannot use.
Reducer = Callable[[JsonObject, JsonObject, Limits], JsonObject]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind: its empty slice, what reads one, and the reducers of its events by type."""

    name: str
    prefix: str
    empty: JsonObject
    check: Callable[[JsonObject], None]
    reducers: Mapping[str, Reducer]

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
