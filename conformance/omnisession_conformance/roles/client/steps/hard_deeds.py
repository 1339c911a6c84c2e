"""Actions whose data are hard to fold: members that no rule takes, none at all, null, what is not there.

Each is valid, so a client takes it; the ids are those of `furnished`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.client.puppet.steps import OTHER
from omnisession_conformance.roles.client.steps.furnished import (
    BEGAN_MS,
    CURRENT,
    GONE,
    NO_ASCII,
    SECOND,
    THIRD,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.protocol.json import Object

Data = dict[str, Any]
NOBODYS: Mapping[str, Any] = {
    "id": "k-8",
    "revision": 99,
    "author_id": OTHER,
    "author": "Mallory",
    "user_id": OTHER,
    "created_by": OTHER,
    "published_at": BEGAN_MS + 99,
    "struct_version": 99,
    "sent_at": 99,
    "edited_at": BEGAN_MS + 99,
    "created_at": BEGAN_MS + 99,
    "updated_at": BEGAN_MS + 99,
    "access_count": 99,
    "password": "hunter2",
    "x-mood": None,
}
"""Members that a server sets, or that nobody knows."""


def _article_updates(word: str) -> list[Data]:
    def to(id_: str, **changes: Any) -> Data:
        return {"article_id": id_, "changes": changes}

    return [
        to(SECOND, title=f"Title {word}", tags=[]),
        to(SECOND, content=f"Text {word}"),
        to(CURRENT, title=f"{NO_ASCII} {word}", content=f"Text {word}", tags=["z", "a", "z"]),
        to(CURRENT, slug=f"s-{word}", subtitle="", leading=NO_ASCII),
        to(CURRENT, content=""),
        to(SECOND),
        {"article_id": THIRD, "changes": {**NOBODYS, "title": f"Title {word}"}},
        {"article_id": CURRENT, "changes": {**NOBODYS, "leading": f"Leading {word}"}},
        {**to(SECOND, subtitle=f"Sub {word}"), "title": "beside changes", "content": "as well"},
        to(GONE, title=f"Title {word}"),
    ]


def _article_creates(word: str) -> list[Data]:
    return [
        {"title": f"Title {word}"},
        {
            "title": f"{NO_ASCII} {word}",
            "slug": f"s-{word}",
            "subtitle": "Sub",
            "leading": "Lead",
            "content": f"Text {word}",
            "tags": ["z", "a", "z"],
        },
        {**NOBODYS, "title": f"Title {word}", "tags": []},
    ]


def _message_edits(word: str) -> list[Data]:
    return [
        {"message_id": CURRENT, "content": f"Text {word}"},
        {"message_id": SECOND, "content": f"{NO_ASCII} {word}"},
        {"message_id": THIRD, "content": ""},
        {
            "message_id": CURRENT,
            "content": f"Text {word}",
            "edited_at": 99,
            "sent_at": 99,
            "user_id": OTHER,
        },
        {"message_id": GONE, "content": f"Text {word}"},
    ]


def _url_creates(word: str) -> list[Data]:
    target_url = f"https://example.org/{word}"
    return [
        {"target_url": target_url},
        {"target_url": target_url, "short_code": f"c-{word}"},
        {**NOBODYS, "target_url": target_url, "is_active": False},
    ]


def _url_updates(word: str) -> list[Data]:
    def to(id_: str, **changes: Any) -> Data:
        return {"url_id": id_, "changes": changes}

    return [
        to(CURRENT, is_active=False),
        to(SECOND, is_active=True, short_code=f"c-{word}"),
        to(THIRD, target_url=f"https://example.org/{word}"),
        to(CURRENT),
        {"url_id": SECOND, "changes": {**NOBODYS, "short_code": f"c-{word}"}},
        {**to(THIRD, short_code=f"c-{word}"), "is_active": False},
        to(GONE, is_active=False),
    ]


def _user_updates(word: str) -> list[Data]:
    return [
        {"changes": {"username": f"{NO_ASCII} {word}"}},
        {"changes": {"email": f"{word}@example.org"}},
        {"changes": {"username": f"Name {word}", "password": "hunter2", "permissions": ["all"]}},
        {"changes": {}},
        {"changes": {**NOBODYS, "email": f"{word}@example.org"}, "username": "beside changes"},
    ]


def _ids(member: str, *more: Any) -> Callable[[str], list[Data]]:
    return lambda _: [{member: id_} for id_ in (SECOND, CURRENT, THIRD, GONE, *more)]


HARD: Mapping[str, Callable[[str], list[Object]]] = {
    "article.create": _article_creates,
    "article.update": _article_updates,
    "article.delete": _ids("article_id"),
    "article.select": _ids("article_id", None),
    "article.edit_start": _ids("article_id"),
    "chat.send": lambda word: [
        {"content": f"{NO_ASCII} {word}"},
        {"content": ""},
        {**NOBODYS, "content": f"Text {word}"},
    ],
    "chat.edit": _message_edits,
    "chat.delete": _ids("message_id"),
    "chat.typing": lambda _: [{"active": True}],
    "url.create": _url_creates,
    "url.update": _url_updates,
    "url.delete": _ids("url_id"),
    "user.update": _user_updates,
    "session.noop": lambda _: [{}],
}
"""By type the data of some actions, made of a word that nobody else has."""
SHOW_NOTHING: Mapping[str, list[Object]] = {
    type_: [{"article_id": id_} for id_ in (SECOND, CURRENT)]
    for type_ in ("article.publish", "article.edit_end")
}
"""Those of types that no rule is for, and that the puppet does not do: they can only be refused."""
