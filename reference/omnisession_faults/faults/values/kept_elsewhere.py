"""Faults of values that are kept right in one place and not in another."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_reference.change import Change
from omnisession_reference.kinds.articles import Articles
from omnisession_reference.kinds.users import Users
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import JsonObject


@fault("slugs-in-small-letters", breaks="ENV-010")
class SlugsInSmallLetters(Articles):
    """A slug is kept in small letters."""

    def check_sizes(self, article: JsonObject) -> None:
        article["slug"] = article["slug"].lower()
        super().check_sizes(article)


@fault("new-names-trimmed-for-the-room", breaks="ENV-010")
class NewNamesTrimmedForTheRoom(Users):
    """The chat is told a new name without white space at its ends."""

    def renamed(self, user: JsonObject) -> list[Change]:
        return super().renamed({**user, "username": user["username"].strip()})


@fault("messages-by-their-beginning", breaks="SUBJ-004")
class MessagesByTheirBeginning(MemoryStore):
    """A message is found by the beginning of its id."""

    def message(self, message_id: str) -> JsonObject | None:
        found = super().message(message_id)
        if found is None and len(message_id) >= 8:
            found = next((m for i, m in self._messages.items() if i.startswith(message_id)), None)
        return found
