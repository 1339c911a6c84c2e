"""Rows of the optimistic view: slices, what is pending over them, and what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.model.optimistic import views
from omnisession_conformance.protocol.model.optimistic.rules import Here, Pending
from omnisession_conformance.protocol.model.optimistic.values import NotTaken, OfType
from vectors.entries import USER
from vectors.views import closed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vectors.lines import Json

LIMITS = {
    "articles": 20,
    "revisions": 10,
    "editors": 20,
    "chat_messages": 20,
    "participants": 20,
    "urls": 20,
}
TYPES = {str: "string", int: "integer"}


@dataclass(frozen=True, slots=True)
class Act:
    """An action of the user."""

    type: str
    data: Json
    expect: Json | None = None


def act(type_: str, /, *, expect: Json | None = None, **data: Any) -> Act:
    """An action, by its data."""
    return Act(type_, data, expect)


def row(
    name: str,
    shows: str,
    slices: Mapping[str, Json],
    *acts: Act,
    needs: Sequence[str] = (),
    limits: Mapping[str, int] | None = LIMITS,
) -> Json:
    """One row, with the view of the model; without `limits` it is before the first opened."""
    pending = [Pending(one.type, one.data, f"x{number}") for number, one in enumerate(acts, 1)]
    view = views.fold(slices, pending, Here(USER, limits))
    found: Json = {"name": name, "shows": shows, "requirements": ["HYB-005", *needs]}
    found["user_id"] = USER
    if limits is not None:
        found["limits"] = dict(limits)
    found["slices"] = dict(slices)
    found["pending"] = [_told(f"x{number}", one) for number, one in enumerate(acts, 1)]
    found["view"] = closed(view)
    types = {at: TYPES[value.type] for at, value in _open(view) if isinstance(value, OfType)}
    never = {at: value.value for at, value in _open(view) if isinstance(value, NotTaken)}
    return {**found, **({"types": types} if types else {}), **({"never": never} if never else {})}


def _told(action_id: str, one: Act) -> Json:
    expect = {} if one.expect is None else {"expect": one.expect}
    return {"action_id": action_id, "type": one.type, "data": one.data, **expect}


def _open(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that nobody can know whole, by its JSON pointer."""
    if is_object(value):
        for name, member in value.items():
            yield from _open(member, f"{at}/{name}")
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _open(item, f"{at}/{index}")
    else:
        yield at, value


Rows = Callable[[], list["Json"]]
