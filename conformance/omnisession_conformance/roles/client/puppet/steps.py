"""Changes that others make, of any kind: the n-th of a kind is always another one than those before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.protocol.json import Object

OTHER = "somebody-else"
"""The user who makes them."""


def change(kind: str, number: int, at_ms: int) -> tuple[str, Object]:
    """An event that makes something new of a kind; KeyError for a kind that the protocol does not know."""
    return _CHANGES[kind](number, at_ms)


def _article(number: int, _: int) -> tuple[str, Object]:
    article: Object = {
        "id": f"a-{number}",
        "slug": f"s-{number}",
        "revision": 1,
        "author_id": OTHER,
        "author": OTHER,
        "title": f"Title {number}",
        "subtitle": "",
        "leading": "",
        "content": "",
        "tags": [],
        "published_at": None,
        "struct_version": 1,
    }
    return "article.created", {"article": article}


def _message(number: int, at_ms: int) -> tuple[str, Object]:
    message = {"id": f"m-{number}", "user_id": OTHER, "content": f"Text {number}"}
    return "chat.message_added", {"message": {**message, "sent_at": at_ms, "edited_at": None}}


def _url(number: int, at_ms: int) -> tuple[str, Object]:
    url = {
        "id": f"l-{number}",
        "short_code": f"code-{number}",
        "target_url": f"https://example.org/{number}",
        "created_by": OTHER,
        "created_at": at_ms,
        "updated_at": at_ms,
        "access_count": 0,
        "is_active": True,
    }
    return "url.created", {"url": url}


def _session(number: int, at_ms: int) -> tuple[str, Object]:
    session = {"session_id": f"other-{number}", "opened_at": at_ms, "kinds": ["user"]}
    return "user.session_opened", {"session": session}


def undoing(kind: str, number: int) -> tuple[str, Object]:
    """An event that takes away what the n-th change of a kind has made."""
    return _UNDOINGS[kind](number)


def coming_and_going(
    kind: str, number: int, at_ms: int
) -> tuple[tuple[str, Object], tuple[str, Object]] | None:
    """Two events: somebody comes, at what the n-th change of a kind has made, and goes again.

    Who has gone may come back, which nothing does that was deleted. None for a kind without such events.
    """
    found = _COMINGS.get(kind)
    return None if found is None else found(number, at_ms)


def _editor(number: int, at_ms: int) -> tuple[tuple[str, Object], tuple[str, Object]]:
    editor: Object = {"article_id": f"a-{number}", "user_id": OTHER, "since": at_ms}
    return ("article.edit_started", editor), ("article.edit_ended", editor)


def _participant(_number: int, _at_ms: int) -> tuple[tuple[str, Object], tuple[str, Object]]:
    return (
        ("chat.participant_joined", {"user": {"id": OTHER, "username": OTHER}}),
        ("chat.participant_left", {"user_id": OTHER}),
    )


_COMINGS = {"articles": _editor, "chat": _participant}
_CHANGES = {"articles": _article, "chat": _message, "url": _url, "user": _session}
_UNDOINGS: Mapping[str, Callable[[int], tuple[str, Object]]] = {
    "articles": lambda number: ("article.deleted", {"article_id": f"a-{number}"}),
    "chat": lambda number: ("chat.message_deleted", {"message_id": f"m-{number}"}),
    "url": lambda number: ("url.deleted", {"url_id": f"l-{number}"}),
    "user": lambda number: ("user.session_closed", {"session_id": f"other-{number}"}),
}
