"""Looks at the view of a client: the kit's own fold says which ones are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulation.ledger import WORD

from omnisession_client import view
from omnisession_conformance.protocol.model.optimistic.rules import Here, Pending
from omnisession_conformance.protocol.model.optimistic.views import (
    MOST_OPTIONAL,
    allowed,
    first_unlike,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.client import ClientNode
    from tests.simulation.judges.wire import Wire

    from omnisession_client import values
    from omnisession_client.values import State

CREATED = {
    "chat.send": ("chat", "messages", "content"),
    "article.create": ("articles", "articles", "title"),
    "url.create": ("url", "urls", "target_url"),
}
"""Where what an action makes is seen: kind, list, and the member that has its word."""


class ViewJudge:
    """Remembers of one client which effects it has had in its slices."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._seen: set[str] = set()

    def look(self, node: ClientNode, found: Callable[[str, str], None]) -> None:
        """Look at the view that it shows now."""
        state = node.state
        if state.config.mode != "optimistic" or not state.pending:
            return
        for one in state.pending:
            if one.doing.action_id not in self._seen and self._is_seen(state, one):
                self._seen.add(one.doing.action_id)
        pending = [
            Pending(one.doing.type, one.doing.data, one.doing.action_id) for one in state.pending
        ]
        optional = [one for one in pending if one.action_id in self._seen][:MOST_OPTIONAL]
        here = Here(state.config.user_id, state.opened.limits if state.opened else None)
        unlike = first_unlike(allowed(state.slices, pending, here, optional), view.view(state))
        if unlike is not None:
            found("view", str(unlike))

    def _is_seen(self, state: State, one: values.Pending) -> bool:
        where = CREATED.get(one.doing.type)
        if where is None:
            return False
        kind, list_, member = where
        words = WORD.findall(str(one.doing.data))
        act = self._wire.acts.get(one.doing.action_id)
        made = None if act is None else act.made
        entries: list[dict[str, Any]] = state.slices.get(kind, {}).get(list_, [])
        return any(
            entry["id"] == made or any(word in entry[member] for word in words) for entry in entries
        )
