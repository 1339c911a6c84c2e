"""What a user's own articles must look like after a script of accepted actions: an oracle of its own.

It follows the actions, never the server's messages, so it knows only what an author decides: ids,
revision numbers and times are the server's, and are compared with nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.roles.server.steps.articles import TEXTS, current

if TYPE_CHECKING:
    from collections.abc import Mapping

Entry = dict[str, Any]
GIVEN = (*TEXTS, "tags")


@dataclass(slots=True)
class Expected:
    """The articles that a script makes for one author, moved on action by action.

    `revisions` are the authors and titles of an article's revisions, the latest first; `editors` holds
    pairs of article and user; `current` is what the acting session selected.
    """

    author_id: str
    revisions_limit: int
    articles: dict[str, Entry] = field(default_factory=dict[str, Entry])
    revisions: dict[str, list[list[str]]] = field(default_factory=dict[str, list[list[str]]])
    editors: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    current: str | None = None
    made: set[str] = field(default_factory=set[str])
    """Every article of the script, deleted ones too; a lent user may have others."""

    def create(self, article_id: str, given: Mapping[str, Any]) -> None:
        """An article was created; of members that were not given nothing is expected."""
        self.made.add(article_id)
        self.articles[article_id] = {
            "author_id": self.author_id,
            "published": False,
            **dict.fromkeys(GIVEN),
            **given,
        }
        self._revise(article_id)

    def update(self, article_id: str, changes: Mapping[str, Any]) -> None:
        """Members of an article were changed."""
        self.articles[article_id].update(changes)
        self._revise(article_id)

    def publish(self, article_id: str) -> None:
        """A draft was published, which makes a revision, too."""
        self.articles[article_id]["published"] = True
        self._revise(article_id)

    def delete(self, article_id: str) -> None:
        """An article was deleted with all that belongs to it."""
        del self.articles[article_id], self.revisions[article_id]
        self.editors = {pair for pair in self.editors if pair[0] != article_id}
        if self.current == article_id:
            self.current = None

    def _revise(self, article_id: str) -> None:
        title = self.articles[article_id]["title"]
        self.revisions.setdefault(article_id, []).insert(0, [self.author_id, title])

    def view(self, *, own: bool = True, selects: bool = True) -> dict[str, Any]:
        """What a session must show: of the author (`own`) or another reader, that selected or did not."""
        shown = {id_: a for id_, a in self.articles.items() if own or a["published"]}
        listed = {id_: {**a, "content": None} for id_, a in shown.items()}
        current_id = self.current if selects else None
        return {
            "articles": listed,
            "current_article": None if current_id is None else self.articles[current_id],
            "revisions": []
            if current_id is None
            else self.revisions[current_id][: self.revisions_limit],
            "editors": sorted([*pair] for pair in self.editors if pair[0] in shown),
        }

    def seen(self, slice_: Mapping[str, Any]) -> dict[str, Any]:
        """The same of a slice that a server told: what `view` must equal."""
        entries: list[Entry] = slice_.get("articles") or []
        own = [entry for entry in entries if str(entry.get("id")) in self.made]
        revisions: list[Entry] = slice_.get("revisions") or []
        editors: list[Entry] = slice_.get("editors") or []
        selected = current(slice_)
        return {
            "articles": {str(entry.get("id")): self._given(entry) for entry in own},
            "current_article": self._given(selected) if selected else None,
            "revisions": [[r.get("author_id"), r.get("title")] for r in revisions],
            "editors": sorted(
                [str(e.get("article_id")), str(e.get("user_id"))]
                for e in editors
                if str(e.get("article_id")) in self.made
            ),
        }

    def _given(self, entry: Mapping[str, Any]) -> Entry:
        """An article's members as far as its author decided them."""
        mine = self.articles.get(str(entry.get("id")), {})
        seen: Entry = {name: entry.get(name, "(missing)") for name in (*GIVEN, "author_id")}
        unknown = {name: None for name in GIVEN if mine and mine[name] is None}
        return {**seen, **unknown, "published": entry.get("published_at") is not None}


def mismatch(expected: Any, seen: Any, at: str = "") -> tuple[str, Any, Any] | None:
    """Where two JSON values differ first, and both sides there; None where they are equal."""
    if not (is_object(expected) and is_object(seen)):
        return None if expected == seen else (at, expected, seen)
    for name in (*expected, *(name for name in seen if name not in expected)):
        mine, theirs = expected.get(name, "(absent)"), seen.get(name, "(absent)")
        if (found := mismatch(mine, theirs, f"{at}/{name}")) is not None:
            return found
    return None
