"""What an action does: the events that it causes, and the id of what it made. Knows no session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.client.puppet.bodies import error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.protocol.kinds.parts import Slice


@dataclass(frozen=True, slots=True)
class Effect:
    """Events in their order; or `refusal`, an error, in place of them."""

    events: tuple[tuple[str, Object], ...] = ()
    result: Mapping[str, str] = field(default_factory=dict[str, str])
    refusal: Object | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """An action, who acts, and what is there, whatever the session shows; `contents` are of articles."""

    user_id: str
    data: Object
    expect: Object
    slices: Mapping[str, Slice]
    contents: Mapping[str, str]
    new_id: str
    at_ms: int

    def entry(self, kind: str, list_: str, id_: str) -> Object | None:
        """What it is about, None where that is not there."""
        entries: list[Object] = self.slices[kind][list_]
        wanted: Any = self.data.get(id_)
        return next((one for one in entries if one["id"] == wanted), None)


_GONE = Effect(refusal=error(4040, "There is no such thing; look at the list again."))


def _nothing(_: Act) -> Effect:
    return Effect()


def _send(act: Act) -> Effect:
    message = {
        "id": act.new_id,
        "user_id": act.user_id,
        "content": act.data["content"],
        "sent_at": act.at_ms,
        "edited_at": None,
    }
    return Effect((("chat.message_added", {"message": message}),), {"message_id": act.new_id})


def _edit(act: Act) -> Effect:
    message = act.entry("chat", "messages", "message_id")
    if message is None:
        return _GONE
    edited = {**message, "content": act.data["content"], "edited_at": act.at_ms}
    return Effect((("chat.message_edited", {"message": edited}),))


def _delete_message(act: Act) -> Effect:
    if act.entry("chat", "messages", "message_id") is None:
        return _GONE
    return Effect((("chat.message_deleted", {"message_id": act.data["message_id"]}),))


def _typing(act: Act) -> Effect:
    active: Any = act.data["active"]
    if active == (act.user_id in act.slices["chat"]["typing_indicators"]):
        return Effect()
    return Effect((("chat.typing_changed", {"user_id": act.user_id, "active": active}),))


def _named(data: Any, *members: str) -> Object:
    """The members of some data that their page names: all others are the server's to set, or nobody's."""
    return {name: data[name] for name in members if name in as_object(data)}


_OF_ARTICLES = ("title", "slug", "subtitle", "leading", "content", "tags")


def _create(act: Act) -> Effect:
    article: Object = {
        "id": act.new_id,
        "slug": f"s-{act.new_id}",
        "revision": 1,
        "author_id": act.user_id,
        "author": act.user_id,
        "subtitle": "",
        "leading": "",
        "content": "",
        "tags": [],
        "published_at": None,
        "struct_version": 1,
        **_named(act.data, *_OF_ARTICLES),
    }
    return Effect((("article.created", {"article": article}),), {"article_id": act.new_id})


def _update(act: Act) -> Effect:
    article = act.entry("articles", "articles", "article_id")
    if article is None:
        return _GONE
    revision: int = article["revision"]
    if act.expect.get("revision", revision) != revision:
        stale = error(4090, "The article has changed; look at it again.")
        return Effect(refusal={**stale, "details": {"revision": revision}})
    content = act.contents.get(article["id"], "")
    changed = {**article, "content": content, **_named(act.data["changes"], *_OF_ARTICLES)}
    return Effect((("article.updated", {"article": {**changed, "revision": revision + 1}}),))


def _delete_article(act: Act) -> Effect:
    if act.entry("articles", "articles", "article_id") is None:
        return _GONE
    return Effect((("article.deleted", {"article_id": act.data["article_id"]}),))


def _select(act: Act) -> Effect:
    if act.data["article_id"] is None:
        return Effect((("article.selected", {"article": None, "revisions": []}),))
    article = act.entry("articles", "articles", "article_id")
    if article is None:
        return _GONE
    whole = {**article, "content": act.contents.get(article["id"], "")}
    return Effect((("article.selected", {"article": whole, "revisions": []}),))


def _edit_article(act: Act) -> Effect:
    if act.entry("articles", "articles", "article_id") is None:
        return _GONE
    named = {"article_id": act.data["article_id"], "user_id": act.user_id}
    editors: list[Object] = act.slices["articles"]["editors"]
    if any({name: one[name] for name in named} == named for one in editors):
        return Effect()
    return Effect((("article.edit_started", {**named, "since": act.at_ms}),))


def _shorten(act: Act) -> Effect:
    url = {
        "id": act.new_id,
        "short_code": act.data.get("short_code", f"c{act.new_id}"),
        "target_url": act.data["target_url"],
        "created_by": act.user_id,
        "created_at": act.at_ms,
        "updated_at": act.at_ms,
        "access_count": 0,
        "is_active": True,
    }
    return Effect((("url.created", {"url": url}),), {"url_id": act.new_id})


def _update_url(act: Act) -> Effect:
    url = act.entry("url", "urls", "url_id")
    if url is None:
        return _GONE
    changes = _named(act.data["changes"], "target_url", "short_code", "is_active")
    changed = {**url, **changes, "updated_at": act.at_ms}
    return Effect((("url.updated", {"url": changed}),))


def _delete_url(act: Act) -> Effect:
    if act.entry("url", "urls", "url_id") is None:
        return _GONE
    return Effect((("url.deleted", {"url_id": act.data["url_id"]}),))


def _rename(act: Act) -> Effect:
    user = as_object(act.slices["user"]["user"])
    renamed = {**user, **_named(act.data["changes"], "username", "email")}
    shown = {"id": act.user_id, "username": renamed["username"]}
    told: list[tuple[str, Object]] = [("user.updated", {"user": renamed})]
    if shown["username"] != user["username"]:
        # The room shows the name as well.
        told.append(("chat.participant_joined", {"user": shown}))
    return Effect(tuple(told))


EFFECTS: Mapping[str, Callable[[Act], Effect]] = {
    "session.noop": _nothing,
    "article.create": _create,
    "article.update": _update,
    "article.delete": _delete_article,
    "article.select": _select,
    "article.edit_start": _edit_article,
    "chat.send": _send,
    "chat.edit": _edit,
    "chat.delete": _delete_message,
    "chat.typing": _typing,
    "url.create": _shorten,
    "url.update": _update_url,
    "url.delete": _delete_url,
    "user.update": _rename,
}
TYPES: tuple[str, ...] = tuple(EFFECTS)
"""What the puppet takes: of others it says so in `opened.actions`."""
