"""Actions that a user may do next, each unlike all before it. Knows no client.

Nothing here prefers a kind: what is made is an action of a type that the client's dispatch takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.kinds.tables import KIND_OF_PREFIX
from omnisession_conformance.roles.client.puppet.effects import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.protocol.json import Object

Data = Callable[[str, str], Mapping[str, Any]]
"""The data of an action, of a word that nobody else has and the id of what it is about."""


@dataclass(frozen=True, slots=True)
class Form:
    """How an action of a type is made.

    `about` is the list that it needs an entry of; `text` the way to a member that may be as long as one
    likes, `needed` the one without which it is invalid. One that is `alike` cannot be told from another.
    """

    data: Data
    about: tuple[str, str] | None = None
    text: tuple[str, ...] = ()
    needed: str = ""
    alike: bool = False


ARTICLE, MESSAGE, URL = ("articles", "articles"), ("chat", "messages"), ("url", "urls")
FORMS: Mapping[str, Form] = {
    "article.create": Form(
        lambda word, _: {"title": f"Title {word}", "content": f"Text {word}"},
        text=("content",),
        needed="title",
    ),
    "chat.send": Form(
        lambda word, _: {"content": f"Text {word}"}, text=("content",), needed="content"
    ),
    "url.create": Form(
        lambda word, _: {"target_url": f"https://example.org/{word}"},
        text=("target_url",),
        needed="target_url",
    ),
    "user.update": Form(
        lambda word, _: {"changes": {"username": f"Name {word}"}},
        text=("changes", "username"),
        needed="changes",
    ),
    "article.update": Form(
        lambda word, id_: {"article_id": id_, "changes": {"content": f"Text {word}"}},
        ARTICLE,
        text=("changes", "content"),
        needed="changes",
    ),
    "chat.edit": Form(
        lambda word, id_: {"message_id": id_, "content": f"Text {word}"},
        MESSAGE,
        text=("content",),
        needed="content",
    ),
    "url.update": Form(
        lambda word, id_: {
            "url_id": id_,
            "changes": {"target_url": f"https://example.org/{word}"},
        },
        URL,
        text=("changes", "target_url"),
        needed="changes",
    ),
    "article.select": Form(lambda _, id_: {"article_id": id_}, ARTICLE, needed="article_id"),
    "article.edit_start": Form(lambda _, id_: {"article_id": id_}, ARTICLE, needed="article_id"),
    "article.delete": Form(lambda _, id_: {"article_id": id_}, ARTICLE, needed="article_id"),
    "chat.delete": Form(lambda _, id_: {"message_id": id_}, MESSAGE, needed="message_id"),
    "url.delete": Form(lambda _, id_: {"url_id": id_}, URL, needed="url_id"),
    "chat.typing": Form(lambda _, __: {"active": True}, needed="active", alike=True),
    "session.noop": Form(lambda _, __: {}, alike=True),
}
"""By type, those that need nothing to be about first."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that a user wants done."""

    type: str
    data: Mapping[str, Any]

    @property
    def form(self) -> Form:
        """How it was made."""
        return FORMS[self.type]

    def longer(self, by: int) -> Deed:
        """The same with so many bytes more, in a text where it has one."""
        return self.with_more("x" * by)

    def with_more(self, text: str) -> Deed:
        """The same with more text, where it has one."""
        return Deed(self.type, _longer(self.data, self.form.text or ("note",), text))

    def invalid(self) -> Deed | None:
        """The same with a member that its schema refuses; None where nothing in it can be wrong."""
        needed = self.form.needed
        return Deed(self.type, {**self.data, needed: 7}) if needed else None

    def is_in(self, body: Mapping[str, Any]) -> bool:
        """Whether the body of an action, as it is on `user.actions`, asks for this."""
        return body.get("type") == self.type and _covers(body.get("data"), self.data)


def takes(actions: Iterable[str], kinds: Iterable[str] | None = None) -> tuple[str, ...]:
    """Those of some types that can be made and done, of some kinds where these are given."""
    known = set(actions) & set(TYPES)
    found = tuple(type_ for type_ in FORMS if type_ in known)
    if kinds is None:
        return found
    wanted = set(kinds)
    return tuple(type_ for type_ in found if kind_of(type_) in (None, *wanted))


def kind_of(type_: str) -> str | None:
    """The kind that an action is of, None for none."""
    return KIND_OF_PREFIX.get(type_.partition(".")[0])


@dataclass(slots=True)
class Maker:
    """Makes actions, one type after the other, each with a word of its own."""

    types: tuple[str, ...]
    word: Callable[[], str]
    made: int = field(default=0, init=False)

    def next(self, target: Callable[[str, str], str], type_: str | None = None) -> Deed:
        """The next action; `target` gives the id of a new entry of a list of a kind."""
        chosen = type_ or self.types[self.made % len(self.types)]
        self.made += 1
        form = FORMS[chosen]
        about = "" if form.about is None else target(*form.about)
        return Deed(chosen, form.data(self.word(), about))


def _longer(data: Mapping[str, Any], way: tuple[str, ...], more: str) -> Object:
    name, *rest = way
    if rest:
        return {**data, name: _longer(data[name], tuple(rest), more)}
    return {**data, name: str(data.get(name, "")) + more}


def _covers(body: Any, data: Any) -> bool:
    """Whether a value has all that another says: a client may add members of its own."""
    if not isinstance(data, Mapping):
        return bool(body == data)
    if not isinstance(body, Mapping):
        return False
    return all(
        name in body and _covers(body[name], value)  # pyright: ignore[reportUnknownArgumentType]
        for name, value in data.items()  # pyright: ignore[reportUnknownVariableType]
    )
