"""Rows of actions on the same thing, for clients that show what is pending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.roles.client.steps.furnished import CURRENT, SECOND, THIRD

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object

CODES = {"done": 0, "refused": 4030, "stale": 4090, "taken": 4220}
"""The ends of actions, and the code of the refusal that is one."""


@dataclass(frozen=True, slots=True)
class Row:
    """Actions on a kind, one after the other, and how each ends."""

    kind: str
    shows: str
    acts: tuple[tuple[str, Object], ...]
    ends: tuple[str, ...]


def _update(id_: str, **changes: Any) -> tuple[str, Object]:
    return "article.update", {"article_id": id_, "changes": changes}


def _select(id_: str | None) -> tuple[str, Object]:
    return "article.select", {"article_id": id_}


def _edit(content: str, id_: str = CURRENT) -> tuple[str, Object]:
    return "chat.edit", {"message_id": id_, "content": content}


def _urls(id_: str, **changes: Any) -> tuple[str, Object]:
    return "url.update", {"url_id": id_, "changes": changes}


def _user(**changes: Any) -> tuple[str, Object]:
    return "user.update", {"changes": changes}


def rows(word: str) -> tuple[Row, ...]:
    """All of them, with texts that nobody else has."""
    one, two = f"A {word}", f"B {word}"
    code = {"target_url": f"https://example.org/{word}", "short_code": f"go-{word}"}
    delete_article: tuple[str, Object] = ("article.delete", {"article_id": CURRENT})
    delete_message: tuple[str, Object] = ("chat.delete", {"message_id": CURRENT})
    delete_url: tuple[str, Object] = ("url.delete", {"url_id": SECOND})
    return (
        Row(
            "articles",
            "the current article is deleted, then updated",
            (delete_article, _update(CURRENT, title=one, content=two)),
            ("refused", "done"),
        ),
        Row(
            "articles",
            "an article is updated, then deleted",
            (_update(CURRENT, title=one), delete_article, _update(CURRENT, title=two)),
            ("done", "refused", "refused"),
        ),
        Row(
            "articles",
            "a title is set twice",
            (_update(SECOND, title=one), _update(SECOND, title=two)),
            ("refused", "refused"),
        ),
        Row(
            "articles",
            "another article is selected, and its content updated",
            (_select(SECOND), _update(SECOND, content=one)),
            ("done", "done"),
        ),
        Row(
            "articles",
            "the selection ends, and what was current is updated",
            (_select(None), _update(CURRENT, title=one, content=two)),
            ("done", "done"),
        ),
        Row(
            "articles",
            "the selection ends, and begins anew",
            (_select(None), _select(CURRENT)),
            ("done", "done"),
        ),
        Row(
            "articles",
            "nothing is changed, then something",
            (_update(SECOND), _update(SECOND, tags=["x"]), _update(SECOND, tags=[])),
            ("done", "refused", "done"),
        ),
        Row(
            "articles",
            "two are created, and one that is there is updated",
            (
                ("article.create", {"title": one}),
                _update(THIRD, subtitle=one),
                ("article.create", {"title": two, "tags": ["x"]}),
            ),
            ("done", "done", "refused"),
        ),
        Row(
            "chat",
            "a message is edited, deleted and edited",
            (_edit(one), delete_message, _edit(two)),
            ("done", "refused", "refused"),
        ),
        Row(
            "chat",
            "two messages are sent around an edit",
            (
                ("chat.send", {"content": one}),
                _edit(two, SECOND),
                ("chat.send", {"content": two}),
            ),
            ("done", "done", "done"),
        ),
        Row(
            "chat",
            "two messages are sent in the same words",
            (("chat.send", {"content": one}), ("chat.send", {"content": one})),
            ("done", "refused"),
        ),
        Row(
            "chat",
            "a message is edited twice",
            (_edit(one), _edit(two)),
            ("done", "refused"),
        ),
        Row(
            "url",
            "two urls with the same code are created",
            (("url.create", code), ("url.create", code)),
            ("done", "taken"),
        ),
        Row(
            "url",
            "a url is deleted, then updated",
            (delete_url, _urls(SECOND, short_code=f"c-{word}")),
            ("refused", "done"),
        ),
        Row(
            "url",
            "a url is updated twice, in different members",
            (_urls(CURRENT, is_active=False), _urls(CURRENT, short_code=f"d-{word}")),
            ("done", "done"),
        ),
        Row(
            "user",
            "a name is set twice, and an email",
            (
                ("user.update", {"changes": {"username": one, "password": "x"}}),
                _user(email="new@example.org"),
                _user(username=two),
            ),
            ("refused", "done", "done"),
        ),
    )
