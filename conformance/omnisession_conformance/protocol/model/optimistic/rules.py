"""The rules of the fold, one for each type of action, as the table of docs/spec/optimistic.md has them.

A rule takes the slice of its kind as the rules before have left it, and gives the slice after it: the
same one where it does nothing. It looks at no right, no `expect` and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.articles import CURRENT, LISTED
from omnisession_conformance.protocol.kinds.chat import MESSAGES
from omnisession_conformance.protocol.kinds.parts import Entry, ListOf, Slice
from omnisession_conformance.protocol.kinds.url import URLS
from omnisession_conformance.protocol.model.optimistic.values import (
    INTEGER,
    LOCAL,
    TEXT,
    AnyLocalId,
    NotTaken,
)
from omnisession_conformance.protocol.model.reducers import reduce_event


@dataclass(frozen=True, slots=True)
class Pending:
    """An action that is not known to be done. It has no `action_id` where the client has told none yet."""

    type: str
    data: Mapping[str, Any]
    action_id: str | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """Whose view it is, and the limits of its session: None before it is open, and then nothing is cut."""

    user_id: str
    limits: Mapping[str, int] | None = None


Rule = Callable[[Slice, Pending, Here], Slice]


@dataclass(frozen=True, slots=True)
class Given:
    """The member of the action's data with this name; `absent` where it has none."""

    absent: Any


class Own:
    """The own user."""


class Id:
    """The local id of the new entry."""


def as_event(type_: str, *members: str, **data: Any) -> Rule:
    """As the event of a type with these members of the action, and these data."""

    def rule(slice_: Slice, pending: Pending, here: Here) -> Slice:
        told = {name: pending.data.get(name) for name in members}
        return reduce_event(slice_, type_, {**told, **data}, here.limits or {})

    return rule


def creates(list_: ListOf, **members: Any) -> Rule:
    """A new entry in front of a list, with these members; then the list is cut."""

    def rule(slice_: Slice, pending: Pending, here: Here) -> Slice:
        entry = {name: _made(value, name, pending, here) for name, value in members.items()}
        entries = [entry, *slice_[list_.name]]
        kept = entries if here.limits is None else list_.cut(entries, here.limits)
        return {**slice_, list_.name: kept}

    return rule


def _made(value: Any, name: str, pending: Pending, here: Here) -> Any:
    if value is Own:
        return here.user_id
    if value is Id:
        return AnyLocalId() if pending.action_id is None else LOCAL + pending.action_id
    if isinstance(value, Given):
        return pending.data.get(name, value.absent)
    return value


def entry_takes(list_: ListOf, id_: str, *members: str) -> Rule:
    """The entry of a list that the action names by a member takes these members of its `changes`."""

    def rule(slice_: Slice, pending: Pending, _: Here) -> Slice:
        changes = as_object(pending.data.get("changes"))
        return _taken_in(slice_, list_, pending.data.get(id_), changes, members)

    return rule


def one_takes(name: str, *members: str, id_: str | None = None) -> Rule:
    """A member of the slice, unless it is null or of another id, takes these members of `changes`."""

    def rule(slice_: Slice, pending: Pending, _: Here) -> Slice:
        one = slice_[name]
        if one is None or (id_ is not None and one.get("id") != pending.data.get(id_)):
            return slice_
        return {**slice_, name: _taken(one, as_object(pending.data.get("changes")), members)}

    return rule


def message_takes_content(slice_: Slice, pending: Pending, _: Here) -> Slice:
    """The message that the action names takes its `content`."""
    id_ = pending.data.get("message_id")
    return _taken_in(slice_, MESSAGES, id_, pending.data, ("content",), left={"message_id"})


def both(*rules: Rule) -> Rule:
    """One rule after the other."""

    def rule(slice_: Slice, pending: Pending, here: Here) -> Slice:
        for one in rules:
            slice_ = one(slice_, pending, here)
        return slice_

    return rule


def when_null(name: str, rule: Rule) -> Rule:
    """A rule that does something only where a member of the action is null."""
    return lambda slice_, pending, here: (
        rule(slice_, pending, here) if pending.data.get(name, "") is None else slice_
    )


def _taken_in(
    slice_: Slice,
    list_: ListOf,
    id_: Any,
    changes: Mapping[str, Any],
    members: tuple[str, ...],
    left: frozenset[str] | set[str] = frozenset(),
) -> Slice:
    entries: list[Entry] = slice_[list_.name]
    told = {name: value for name, value in changes.items() if name not in left}
    after = [_taken(one, told, members) if one.get("id") == id_ else one for one in entries]
    return {**slice_, list_.name: after}


def _taken(entry: Entry, changes: Mapping[str, Any], members: tuple[str, ...]) -> Entry:
    """An entry with those members of some changes, and with none of what else is in them."""
    unknown = {name: NotTaken(value) for name, value in changes.items() if name not in entry}
    taken = {name: changes[name] for name in members if name in changes}
    return {**unknown, **entry, **taken}


_OF_ARTICLES = ("title", "slug", "subtitle", "leading", "tags")

RULES: Mapping[str, Rule] = {
    "article.update": both(
        entry_takes(LISTED, "article_id", *_OF_ARTICLES),
        one_takes(CURRENT.name, *_OF_ARTICLES, "content", id_="article_id"),
    ),
    "article.delete": as_event("article.deleted", "article_id"),
    "chat.delete": as_event("chat.message_deleted", "message_id"),
    "url.delete": as_event("url.deleted", "url_id"),
    "article.select": when_null(
        "article_id", as_event("article.selected", article=None, revisions=[])
    ),
    "article.create": creates(
        LISTED,
        id=Id,
        author_id=Own,
        title=Given(absent=""),
        # A server makes one where none is given.
        slug=Given(absent=TEXT),
        subtitle=Given(absent=""),
        leading=Given(absent=""),
        tags=Given(absent=[]),
        content=None,
        published_at=None,
        revision=INTEGER,
        author=TEXT,
        struct_version=INTEGER,
    ),
    "chat.send": creates(
        MESSAGES, id=Id, user_id=Own, content=Given(absent=""), edited_at=None, sent_at=INTEGER
    ),
    "url.create": creates(
        URLS,
        id=Id,
        created_by=Own,
        target_url=Given(absent=""),
        short_code=Given(absent=TEXT),
        access_count=0,
        is_active=True,
        created_at=INTEGER,
        updated_at=INTEGER,
    ),
    "chat.edit": message_takes_content,
    "url.update": entry_takes(URLS, "url_id", "target_url", "short_code", "is_active"),
    "user.update": one_takes("user", "username", "email"),
}
"""By type of action; all others do nothing."""
CREATES = ("article.create", "chat.send", "url.create")
"""Those that make a local entry."""
