"""What there is behind the sessions of a user: a new one begins with it, whatever became of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object, as_text
from omnisession_conformance.protocol.kinds.tables import NAMES
from omnisession_conformance.protocol.model.reducers import reduce_event
from omnisession_conformance.protocol.model.slices import empty_slice, kind_of_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.kinds.parts import Slice

_OF_A_SESSION: Mapping[str, Mapping[str, Any]] = {
    "articles": {"current_article": None, "revisions": []},
}
"""Members that are one session's own, and what they are in a new one."""


class World:
    """The slices of all kinds, and the contents of articles, which their lists do not have."""

    def __init__(self, user_id: str, limits: Mapping[str, int], first: Mapping[str, Slice]) -> None:
        usual = {name: empty_slice(name) for name in NAMES}
        usual["chat"]["participants"] = [{"id": user_id, "username": user_id}]
        usual["user"]["user"] = {"id": user_id, "username": user_id, "email": "user@example.org"}
        self.slices: dict[str, Slice] = {**usual, **first}
        self.contents: dict[str, str] = {}
        self._limits = limits

    def first(self, kind: str) -> Slice:
        """The slice that a session begins with."""
        return {**self.slices[kind], **_OF_A_SESSION.get(kind, {})}

    def changed(self, type_: str, data: Mapping[str, Any]) -> None:
        """Take a change in, told by the event that it is; what no kind knows is none."""
        kind = kind_of_event(type_)
        if kind is None:
            return
        self.slices[kind] = reduce_event(self.slices[kind], type_, dict(data), self._limits)
        article = as_object(data.get("article"))
        if isinstance(article.get("content"), str):
            self.contents[as_text(article.get("id"))] = article["content"]

    def stated(self, kind: str, slice_: Slice) -> None:
        """Take over what somebody states of a kind."""
        self.slices[kind] = slice_
