"""What the pages of the kinds leave to the server."""

from dataclasses import replace

from omnisession_faults.variants.registry import variant
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.articles_slice import ArticlesSlice
from omnisession_reference.kinds.chat import Chat
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.users import Users
from omnisession_reference.kinds.users_slice import UserSlice
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject


@variant("typing-ends-with-send")
class TypingEndsWithSend(Chat):
    """A message that a user sends ends its typing."""

    def send(self, action: Action) -> Effects:
        """Tell the message, then that the user types no more."""
        effects = super().send(action)
        over = self.typing_ended(action.user_id)
        return replace(effects, changes=[*effects.changes, *over])


@variant("old-messages-kept")
class OldMessagesKept(MemoryStore):
    """Messages that are too old to be shown can still be edited and deleted."""

    def put_message(self, message: JsonObject) -> None:
        """Forget none."""
        self._messages[message["id"]] = message


@variant("codes-used-once")
class CodesUsedOnce(Urls):
    """The code of a deleted url is never free again."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._owners: dict[str, str] = {}

    def is_taken(self, url: JsonObject) -> bool:
        """Ask who had the code first."""
        return self._owners.get(url["short_code"], url["id"]) != url["id"]

    def put(self, action: Action, change_type: str, url: JsonObject) -> Change:
        """Remember who has the code."""
        self._owners[url["short_code"]] = url["id"]
        return super().put(action, change_type, url)


@variant("urls-are-followed")
class UrlsAreFollowed(Urls):
    """Somebody follows each new url at once, so its count grows by itself."""

    def create(self, action: Action) -> Effects:
        """Count an access a moment later."""
        effects = super().create(action)
        url_id = (effects.result or {})["url_id"]
        self.services.clock.call_later(30, lambda: self._follow(url_id))
        return effects

    def _follow(self, url_id: str) -> None:
        url = self.services.store.url(url_id)
        if url is not None:
            url = {**url, "access_count": url["access_count"] + 2}
            self.services.store.put_url(url)
            own = self.services.sessions.of_user(url["created_by"]).values()
            self.services.fanout.apply([Change(self.name, "url.updated", {"url": url}, own)])


@variant("revisions-jump")
class RevisionsJump(Articles):
    """Revisions grow by ten."""

    def _changed(self, action: Action, article: JsonObject) -> list[Change]:
        return super()._changed(action, {**article, "revision": article["revision"] + 9})


@variant("plain-articles")
class PlainArticles(Articles):
    """Authors have no display name, and the structure of content is version 0."""

    def _put(self, action: Action, article: JsonObject) -> JsonObject:
        article.update(author="", struct_version=0)
        return super()._put(action, article)


@variant("codes-of-any-letters")
class AnyCodes(Urls):
    """Codes that the server makes are of letters beyond ASCII."""

    def free_code(self) -> str:
        """Write one with them."""
        return f"Zoë/{super().free_code()}…"


@variant("publish-not-hinted")
class PublishNotHinted(Articles):
    """The publish of an article makes no hint."""

    def publish(self, action: Action) -> Effects:
        """Take the hint away."""
        effects = super().publish(action)
        return replace(effects, changes=[replace(c, hint=None) for c in effects.changes])


@variant("selected-once")
class SelectedOnce(Articles):
    """To select what is selected already publishes nothing."""

    def select(self, action: Action) -> Effects:
        """Look at what the session holds."""
        effects = super().select(action)
        held = action.session.slices.get(self.name)
        if isinstance(held, ArticlesSlice):
            if held.current is None and action.data["article_id"] is None:
                return Effects()
            if held.current is not None and held.current["id"] == action.data["article_id"]:
                return Effects()
        return effects


@variant("no-users-of-its-own")
class NoUsers(Users):
    """The server has no user for any id: `user` is null, and an update finds none."""

    def build(self, session: Session) -> UserSlice:
        """Show nobody."""
        return _Nobody(super().build(session))

    def update(self, action: Action) -> Effects:
        """Find nobody."""
        raise Refusal(4040, f"There is no user {action.user_id}.")


class _Nobody(UserSlice):
    def __init__(self, seen: UserSlice) -> None:
        super().__init__(seen.user, seen.permissions, seen.sessions)

    def data(self) -> JsonObject:
        return {**super().data(), "user": None}
