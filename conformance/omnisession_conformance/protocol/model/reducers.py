"""The normative reducer of every event type, as its kind declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.kinds.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.kinds.kind import Reducer
    from omnisession_conformance.protocol.kinds.parts import Entry, Slice

REDUCERS: dict[str, Reducer] = {type_: event.reduce for type_, event in EVENTS.items()}
"""By event type; what is not here changes nothing."""


def reduce_event(slice_: Slice, type_: str, data: Entry, limits: Mapping[str, Any]) -> Slice:
    """Return the slice after an event of its kind: the same object where it changes nothing."""
    reducer = REDUCERS.get(type_)
    return slice_ if reducer is None else reducer(slice_, data, limits)
