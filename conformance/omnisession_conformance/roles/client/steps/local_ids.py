"""Ids that actions name, and those that only a client's own view has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_list, as_object, as_text
from omnisession_conformance.protocol.model.optimistic.values import LOCAL
from omnisession_conformance.roles.client.puppet.asked import inner
from omnisession_conformance.roles.client.steps.acts import is_action, whole

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from omnisession_conformance.roles.client.gate.seen import Seen

ID_MEMBERS = ("article_id", "message_id", "url_id")
"""Members of the data of actions that name an entry."""


def named_in(family: str, body: Mapping[str, Any] | None) -> list[str]:
    """The ids that the body of an action on a subject of this family names."""
    data = as_object(inner(family, dict(body or {})).get("data"))
    return [as_text(data[name]) for name in ID_MEMBERS if name in data]


def named_by(one: Seen) -> list[str]:
    """The ids that something names which was said; none where it is no action."""
    data = as_object(whole(one).get("data")) if is_action(one) else {}
    return [as_text(data[name]) for name in ID_MEMBERS if name in data]


def own_local(ids: Iterable[str], actions: Container[str]) -> str | None:
    """The first of some ids that is the local one of one of some actions; None for none.

    A server may give ids that begin in the same way.
    """
    return next((i for i in ids if i.startswith(LOCAL) and i[len(LOCAL) :] in actions), None)


def renamed(data: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """The data of an action with one id in place of another."""
    return {name: new if value == old else value for name, value in data.items()}


def ids_in(slices: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The ids of all entries of some slices."""
    lists = (as_list(value) for slice_ in slices.values() for value in slice_.values())
    return {as_text(as_object(entry).get("id")) for entries in lists for entry in entries}
