"""What two servers show, without what each of them chooses: ids, codes, times.

Ids that a server made become ordinals, in the order in which they were told. Times become `time`. The
lists that the protocol orders by such ids or times are put into the order of the ordinals: two drafts
stand in the order of their ids, and these are each server's own. The kit judges the orders themselves.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

import rfc8785

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMES = frozenset(
    (
        "published_at",
        "sent_at",
        "edited_at",
        "created_at",
        "updated_at",
        "since",
        "opened_at",
        "timestamp",
    )
)
ORDERED_BY_OWN: Mapping[str, tuple[str, ...]] = {
    "articles": ("id",),
    "editors": ("article_id", "user_id"),
    "urls": ("id",),
    "sessions": ("session_id",),
}
GIVEN = ("given-",)
"""What slugs and codes of the script begin with; the servers' own begin otherwise."""


class Names:
    """The ids that one server made."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def learn(self, result: Mapping[str, str]) -> None:
        """Note the ids of an ack."""
        for member, id_ in result.items():
            self._known.setdefault(id_, f"<{member} {len(self._known)}>")

    def normal(self, value: Any, member: str = "") -> Any:
        """Return a value without what its server chose."""
        if isinstance(value, dict):
            named = cast("dict[str, Any]", value)
            return {name: self.normal(inner, name) for name, inner in named.items()}
        if isinstance(value, list):
            entries = cast("list[Any]", value)
            told = [self.normal(entry) for entry in entries]
            return _ordered(told, ORDERED_BY_OWN.get(member))
        if member in TIMES and value is not None:
            assert isinstance(value, int), f"{member} is no time: {value!r}"
            return "time"
        if isinstance(value, str):
            own = member in ("slug", "short_code") and not value.startswith(GIVEN)
            return "<made>" if own else self._known.get(value, value)
        return value


def _ordered(entries: list[Any], keys: tuple[str, ...] | None) -> list[Any]:
    if keys is None or not all(isinstance(entry, dict) for entry in entries):
        return entries
    return sorted(entries, key=lambda entry: tuple(entry[key] for key in keys))


def needed(event: dict[str, Any], current: Any) -> dict[str, Any] | None:
    """Return an event as a session has to be told it; EVENT-007 leaves the rest to the server.

    Where an article is not the current one, its text may be left out, and the whole of a revision.
    """
    data = event["data"]
    if event["type"] == "article.revision_added" and data["revision"]["article_id"] != current:
        return None
    if event["type"] in ("article.created", "article.updated") and data["article"]["id"] != current:
        return {**event, "data": {"article": {**data["article"], "content": None}}}
    return event


def current(slices: Mapping[str, Any]) -> str | None:
    """Return the id of the article that a session has selected."""
    article = slices.get("articles", {}).get("data", {}).get("current_article")
    return article and article["id"]


def digest(data: Any) -> str:
    """Hash a value as STATE-011 has it."""
    return hashlib.sha256(rfc8785.dumps(data)).hexdigest()
