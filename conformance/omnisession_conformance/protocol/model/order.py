"""How the lists of a slice are ordered; strings compare by code point, as Python's do.

The sort keys take whatever a faulty server may send: a member of the wrong type counts as none.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_int, as_text, is_list, objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.protocol.model.slices import Slice

Part = int | str
Key = tuple[Part, ...]


def article_key(article: dict[str, Any]) -> Key:
    """Order articles: drafts first, then the latest published, then by id."""
    published_at, id_ = article.get("published_at"), article.get("id")
    if not isinstance(id_, str):
        id_ = ""
    return (1, -published_at, id_) if isinstance(published_at, int) else (0, 0, id_)


def revision_key(revision: dict[str, Any]) -> Key:
    """Order revisions: highest first."""
    return (-as_int(revision.get("revision")),)


def editor_key(editor: dict[str, Any]) -> Key:
    """Order editors: by article, then user."""
    return (as_text(editor.get("article_id")), as_text(editor.get("user_id")))


def participant_key(user: dict[str, Any]) -> Key:
    """Order participants: by id."""
    return (as_text(user.get("id")),)


def url_key(url: dict[str, Any]) -> Key:
    """Order short urls: the latest created first, then by id."""
    return (-as_int(url.get("created_at")), as_text(url.get("id")))


def session_key(session: dict[str, Any]) -> Key:
    """Order sessions: the first opened first, then by id."""
    return (as_int(session.get("opened_at")), as_text(session.get("session_id")))


def string_key(value: Any) -> Key:
    """Order plain strings."""
    return (as_text(value),)


ORDERS: dict[str, dict[str, Callable[[Any], Key]]] = {
    "articles": {"articles": article_key, "revisions": revision_key, "editors": editor_key},
    # Chat messages are not here: they stand in the order of acceptance, which no member tells.
    "chat": {"participants": participant_key, "typing_indicators": string_key},
    "url": {"urls": url_key},
    "user": {"permissions": string_key, "sessions": session_key},
}
"""By kind and list: the sort key of its entries, ascending."""


@dataclass(frozen=True, slots=True)
class Misplacement:
    """Two neighbours of a list that stand the wrong way round, or are the same.

    `index` is that of the second; `by_string` says that a string decides between the two.
    """

    kind: str
    list_name: str
    index: int
    before: Key
    after: Key

    @property
    def pointer(self) -> str:
        """JSON pointer into the state's body."""
        return f"/data/{self.list_name}/{self.index}"

    @property
    def same(self) -> bool:
        """Whether the two have equal keys: a list that holds something twice."""
        return self.before == self.after

    @property
    def by_string(self) -> bool:
        """Whether the first part in which the two keys differ is a string."""
        for one, other in zip(self.before, self.after, strict=False):
            if one != other:
                return isinstance(one, str)
        return False


def misplacement_in(kind: str, list_name: str, entries: Any) -> Misplacement | None:
    """Return the first misplacement in a list, or None where it is right or has no order."""
    key = ORDERS.get(kind, {}).get(list_name)
    if key is None or not is_list(entries) or len(entries) < 2:
        return None
    known = entries if key is string_key else objects(entries)
    keys = list(map(key, known))
    if all(map(operator.lt, keys, keys[1:])):
        return None
    for before, after in pairwise(zip(keys, known, strict=True)):
        if before[0] >= after[0]:
            index = next(i for i, entry in enumerate(entries) if entry is after[1])
            return Misplacement(kind, list_name, index, before[0], after[0])
    return None


def first_misplacement(kind: str, data: Slice) -> Misplacement | None:
    """Return the first misplacement in any list of a slice, or None where all are right."""
    for list_name in ORDERS.get(kind, {}):
        found = misplacement_in(kind, list_name, data.get(list_name))
        if found is not None:
            return found
    return None
