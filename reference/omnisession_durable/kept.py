"""The shared data as the journal has it: a store into which only entries write."""
# ruff: noqa: SLF001  a store looks into one of its own class

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from omnisession_durable.terms import read_terms
from omnisession_reference.session import Key
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject

LONGEST_TYPING_MS = 6_000


class Store(MemoryStore):
    """A store that another one can begin with."""

    def begin_with(self, other: "Store") -> None:
        """Hold what another one holds; what either is told from then on the other does not see."""
        self._articles = dict(other._articles)
        self._revisions = {name: kept.copy() for name, kept in other._revisions.items()}
        self._edits = {
            name: {user: replace(edit, sessions=set(edit.sessions)) for user, edit in of.items()}
            for name, of in other._edits.items()
        }
        self._edited_in = {key: dict(names) for key, names in other._edited_in.items()}
        self._messages = dict(other._messages)
        self._urls = dict(other._urls)
        self._urls_of = {user: set(names) for user, names in other._urls_of.items()}
        self._codes = dict(other._codes)
        self._users = dict(other._users)
        self._changed_users = set(other._changed_users)


class Kept:
    """The `Domain` of the reference server: what its owner decided to write, and nothing else.

    Whoever owns the journal decides by all that it has decided before, so an entry rests on no version.
    """

    def __init__(self) -> None:
        self.store = Store()
        # Which article is the current one of a session.
        self.selected: dict[Key, str] = {}
        # Who types: since when, in fold time, and for how long.
        self.typing: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._at_ms = 0

    def version(self, key: str) -> int:
        """Nothing is read that has one."""
        del key
        return 0

    def agrees(self, terms: JsonObject) -> bool:
        """Whether a session of these terms can be shown; never raises."""
        return read_terms("", terms) is not None

    def fits(self, writes: Sequence[JsonObject]) -> bool:
        """Whether all of these have a meaning now; never raises, whatever they are."""
        return all(self._fits(write) for write in writes)

    def write(self, seq: int, at_ms: int, writes: Sequence[JsonObject]) -> Iterable[JsonObject]:
        """Write what fits; the changes are the writes."""
        del seq
        self._at_ms = at_ms
        for write in writes:
            name = write["op"]
            # The key of a session is a list in an entry.
            values = [tuple(v) if isinstance(v, list) else v for v in write["values"]]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            getattr(self if name in OF_SESSIONS else self.store, name)(*values)
        return writes

    def who_types(self, now_ms: int) -> Iterable[tuple[str, int]]:
        """Who has begun to type so lately, in fold time, that it may still do so, and for how long."""
        for user, (at_ms, ttl_ms) in self.typing.items():
            if at_ms + ttl_ms > now_ms:
                yield user, ttl_ms

    def note_typing(self, user: str, ttl_ms: int) -> None:
        """Note that a user types from now on, or does not any more."""
        self.typing.pop(user, None)
        while self.typing and next(iter(self.typing.values()))[0] + LONGEST_TYPING_MS < self._at_ms:
            self.typing.popitem(last=False)
        if ttl_ms:
            self.typing[user] = (self._at_ms, ttl_ms)

    def select(self, session: Key, article_id: str | None) -> None:
        """Note which article is the current one of a session."""
        if article_id is None:
            self.selected.pop(session, None)
        else:
            self.selected[session] = article_id

    def leave(self, session: Key) -> None:
        """Note that a session is over: it has no current article, and edits nothing."""
        self.selected.pop(session, None)
        for article_id in self.store.edited_in(session):
            self.store.end_edit(article_id, session)

    def as_json(self) -> JsonObject:
        """All of it, for whoever compares two folds."""
        held = {name: value for name, value in vars(self.store).items() if name != "_outcomes"}
        return {"store": held, "selected": self.selected, "typing": self.typing}

    def _fits(self, write: JsonObject) -> bool:
        name, values = write.get("op"), write.get("values")
        if not isinstance(name, str) or name not in _FORMS or not isinstance(values, list):
            return False
        given: list[Any] = list(values)  # pyright: ignore[reportUnknownArgumentType]
        forms = _FORMS[name]
        if len(given) != len(forms) or not all(
            is_one(value) for is_one, value in zip(forms, given, strict=True)
        ):
            return False
        known = _KNOWN.get(name)
        return known is None or known(self.store, given[0]) is not None


def _has(*members: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and set(members) <= set(value)  # pyright: ignore[reportUnknownArgumentType]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_key(value: Any) -> bool:
    return isinstance(value, list) and list(map(type, value)) == [str, str]  # pyright: ignore[reportUnknownArgumentType]


def _is_number(value: Any) -> bool:
    return type(value) is int and value >= 0


_ARTICLE = _has("id", "author_id", "published_at", "revision", "title", "content")
_REVISION = _has("article_id", "revision")
_MESSAGE = _has("id", "user_id", "content")
_URL = _has("id", "created_by", "created_at", "short_code")
_USER = _has("id", "username")

OF_SESSIONS = ("select", "note_typing", "leave")
# What is written, by the names of methods of a store, or of `Kept` itself, and the form of each value.
_FORMS: Mapping[str, Sequence[Callable[[Any], bool]]] = {
    "put_article": (_ARTICLE, _REVISION),
    "delete_article": (_is_text,),
    "start_edit": (_is_text, _is_key, _is_number),
    "end_edit": (_is_text, _is_key),
    "put_message": (_MESSAGE,),
    "delete_message": (_is_text,),
    "put_url": (_URL,),
    "delete_url": (_is_text,),
    "put_user": (_USER,),
    "select": (_is_key, _is_text_or_none),
    "note_typing": (_is_text, _is_number),
    "leave": (_is_key,),
}
_KNOWN: Mapping[str, Callable[[Store, Any], Any]] = {
    "delete_article": Store.article,
    "delete_message": Store.message,
    "delete_url": Store.url,
}
