"""Faults of changes that come along with another one, and are told by nothing."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.session import Session

if TYPE_CHECKING:
    from omnisession_reference.wire import JsonObject


def quietly(changes: Iterable[Change]) -> None:
    """Fold changes into the slices of their sessions, and tell nobody."""
    for change in changes:
        for session in change.sessions:
            held = session.slices.get(change.kind)
            if held is not None:
                held.reduce(change.type, held.view(change))


@fault("send-ends-typing-silently", breaks="EVENT-001")
class SendEndsTypingSilently(Chat):
    """A message ends the typing of its user, and only the next state shows it."""

    def send(self, action: Action) -> Effects:
        quietly(self.typing_ended(action.user_id))
        return super().send(action)


@fault("leaving-is-half-told", breaks="EVENT-001")
class LeavingIsHalfTold(Chat):
    """Of a user who types and leaves only the leaving is told; the next state shows both."""

    def left(self, session: Session) -> Iterable[Change]:
        changes = list(super().left(session))
        quietly(c for c in changes if c.type == "chat.typing_changed")
        return [c for c in changes if c.type != "chat.typing_changed"]


@fault("update-ends-edit-silently", breaks="EVENT-001")
class UpdateEndsEditSilently(Articles):
    """An update ends the edit of its user, and only the next state shows it."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        over = self.end_edit(action.data["article_id"], action.session)
        quietly([over] if over is not None else [])
        return effects


@fault("publish-deselects-silently", breaks="EVENT-001")
class PublishDeselectsSilently(Articles):
    """A publish leaves nothing selected, and only the next state shows it."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        self.services.fanout.apply(effects.changes, action)
        nothing: JsonObject = {"article": None, "revisions": []}
        quietly([Change(self.name, "article.selected", nothing, [action.session])])
        return Effects()


@fault("publish-in-list-only", breaks="EVENT-001")
class PublishInListOnly(Articles):
    """The revision of a publish is told by no event; the next state shows it."""

    def publish(self, action: Action) -> Effects:
        effects = super().publish(action)
        quietly(c for c in effects.changes if c.type == "article.revision_added")
        rest = [c for c in effects.changes if c.type != "article.revision_added"]
        return replace(effects, changes=rest)


@fault("create-selects-silently", breaks="EVENT-001")
class CreateSelectsSilently(Articles):
    """A new article is selected by that, and only the next state shows it."""

    def create(self, action: Action) -> Effects:
        effects = super().create(action)
        article = effects.changes[0].data["article"]
        revisions = list(self.services.store.revisions(article["id"]))
        data = {"article": article, "revisions": revisions}
        quietly([Change(self.name, "article.selected", data, [action.session])])
        return effects


@fault("rename-changes-authors-silently", breaks="EVENT-001")
class RenameChangesAuthorsSilently(Users):
    """A new name becomes that of the user's articles, and only the next state shows it."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        name, store = self.services.store.user(action.user_id)["username"], self.services.store
        for article in [a for a in store.articles() if a["author_id"] == action.user_id]:
            renamed = {**article, "author": name}
            store.put_article(renamed, store.revisions(article["id"])[0])
            told = {"article": {**renamed, "content": None}}
            rooms = self.services.sessions.of_user(action.user_id).values()
            quietly([Change("articles", "article.updated", told, rooms)])
        return effects


@fault("update-moves-sessions-silently", breaks="EVENT-001")
class UpdateMovesSessionsSilently(Users):
    """An update of the user sets `opened_at` of the acting session, and only the next state shows it."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        action.session.opened_at = self.services.clock.now_ms()
        data = {"session": self.info(action.session)}
        audience = self.audience(action.user_id)
        quietly([Change(self.name, "user.session_opened", data, audience)])
        return effects


@fault("newcomers-miss-edits", breaks="EVENT-001")
class NewcomersMissEdits(Articles):
    """The new readers of an article are not told of the edits that run on it; their next state is."""

    def publish(self, action: Action) -> Effects:
        changes = super().publish(action).changes
        self.services.fanout.apply([c for c in changes if c.type != "article.edit_started"], action)
        quietly(c for c in changes if c.type == "article.edit_started")
        return Effects()


@fault("url-edits-count-silently", breaks="EVENT-001")
class UrlEditsCountSilently(Urls):
    """An update of a url counts as an access, and only the next state shows it."""

    def update(self, action: Action) -> Effects:
        effects = super().update(action)
        url = effects.changes[0].data["url"]
        counted = {**url, "access_count": url["access_count"] + 1}
        self.services.fanout.apply(effects.changes, action)
        self.services.store.put_url(counted)
        quietly([replace(effects.changes[0], data={"url": counted})])
        return Effects()
