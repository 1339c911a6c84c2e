"""Entries of slices, by a name that tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vectors.lines import Json

USER = "ann"
"""The own user; all others are bob."""


def message(name: str, at_ms: int, user_id: str = "bob", content: str | None = None) -> Json:
    """A message of the chat."""
    told = {"id": name, "user_id": user_id, "content": content or f"text of {name}"}
    return {**told, "sent_at": at_ms, "edited_at": None}


def article(name: str, at_ms: int, **changes: Any) -> Json:
    """An article of ann's, as it is in a list."""
    return {
        "id": name,
        "slug": f"slug-of-{name}",
        "revision": 1,
        "author_id": USER,
        "author": "Ann",
        "title": f"Title of {name}",
        "subtitle": "",
        "leading": "",
        "content": None,
        "tags": [],
        "published_at": at_ms,
        "struct_version": 1,
        **changes,
    }


def url(name: str, at_ms: int) -> Json:
    """A short url of bob's."""
    return {
        "id": name,
        "short_code": f"code-{name}",
        "target_url": "https://example.com/",
        "created_by": "bob",
        "created_at": at_ms,
        "updated_at": at_ms,
        "access_count": 0,
        "is_active": True,
    }


def session(name: str, at_ms: int) -> Json:
    """Another session of ann's."""
    return {"session_id": name, "opened_at": at_ms, "kinds": ["user"]}


Made = Callable[[str, int], "Json"]
CHANGES: dict[str, tuple[str, str, Made]] = {
    "articles": ("article.created", "article", article),
    "chat": ("chat.message_added", "message", message),
    "url": ("url.created", "url", url),
    "user": ("user.session_opened", "session", session),
}
"""By kind an event that changes it, the member of its data, and what makes that."""
