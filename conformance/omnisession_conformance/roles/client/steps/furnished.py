"""Slices with something in them to act upon: entries of the user and of others, and one selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.puppet.steps import OTHER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice

CURRENT, SECOND, THIRD = "k-1", "k-2", "k-3"
"""The ids of what there is; the first article is the current one."""
IDS = (CURRENT, SECOND, THIRD)
GONE = "k-9"
"""One that nothing has."""
BEGAN_MS = 1_730_000_000_000
NO_ASCII = "Zoë 日本 😀"


def furnished(kind: str, user_id: str) -> Slice:
    """The slice of a kind with three entries in each list that actions are about."""
    return _FURNISHED[kind](user_id)


def _article(number: int, author: str) -> Object:
    return {
        "id": f"k-{number}",
        "slug": f"slug-{number}",
        "revision": number + 2,
        "author_id": author,
        "author": f"{author} {NO_ASCII}",
        "title": f"Title {number} {NO_ASCII}",
        "subtitle": f"Subtitle {number}",
        "leading": f"Leading {number}",
        "content": None,
        "tags": [f"tag-{number}", "b", "a"],
        # The first in the list has not the lowest id.
        "published_at": BEGAN_MS + number,
        "struct_version": 1,
    }


def content_of(id_: str) -> str:
    """What an article has for content at first."""
    return f"Content of {id_} {NO_ASCII}"


def _articles(user_id: str) -> Slice:
    entries = [_article(3, OTHER), _article(2, user_id), _article(1, user_id)]
    current = entries[-1]
    revisions = [
        {
            "article_id": CURRENT,
            "revision": revision,
            "author_id": user_id,
            "title": f"Title at {revision}",
            "timestamp": BEGAN_MS + revision,
        }
        for revision in (3, 1)
    ]
    editors = [
        {"article_id": id_, "user_id": who, "since": BEGAN_MS}
        for id_ in (CURRENT, SECOND)
        for who in sorted((user_id, OTHER))
    ]
    return {
        "type": "articles",
        "articles": entries,
        "current_article": {**current, "content": content_of(CURRENT)},
        "revisions": revisions,
        "editors": editors,
    }


def _chat(user_id: str) -> Slice:
    def message(number: int, who: str, edited_at: int | None) -> Object:
        return {
            "id": f"k-{number}",
            "user_id": who,
            "content": f"Text {number} {NO_ASCII}",
            "sent_at": BEGAN_MS - number,
            "edited_at": edited_at,
        }

    people = ({"id": id_, "username": f"Name of {id_}"} for id_ in sorted((user_id, OTHER)))
    return {
        "type": "chat",
        "messages": [
            message(2, user_id, BEGAN_MS),
            message(1, user_id, None),
            message(3, OTHER, None),
        ],
        "participants": list(people),
        "typing_indicators": [OTHER],
    }


def _urls(user_id: str) -> Slice:
    def url(number: int, *, is_active: bool) -> Object:
        return {
            "id": f"k-{number}",
            "short_code": f"code-{number}",
            "target_url": f"https://example.org/{number}",
            "created_by": user_id,
            "created_at": BEGAN_MS - number,
            "updated_at": BEGAN_MS + number,
            "access_count": 7 * number,
            "is_active": is_active,
        }

    urls = [url(1, is_active=True), url(2, is_active=False), url(3, is_active=True)]
    return {"type": "url", "urls": urls}


def _user(user_id: str) -> Slice:
    return {
        "type": "user",
        "user": {"id": user_id, "username": f"Name of {user_id}", "email": "old@example.org"},
        "permissions": ["post_edit_any"],
        "sessions": [],
    }


_FURNISHED: Mapping[str, Callable[[str], Slice]] = {
    "articles": _articles,
    "chat": _chat,
    "url": _urls,
    "user": _user,
}
