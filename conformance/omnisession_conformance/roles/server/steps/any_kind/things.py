"""What kinds in which things are made have in common: a list and events that show the text of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.any_kind.kind import AnyKind, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.roles.server.context import Context


def kind_of_things(
    name: str,
    *,
    thing: str,
    text: str,
    listed: str,
    event: str,
    altered: str,
    everybody: bool,
    marker: Callable[[Context], str],
    make: Callable[[str], tuple[str, Entry]],
    alter: Callable[[str, str], tuple[str, Entry]],
    invalid: Callable[[str], tuple[str, Entry]],
) -> AnyKind:
    """A kind whose slice lists things, and whose events tell one: its member `text` is the marker."""

    def texts(slice_: Mapping[str, Any]) -> list[str]:
        things: list[Entry] = slice_.get(listed) or []
        return [str(one.get(text)) for one in things]

    def told(data: Mapping[str, Any]) -> Any:
        return as_object(data.get(thing)).get(text)

    return AnyKind(
        name=name,
        id_member=f"{thing}_id",
        list=listed,
        event=event,
        altered=altered,
        everybody=everybody,
        marker=marker,
        make=make,
        alter=alter,
        invalid=invalid,
        missing=alter,
        texts=texts,
        told=told,
    )
