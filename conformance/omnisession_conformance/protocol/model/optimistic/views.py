"""The views that a client may show, and where one that it shows is none of them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.kinds.tables import KIND_OF_PREFIX
from omnisession_conformance.protocol.model.compare import ABSENT, Unlike, show
from omnisession_conformance.protocol.model.optimistic.rules import RULES, Here, Pending
from omnisession_conformance.protocol.model.optimistic.values import NotTaken, Open, fits
from omnisession_conformance.protocol.model.slices import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from omnisession_conformance.protocol.kinds.parts import Slice

View = dict[str, "Slice"]
"""By kind what is shown; values that nobody can know are open, see `values`."""
MOST_OPTIONAL = 8
"""Of so many it is left open whether they are shown; there are twice as many views for each."""


def fold(slices: Mapping[str, Slice], pending: Sequence[Pending], here: Here) -> View:
    """What the slices look like with these actions on top, one after the other."""
    view = dict(slices)
    for one in pending:
        kind = KIND_OF_PREFIX.get(one.type.partition(".")[0])
        rule = RULES.get(one.type)
        if rule is not None and kind in view:
            view[kind] = rule(view[kind], one, here)
    return view


def allowed(
    slices: Mapping[str, Slice],
    pending: Sequence[Pending],
    here: Here,
    optional: Sequence[Pending] = (),
) -> Iterator[View]:
    """The views that are right: with each action that is `optional`, and without it, the whole one first.

    ValueError where there are too many of these.
    """
    if len(optional) > MOST_OPTIONAL:
        raise ValueError(f"of {len(optional)} actions it is open whether they are shown")
    for number in range(len(optional) + 1):
        for left_out in combinations(map(id, optional), number):
            yield fold(slices, [one for one in pending if id(one) not in left_out], here)


def first_unlike(views: Iterator[View] | Sequence[View], seen: Mapping[str, Any]) -> Unlike | None:
    """Where a view differs first from the first of those that are allowed, None where it is one of them."""
    first: Unlike | None = None
    for view in views:
        found = next(_unlike(view, seen), None)
        if found is None:
            return None
        first = first or found
    return first


def _unlike(view: View, seen: Mapping[str, Any]) -> Iterator[Unlike]:
    for kind, slice_ in view.items():
        if kind not in seen:
            yield Unlike(f"view/{kind}", "what is shown of it", "absent")
            continue
        for name in MEMBERS[kind]:
            members = MEMBERS[kind][name]
            sides = slice_.get(name, ABSENT), seen[kind].get(name, ABSENT)
            yield from _in_value(f"view/{kind}/{name}", members, *sides)
    yield from (Unlike(f"view/{kind}", "absent", "a slice") for kind in seen if kind not in view)


def _in_value(where: str, members: tuple[str, ...], one: Any, other: Any) -> Iterator[Unlike]:
    if members and is_list(one) and is_list(other):
        for index in range(max(len(one), len(other))):
            sides = [part[index] if index < len(part) else ABSENT for part in (one, other)]
            yield from _in_value(f"{where}/{index}", members, *sides)
    elif members and is_object(one) and is_object(other):
        # Members that the protocol does not name are the client's own affair, but those of an action.
        more = [name for name in one if isinstance(one[name], NotTaken) and name not in members]
        for name in (*members, *more):
            yield from _in_value(
                f"{where}/{name}", (), one.get(name, ABSENT), other.get(name, ABSENT)
            )
    elif not fits(one, other):
        yield Unlike(where, _shown(one), show(other))


def _shown(expected: Any) -> str:
    """An expected value; of an entry that is missing, what is known of it."""
    if is_object(expected):
        known = {name: value for name, value in expected.items() if not isinstance(value, Open)}
        return show(known)
    return show(expected)
