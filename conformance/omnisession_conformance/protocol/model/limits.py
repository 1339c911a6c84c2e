"""Which list of a slice is bounded by which advertised limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.limits import limit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

BOUNDS: dict[str, dict[str, str]] = {
    "articles": {"articles": "articles", "revisions": "revisions", "editors": "editors"},
    "chat": {"messages": "chat_messages", "participants": "participants"},
    "url": {"urls": "urls"},
    "user": {},
}
"""By kind and list: the member of `opened.limits` that bounds it."""


def bound_of(kind: str, list_name: str, limits: Mapping[str, Any]) -> int | None:
    """Return how many entries a list may hold, or None where no limit bounds it."""
    name = BOUNDS.get(kind, {}).get(list_name)
    return None if name is None else limit_of(limits, name)


def cut(kind: str, list_name: str, entries: list[Any], limits: Mapping[str, Any]) -> list[Any]:
    """Return a list cut at its end to its bound; the list itself where it is within."""
    bound = bound_of(kind, list_name, limits)
    return entries if bound is None or len(entries) <= bound else entries[:bound]
