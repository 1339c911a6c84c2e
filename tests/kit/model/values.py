"""Entities and slices that the model's tests start from."""

from __future__ import annotations

from typing import Any

NOW = 1_790_000_000_000


def article(id_: str, published_at: int | None = None, **members: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "slug": f"slug-{id_}",
        "revision": 1,
        "author_id": "ann",
        "author": "Ann",
        "title": f"Title of {id_}",
        "subtitle": "",
        "leading": "",
        "content": None,
        "tags": [],
        "published_at": published_at,
        "struct_version": 1,
        **members,
    }


def revision(article_id: str, number: int) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "revision": number,
        "author_id": "ann",
        "title": "Title",
        "timestamp": NOW + number,
    }


def editor(article_id: str, user_id: str, since: int = NOW) -> dict[str, Any]:
    return {"article_id": article_id, "user_id": user_id, "since": since}


def message(id_: str, content: str = "hello", edited_at: int | None = None) -> dict[str, Any]:
    return {
        "id": id_,
        "user_id": "ann",
        "content": content,
        "sent_at": NOW,
        "edited_at": edited_at,
    }


def user(id_: str, username: str = "Name", **members: Any) -> dict[str, Any]:
    return {"id": id_, "username": username, **members}


def url(id_: str, created_at: int = NOW, **members: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "short_code": f"code-{id_}",
        "target_url": "https://example.org/",
        "created_by": "ann",
        "created_at": created_at,
        "updated_at": created_at,
        "access_count": 0,
        "is_active": True,
        **members,
    }


def session(session_id: str, opened_at: int = NOW) -> dict[str, Any]:
    return {"session_id": session_id, "opened_at": opened_at, "kinds": ["user"]}


def articles_slice(**members: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "articles": [],
        "current_article": None,
        "revisions": [],
        "editors": [],
    }
    return {"type": "articles", **empty, **members}


def chat_slice(**members: Any) -> dict[str, Any]:
    return {"type": "chat", "messages": [], "participants": [], "typing_indicators": [], **members}


def url_slice(*urls: dict[str, Any]) -> dict[str, Any]:
    return {"type": "url", "urls": list(urls)}


def user_slice(**members: Any) -> dict[str, Any]:
    return {"type": "user", "user": None, "permissions": [], "sessions": [], **members}
