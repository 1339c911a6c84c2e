"""Faults of articles: what an update brings along, whose time it is, what a session without them does."""
# ruff: noqa: D102  an override means what it overrides

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.out import Out
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject

Patch = Callable[[Articles, JsonObject, JsonObject], None]
"""Takes the kind, what an update names, and the article as it is going to be."""


def _updates(name: str, sentence: str, patch: Patch) -> None:
    class Part(Articles):
        def update(self, action: Action) -> Effects:
            self._named = action.data["changes"]
            try:
                return super().update(action)
            finally:
                self._named = None

        def check_sizes(self, article: JsonObject) -> None:
            named: JsonObject | None = vars(self).get("_named")
            if named is not None:
                patch(self, named, article)
            super().check_sizes(article)

    Part.__doc__ = sentence
    fault(name, breaks="ART-002")(Part)


def _slug_follows(_kind: Articles, named: JsonObject, article: JsonObject) -> None:
    if "title" in named and "slug" not in named:
        words = re.findall(r"[a-z0-9]+", article["title"].lower())
        article["slug"] = "-".join(words)[:80] or article["slug"]


def _takes_all(_kind: Articles, named: JsonObject, article: JsonObject) -> None:
    article |= {n: named[n] for n in ("author", "struct_version") if n in named}


def _renames(kind: Articles, _named: JsonObject, article: JsonObject) -> None:
    article["author"] = kind.services.store.user(article["author_id"])["username"]


_updates("slug-follows-title", "An update of the title makes the slug anew.", _slug_follows)
_updates(
    "updates-take-what-the-server-sets",
    "An update may set the name of the author and `struct_version`.",
    _takes_all,
)
_updates("update-renames-author", "An update shows the name that the author has by now.", _renames)


@fault("drafts-deleted-for-their-author", breaks="ART-013")
class DraftsDeletedForTheirAuthor(Articles):
    """The deletion of a draft is told to its author alone."""

    def delete(self, action: Action) -> Effects:
        article = self.find(action)
        effects = super().delete(action)
        if article["published_at"] is not None:
            return effects
        author = [s for s in self.readers(article) if s.user_id == article["author_id"]]
        return replace(effects, changes=[replace(c, sessions=author) for c in effects.changes])


@fault("since-of-the-client", breaks="EDIT-002")
class SinceOfTheClient(Articles):
    """An edit began when the action says so."""

    def edit_start(self, action: Action) -> Effects:
        effects = super().edit_start(action)
        for change in effects.changes:
            edit = self.services.store.edits(change.data["article_id"])[action.user_id]
            edit.since = change.data["since"] = action.body["timestamp"]
        return effects


@fault("publish-shows-current-in-brief", breaks="ART-005")
class PublishShowsCurrentInBrief(Articles):
    """The publish of the selected article shows it without its content."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        return replace(
            effects,
            changes=[
                replace(c, data=c.brief, hint=None) if c.brief is not None else c
                for c in effects.changes
            ],
        )


@fault("blind-edits-stay", breaks="EDIT-005")
class BlindEditsStay(Articles):
    """The end of a session without the kind articles does not end its edits."""

    def left(self, session: Session) -> Iterable[Change]:
        return super().left(session) if "articles" in session.terms.kinds else ()


@fault("close-ends-one-edit", breaks="EDIT-005")
class CloseEndsOneEdit(Articles):
    """The end of a session ends the first of its edits alone."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = [
            self.end_edit(a, session) for a in [*self.services.store.edited_in(session.key)][:1]
        ]
        return [change for change in changes if change is not None]


@fault("hints-without-content", breaks="ART-014")
class HintsWithoutContent(Out):
    """Hints show an article without its content."""

    def hint(self, article_id: str, type_name: str, event_id: str, data: JsonObject) -> None:
        if "article" in data:
            data = {"article": {**data["article"], "content": None}}
        super().hint(article_id, type_name, event_id, data)
