"""Views as the kit's model makes them, without what nobody can know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.model.optimistic import views
from omnisession_conformance.protocol.model.optimistic.rules import Here, Pending
from omnisession_conformance.protocol.model.optimistic.values import Open
from omnisession_conformance.protocol.model.slices import MEMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vectors.lines import Json
    from vectors.script import Done


def allowed(
    slices: Json,
    some: Sequence[Done],
    optional: Sequence[Done],
    user_id: str,
    limits: Mapping[str, int],
) -> list[Json]:
    """What may be shown of these actions over these slices."""
    by_label = {
        one.label: Pending(one.type, one.data, f"${{{one.label}}}") for one in (*some, *optional)
    }
    pending = [by_label[one.label] for one in some]
    free = [by_label[one.label] for one in optional]
    here = Here(user_id, limits)
    return [closed(view) for view in views.allowed(slices, pending, here, free)]


def named(kind: str, slice_: Json) -> Json:
    """A slice with the members that the protocol names: others may be dropped."""
    kept = {name: _named(slice_[name], members) for name, members in MEMBERS[kind].items()}
    return {"type": slice_["type"], **kept}


def _named(value: Any, members: tuple[str, ...]) -> Any:
    if members and is_list(value):
        return [_named(item, members) for item in value]
    if members and is_object(value):
        return {name: value[name] for name in members if name in value}
    return value


def closed(value: Any) -> Any:
    """A value without the members that are open: those are not compared."""
    if is_object(value):
        return {
            name: closed(member) for name, member in value.items() if not isinstance(member, Open)
        }
    return [closed(item) for item in value] if is_list(value) else value
