"""Faults of a full chat and of full lists of urls: what an edit, a delete or something new does there."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Collection, Mapping, Sequence

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Effects
from omnisession_reference.change import Change
from omnisession_reference.kinds.chat_slice import ChatSlice
from omnisession_reference.kinds.urls import Urls
from omnisession_reference.kinds.urls_slice import UrlsSlice
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject


@fault("edit-in-full-chat-drops-the-oldest", breaks="STATE-012")
class EditInFullChatDropsTheOldest(MemoryStore):
    """Where the chat is full an edit lets the oldest message go, and later sessions lack it."""

    def put_message(self, message: JsonObject) -> None:
        known = message["id"] in self._messages
        super().put_message(message)
        if known and len(self._messages) == LIMITS["chat_messages"]:
            del self._messages[next(iter(self._messages))]


@fault("edit-in-full-chat-moves", breaks="CHAT-005")
class EditInFullChatMoves(MemoryStore):
    """Where the chat is full an edited message comes first in later sessions."""

    def put_message(self, message: JsonObject) -> None:
        if len(self._messages) == LIMITS["chat_messages"]:
            self._messages.pop(message["id"], None)
        super().put_message(message)


@fault("delete-in-full-chat-takes-two", breaks="STATE-012")
class DeleteInFullChatTakesTwo(MemoryStore):
    """Where the chat is full a delete takes the oldest message along, and later sessions lack it."""

    def delete_message(self, message_id: str) -> None:
        was_full = len(self._messages) == LIMITS["chat_messages"]
        super().delete_message(message_id)
        if was_full:
            del self._messages[next(iter(self._messages))]


@fault("edit-of-the-last-message-lost", breaks="CHAT-005")
class EditOfTheLastMessageLost(ChatSlice):
    """Where the list of messages is full an edit of its last one is not shown in its states."""

    def replace(self, message: JsonObject) -> None:
        last = self.messages[-1] if self.messages else {}
        is_full = len(self.messages) == LIMITS["chat_messages"]
        if not is_full or last["id"] != message["id"]:
            super().replace(message)


@fault("delete-of-the-last-message-lost", breaks="CHAT-007")
class DeleteOfTheLastMessageLost(ChatSlice):
    """Where the list of messages is full a delete of its last one is not shown in its states."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        last = self.messages[-1] if len(self.messages) == LIMITS["chat_messages"] else {}
        if change_type != "chat.message_deleted" or data["message_id"] != last.get("id"):
            super().reduce(change_type, data)


@fault("update-in-full-list-drops-the-oldest-url", breaks="STATE-012")
class UpdateInFullListDropsTheOldestUrl(UrlsSlice):
    """Where the list of urls is full an update of one drops the last of them from states."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        was_full = change_type == "url.updated" and len(self.urls) == LIMITS["urls"]
        super().reduce(change_type, data)
        if was_full:
            del self.urls[-1:]


@fault("update-of-the-last-url-lost", breaks="URL-006")
class UpdateOfTheLastUrlLost(UrlsSlice):
    """Where the list of urls is full an update of its last one is not shown in its states."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        last = self.urls[-1] if len(self.urls) == LIMITS["urls"] else {}
        if change_type != "url.updated" or data["url"]["id"] != last.get("id"):
            super().reduce(change_type, data)


@fault("update-of-a-cut-url-shows-it", breaks="STATE-012")
class UpdateOfACutUrlShowsIt(UrlsSlice):
    """The update of a url that was cut off the list puts it in the place of the last one."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        is_full = len(self.urls) == LIMITS["urls"]
        was_cut = is_full and all(url["id"] != data.get("url", {}).get("id") for url in self.urls)
        if change_type == "url.updated" and was_cut:
            self.urls[-1] = data["url"]
        else:
            super().reduce(change_type, data)


@fault("delete-in-full-list-takes-two-urls", breaks="STATE-012")
class DeleteInFullListTakesTwoUrls(UrlsSlice):
    """Where the list of urls is full a delete takes the last of them along."""

    def reduce(self, change_type: str, data: JsonObject) -> None:
        was_full = change_type == "url.deleted" and len(self.urls) == LIMITS["urls"]
        super().reduce(change_type, data)
        if was_full:
            del self.urls[-1:]


@fault("cut-urls-give-up-their-codes", breaks="URL-002")
class CutUrlsGiveUpTheirCodes(Urls):
    """The code of a url that was cut off the list is free for another."""

    def is_taken(self, url: JsonObject) -> bool:
        if not super().is_taken(url):
            return False
        other = self.services.store.url_with(url["short_code"])
        return other is None or other["id"] in shown_urls(self.services.store, other)


@fault("cut-urls-are-gone", breaks="URL-006")
class CutUrlsAreGone(MemoryStore):
    """A url that was cut off the list is known no more."""

    def url(self, url_id: str) -> JsonObject | None:
        url = super().url(url_id)
        return None if url is None or url_id not in shown_urls(self, url) else url


@fault("cut-urls-are-not-deleted", breaks="URL-006")
class CutUrlsAreNotDeleted(Urls):
    """The delete of a url that was cut off the list is acked, and deletes nothing."""

    def delete(self, action: Action) -> Effects:
        url = self.find(action)
        shown = url["id"] in shown_urls(self.services.store, url)
        return super().delete(action) if shown else Effects()


@fault("cut-urls-not-told", breaks="EVENT-007")
class CutUrlsNotTold(Session):
    """The update of a url that was cut off a session's list is not told there."""

    def publish_event(
        self, change: Change, data: JsonObject, actor: str | None, cause: JsonObject | None
    ) -> None:
        slice_ = self.slices.get("url")
        if change.type == "url.updated" and slice_ is not None:
            shown = slice_.data()["urls"]
            held = any(url["id"] == data["url"]["id"] for url in shown)
            if len(shown) >= LIMITS["urls"] and not held:
                return
        super().publish_event(change, data, actor, cause)


@fault("selections-lack-the-last-revision", breaks="STATE-012")
class SelectionsLackTheLastRevision(MemoryStore):
    """A selection shows one revision less than it may where there are as many, or more."""

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        return super().revisions(article_id)[: LIMITS["revisions"] - 1]


def shown_urls(store: object, url: Mapping[str, object]) -> Collection[str]:
    """Return the ids of those urls of a url's maker that lists show."""
    of_maker = vars(store)["_urls_of"].get(url["created_by"], ())
    urls = [vars(store)["_urls"][url_id] for url_id in of_maker]
    return {one["id"] for one in sorted(urls, key=UrlsSlice.key)[: LIMITS["urls"]]}
