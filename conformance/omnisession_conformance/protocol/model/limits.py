"""Which list of a slice is bounded by which advertised limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.kinds.tables import LISTS

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNDS: dict[str, dict[str, str]] = {
    kind: {name: list_.limit for name, list_ in lists.items() if list_.limit is not None}
    for kind, lists in LISTS.items()
}
"""By kind and list: the member of `opened.limits` that bounds it; lists without bound are not here."""


def bound_of(kind: str, list_name: str, limits: Mapping[str, Any]) -> int | None:
    """Return how many entries a list may hold, or None where no limit bounds it.

    Raises KeyError for what is no list of a kind.
    """
    return LISTS[kind][list_name].bound(limits)
