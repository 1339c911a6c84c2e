"""Faults of lists that are full: what an edit, a delete or something new does to them there."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Sequence

from omnisession_faults.faults.registry import fault
from omnisession_reference.protocol import LIMITS
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


@fault("delete-in-full-chat-takes-two", breaks="STATE-012")
class DeleteInFullChatTakesTwo(MemoryStore):
    """Where the chat is full a delete takes the oldest message along, and later sessions lack it."""

    def delete_message(self, message_id: str) -> None:
        was_full = len(self._messages) == LIMITS["chat_messages"]
        super().delete_message(message_id)
        if was_full:
            del self._messages[next(iter(self._messages))]


@fault("selections-lack-the-last-revision", breaks="STATE-012")
class SelectionsLackTheLastRevision(MemoryStore):
    """A selection shows one revision less than it may where there are as many, or more."""

    def revisions(self, article_id: str) -> Sequence[JsonObject]:
        return super().revisions(article_id)[: LIMITS["revisions"] - 1]
