"""What all kinds add up to: looked up by the name of a kind, by a type of event, by a type of action.

A name that is not here is one that the protocol does not know.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from omnisession_conformance.protocol import kinds
from omnisession_conformance.protocol.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from omnisession_conformance.protocol.kinds.kind import Action, Event, Kind
    from omnisession_conformance.protocol.kinds.parts import ListOf

NAMES: tuple[str, ...] = tuple(kind.name for kind in kinds.KINDS)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in kinds.KINDS}
KIND_OF_PREFIX: Mapping[str, str] = {kind.prefix: kind.name for kind in kinds.KINDS}
LEAST_DISTURBED: tuple[str, ...] = tuple(
    kind.name for kind in sorted(kinds.KINDS, key=lambda kind: kind.disturbs)
)
LISTS: Mapping[str, Mapping[str, ListOf]] = {
    kind.name: {list_.name: list_ for list_ in kind.lists} for kind in kinds.KINDS
}
EVENTS: Mapping[str, Event] = {event.type: event for kind in kinds.KINDS for event in kind.events}
ACTIONS: Mapping[str, Action] = {
    action.type: action for kind in kinds.KINDS for action in kind.actions
}
ACTIONS_OF_NO_KIND = ("session.noop",)
"""They change nothing but the count of actions."""


def faults_of(declared: Iterable[Kind]) -> Iterator[str]:
    """Yield what is wrong between kinds, each of which is right by itself."""
    declared = tuple(declared)
    known = {event.type for kind in declared for event in kind.events}
    for what, names in {
        "name": [kind.name for kind in declared],
        "prefix": [kind.prefix for kind in declared],
        "rank": [str(kind.disturbs) for kind in declared],
        # Rules look for a list by its name alone.
        "list": [list_.name for kind in declared for list_ in kind.lists],
        "event": [event.type for kind in declared for event in kind.events],
        "action": [action.type for kind in declared for action in kind.actions],
    }.items():
        yield from (f"two have the {what} {name}" for name, n in Counter(names).items() if n > 1)
    for list_ in (list_ for kind in declared for list_ in kind.lists):
        if list_.limit is not None and list_.limit not in DEFAULT_LIMITS:
            yield f"{list_.name} has the limit {list_.limit}, which the protocol does not have"
    for action in (action for kind in declared for action in kind.actions):
        for type_ in (*action.causes, *action.reveals):
            if type_ not in known:
                yield f"{action.type} causes {type_}, which no kind has"
    entities = {e.within: e.entity for kind in declared for e in kind.events if e.within}
    for event in (event for kind in declared for event in kind.events):
        # Rules compare what two events hold under one name.
        if event.within and event.entity != entities[event.within]:
            yield f"{event.type} holds another {event.within} than other events"


for _fault in faults_of(kinds.KINDS):
    raise ValueError(f"kinds: {_fault}")


def in_order(kinds: Iterable[str]) -> tuple[str, ...]:
    """Kinds in the order of the tables, whatever order they were asked for in; unknown ones last."""
    found = tuple(kinds)
    return (*(n for n in NAMES if n in found), *(kind for kind in found if kind not in NAMES))
