"""Faults of what actions make of articles, and of whom they are shown to."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change, Listener
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


def to_writers(kind: Articles, article: JsonObject, changes: Iterable[Change]) -> list[Change]:
    """Keep changes from the sessions whose users may not write an article."""

    def writes(listener: Listener) -> bool:
        return isinstance(listener, Session) and kind.may_write(listener, article)

    return [replace(c, sessions=[s for s in c.sessions if writes(s)]) for c in changes]


@fault("subtitle-lost", breaks="ART-001")
class SubtitleLost(Articles):
    """A new article has no subtitle, whatever was given."""

    def create(self, action: Action) -> Effects:
        given = {name: value for name, value in action.data.items() if name != "subtitle"}
        return super().create(replace(action, data=given))


@fault("created-in-acting-session-only", breaks="ART-001")
class CreatedInActingSessionOnly(Articles):
    """A new article is shown in the session that made it, and in no other of its readers."""

    def create(self, action: Action) -> Effects:
        effects = super().create(action)
        told = [replace(change, sessions=[action.session]) for change in effects.changes]
        return replace(effects, changes=told)


@fault("absent-members-blanked", breaks="ART-002")
class AbsentMembersBlanked(Articles):
    """An update blanks the texts that it does not name."""

    def update(self, action: Action) -> Effects:
        changes = {"subtitle": "", "leading": "", "content": "", **action.data["changes"]}
        return super().update(replace(action, data={**action.data, "changes": changes}))


@fault("tags-ignored", breaks="ART-002")
class TagsIgnored(Articles):
    """An update does not change the tags."""

    def update(self, action: Action) -> Effects:
        changes = {name: v for name, v in action.data["changes"].items() if name != "tags"}
        return super().update(replace(action, data={**action.data, "changes": changes}))


@fault("updates-to-writers-only", breaks="ART-003")
class UpdatesToWritersOnly(Articles):
    """Updates of a published article reach those alone who may write it."""

    def update(self, action: Action) -> Effects:
        told = super().update(action).changes
        return Effects(to_writers(self, self.find(action), told))


@fault("deletion-to-writers-only", breaks="ART-003")
class DeletionToWritersOnly(Articles):
    """The deletion of a published article reaches those alone who may write it."""

    def delete(self, action: Action) -> Effects:
        article = self.find(action)
        return Effects(to_writers(self, article, super().delete(action).changes))


@fault("publication-to-writers-only", breaks="ART-005")
class PublicationToWritersOnly(Articles):
    """A published article is shown to others only in sessions that are opened later."""

    def publish(self, action: Action) -> Effects:
        told = super().publish(action).changes
        return Effects(to_writers(self, self.find(action), told))


@fault("published-again", breaks="ART-005")
class PublishedAgain(Articles):
    """A second publish moves the time."""

    def publish(self, action: Action) -> Effects:
        old = self.find_to_write(action)
        if old["published_at"] is None:
            return super().publish(action)
        article: JsonObject = {**old, "published_at": self.services.clock.now_ms()}
        return Effects(self._changed(action, {**article, "revision": old["revision"] + 1}))


@fault("published-in-seconds", breaks="ART-005")
class PublishedInSeconds(Articles):
    """`published_at` is in seconds."""

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        if article["published_at"] and article["published_at"] > 10**11:
            article = {**article, "published_at": article["published_at"] // 1_000}
        return super()._changed(action, article)


@fault("revision-stays", breaks="ART-006")
class RevisionStays(Articles):
    """An update leaves `revision` as it was."""

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        return super()._changed(action, {**article, "revision": article["revision"] - 1})


@fault("author-from-action", breaks="ART-015")
class AuthorFromAction(Articles):
    """An action may say who the author is."""

    def _put(self, action: Action, article: JsonObject) -> JsonObject:
        article["author_id"] = action.data.get("author_id", article["author_id"])
        return super()._put(action, article)


@fault("author-is-last-writer", breaks="ART-015")
class AuthorIsLastWriter(Articles):
    """Whoever updates an article becomes its author."""

    def _put(self, action: Action, article: JsonObject) -> JsonObject:
        article["author_id"] = action.user_id
        return super()._put(action, article)


@fault("edits-in-acting-session-only", breaks="EDIT-002")
class EditsInActingSessionOnly(Articles):
    """The start of an edit is shown in the session that edits, and in no other."""

    def edit_start(self, action: Action) -> Effects:
        started = super().edit_start(action).changes
        return Effects([replace(change, sessions=[action.session]) for change in started])


@fault("edits-to-writers-only", breaks="EDIT-002")
class EditsToWritersOnly(Articles):
    """Editors are shown to those alone who may write the article."""

    def edit_start(self, action: Action) -> Effects:
        started = super().edit_start(action).changes
        return Effects(to_writers(self, self.find(action), started))


@fault("editors-unknown-at-open", breaks="EDIT-002")
class EditorsUnknownAtOpen(Articles):
    """A session does not show the edits that were started before it."""

    def build(self, session: Session) -> ArticlesSlice:
        built = super().build(session)
        built.editors = []
        return built
