"""What users do: actions of every type, on what their client shows, each with a word of its own in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Doing:
    """An action; `counts` says that its word is in the store once it was done."""

    type: str
    data: dict[str, Any]
    expect: dict[str, Any] | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class At:
    """Where a user is when it acts: what its client shows, a number to choose by, and the word."""

    slices: Mapping[str, Any]
    pick: int
    word: str

    def entry(self, kind: str, list_: str) -> dict[str, Any]:
        """One of the entries of a list; now and then, and where there is none, one that nobody knows."""
        entries = self.entries(kind, list_)
        if not entries or self.pick % 11 == 0:
            return {"id": "nobody-knows", "revision": 1}
        return entries[self.pick % len(entries)]

    def entries(self, kind: str, list_: str) -> list[dict[str, Any]]:
        """What a list shows."""
        return self.slices.get(kind, {}).get(list_, [])

    def article(self) -> dict[str, Any]:
        """One of the articles."""
        return self.entry("articles", "articles")


def _send(at: At) -> Doing:
    return Doing("chat.send", {"content": f"hello {at.word}"}, counts=True)


def _edit(at: At) -> Doing:
    data = {"message_id": at.entry("chat", "messages")["id"], "content": f"better {at.word}"}
    return Doing("chat.edit", data, counts=True)


def _delete_message(at: At) -> Doing:
    return Doing("chat.delete", {"message_id": at.entry("chat", "messages")["id"]})


def _typing(at: At) -> Doing:
    return Doing("chat.typing", {"active": at.pick % 3 > 0, "ttl_ms": 200 + at.pick * 37 % 6_000})


def _create(at: At) -> Doing:
    data = {"title": f"Title {at.word}", "content": "text", "tags": ["a"]}
    return Doing("article.create", data, counts=True)


def _update(at: At) -> Doing:
    article = at.article()
    changes = {"title": f"Title {at.word}", "leading": f"{at.pick}"}
    expect = {"revision": article["revision"]} if at.pick % 4 == 0 else None
    return Doing(
        "article.update", {"article_id": article["id"], "changes": changes}, expect, counts=True
    )


def _of_article(type_: str) -> Callable[[At], Doing]:
    return lambda at: Doing(type_, {"article_id": at.article()["id"]})


def _select(at: At) -> Doing:
    article_id = None if at.pick % 5 == 0 else at.article()["id"]
    return Doing("article.select", {"article_id": article_id})


def _shorten(at: At) -> Doing:
    data: dict[str, Any] = {"target_url": f"https://example.org/{at.word}"}
    if at.pick % 3 == 0:
        data["short_code"] = f"code-{at.pick % 7}"
    return Doing("url.create", data, counts=True)


def _lead_elsewhere(at: At) -> Doing:
    changes = {"target_url": f"https://example.org/other/{at.word}", "is_active": at.pick % 2 == 0}
    data = {"url_id": at.entry("url", "urls")["id"], "changes": changes}
    return Doing("url.update", data, counts=True)


def _forget(at: At) -> Doing:
    return Doing("url.delete", {"url_id": at.entry("url", "urls")["id"]})


def _rename(at: At) -> Doing:
    return Doing("user.update", {"changes": {"username": f"Name {at.word}"}}, counts=True)


def _nothing(_at: At) -> Doing:
    return Doing("session.noop", {})


DOINGS: dict[str, Callable[[At], Doing]] = {
    "chat.send": _send,
    "chat.edit": _edit,
    "chat.delete": _delete_message,
    "chat.typing": _typing,
    "article.create": _create,
    "article.update": _update,
    "article.delete": _of_article("article.delete"),
    "article.publish": _of_article("article.publish"),
    "article.select": _select,
    "article.edit_start": _of_article("article.edit_start"),
    "article.edit_end": _of_article("article.edit_end"),
    "url.create": _shorten,
    "url.update": _lead_elsewhere,
    "url.delete": _forget,
    "user.update": _rename,
    "session.noop": _nothing,
}
MAKES = {
    "article": ("articles", "articles", "article.create"),
    "chat": ("chat", "messages", "chat.send"),
    "url": ("url", "urls", "url.create"),
}
"""By the first part of a type: the list that it is about, and what makes an entry of it."""
KIND_OF = {"article": "articles", "chat": "chat", "url": "url", "user": "user"}


def doing(type_: str, at: At) -> Doing:
    """What a user does: where there is nothing yet to do it to, that is made, but for one time in eight."""
    kind, list_, makes = MAKES.get(type_.partition(".")[0], ("", "", ""))
    if makes and not at.entries(kind, list_) and at.pick % 8:
        return DOINGS[makes](at)
    return DOINGS[type_](at)


def types_for(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The types that a client with these kinds is made to send."""
    return tuple(
        type_ for type_ in DOINGS if KIND_OF.get(type_.partition(".")[0], kinds[0]) in kinds
    )
