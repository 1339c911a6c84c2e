"""Faults of copies of actions, and of actions that come too late, that have an effect in their kind."""
# ruff: noqa: D102  an override means what it overrides

from contextlib import suppress
from typing import Any

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.wire import Incoming, JsonObject, decode


def named(action: Action) -> JsonObject:
    """The data of an action, whatever was sent."""
    data: Any = action.data
    return data if isinstance(data, dict) else {}  # pyright: ignore[reportUnknownVariableType]


@fault("copy-dates-again", breaks="ACTION-005")
class CopyDatesAgain(Actions):
    """A copy of an edit of a message sets `edited_at` anew."""

    def used(self, action: Action) -> None:
        super().used(action)
        if action.body.get("type") == "chat.edit":
            store = self.services.store
            old = store.message(str(named(action).get("message_id")))
            if old is not None and old["user_id"] == action.user_id:
                store.put_message({**old, "edited_at": self.services.clock.now_ms() + 1})


@fault("copy-selects-again", breaks="ACTION-005")
class CopySelectsAgain(Actions):
    """A copy of a selection selects its article again."""

    def used(self, action: Action) -> None:
        if action.body.get("type") == "article.select":
            with suppress(Refusal, KeyError):
                changes = self.handlers["article.select"](action).changes
                self.services.fanout.apply(changes, action)
        super().used(action)


@fault("copy-types-again", breaks="ACTION-005")
class CopyTypesAgain(Actions):
    """A copy of a `chat.typing` switches the typing on again."""

    def used(self, action: Action) -> None:
        if action.body.get("type") == "chat.typing" and named(action).get("active") is True:
            self.services.fanout.apply(self.handlers["chat.typing"](action).changes)
        super().used(action)


@fault("copy-elsewhere-selects", breaks="ACTION-020")
class CopyElsewhereSelects(Actions):
    """A copy of a selection in another session selects there."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if action.body.get("type") == "article.select":
            with suppress(Refusal, KeyError):
                changes = self.handlers["article.select"](action).changes
                self.services.fanout.apply(changes, action)
        super().repeat_as_next(action, known)


@fault("copy-elsewhere-joins-edit", breaks="ACTION-020")
class CopyElsewhereJoinsEdit(Actions):
    """A copy of the start of an edit in another session lets that session hold the edit, too."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if action.body.get("type") == "article.edit_start":
            with suppress(Refusal, KeyError):
                self.handlers["article.edit_start"](action)
        super().repeat_as_next(action, known)


@fault("late-message-stays", breaks="ACTION-014")
class LateMessageStays(Actions):
    """A message in the name of a session that is over is refused, and later sessions show it."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        try:
            super().receive(message, row, user_id)
        except Refusal as refusal:
            body = decode(message.data) if refusal.code == 4101 else {}
            if body.get("type") == "chat.send":
                now = self.services.clock.now_ms()
                message_of_nobody: JsonObject = {
                    "id": self.services.ids.new(),
                    "user_id": body["user_id"],
                    "content": body.get("data", body)["content"],
                    "sent_at": now,
                    "edited_at": None,
                }
                self.services.store.put_message(message_of_nobody)
            raise
