"""The slices that a client holds, one per kind, and the members that the protocol names in them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from omnisession_conformance.protocol.json import member

Slice = dict[str, Any]
"""The `data` of a state; treated as frozen, whatever Python allows."""

KINDS = ("articles", "chat", "url", "user")
KIND_OF_PREFIX = {"article": "articles", "chat": "chat", "url": "url", "user": "user"}

_EMPTY: dict[str, Slice] = {
    "articles": {
        "type": "articles",
        "articles": [],
        "current_article": None,
        "revisions": [],
        "editors": [],
    },
    "chat": {"type": "chat", "messages": [], "participants": [], "typing_indicators": []},
    "url": {"type": "url", "urls": []},
    "user": {"type": "user", "user": None, "permissions": [], "sessions": []},
}

ARTICLE = (
    "id",
    "slug",
    "revision",
    "author_id",
    "author",
    "title",
    "subtitle",
    "leading",
    "content",
    "tags",
    "published_at",
    "struct_version",
)
REVISION = ("article_id", "revision", "author_id", "title", "timestamp")
EDITOR = ("article_id", "user_id", "since")
MESSAGE = ("id", "user_id", "content", "sent_at", "edited_at")
USER = ("id", "username", "email")
URL = (
    "id",
    "short_code",
    "target_url",
    "created_by",
    "created_at",
    "updated_at",
    "access_count",
    "is_active",
)
SESSION = ("session_id", "opened_at", "kinds")

MEMBERS: dict[str, dict[str, tuple[str, ...]]] = {
    "articles": {
        "articles": ARTICLE,
        "current_article": ARTICLE,
        "revisions": REVISION,
        "editors": EDITOR,
    },
    "chat": {"messages": MESSAGE, "participants": USER, "typing_indicators": ()},
    "url": {"urls": URL},
    "user": {"user": USER, "permissions": (), "sessions": SESSION},
}
"""By kind and member of its slice: the members of the entities there; none for plain strings."""


def empty_slice(kind: str) -> Slice:
    """Return the slice of a kind before its first state; KeyError where the kind is unknown."""
    return dict(_EMPTY[kind])


@lru_cache(maxsize=256)
def kind_of_event(type_: str) -> str | None:
    """Return the kind that an event of a type changes, or None where its prefix is no kind's."""
    return KIND_OF_PREFIX.get(type_.partition(".")[0])


def kind_of_state(data: Any) -> str | None:
    """Return the kind that a state's `data` names, or None where it is none of the four."""
    kind = member(data, "type")
    return kind if isinstance(kind, str) and kind in _EMPTY else None
