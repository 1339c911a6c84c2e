"""What one session holds of the kind chat, and the reducers of its events."""

from bisect import insort
from collections.abc import Iterable
from heapq import nsmallest
from itertools import islice
from operator import itemgetter

from omnisession_reference.change import Change
from omnisession_reference.protocol import LIMITS
from omnisession_reference.wire import JsonObject

_by_id = itemgetter("id")  # Python compares strings by code point, as the protocol does


class ChatSlice:
    """The slice of a session; entries are shared between sessions and never changed in place."""

    def __init__(
        self,
        messages: Iterable[JsonObject] = (),
        participants: Iterable[JsonObject] = (),
        typing: Iterable[str] = (),
    ) -> None:
        self.messages = list(islice(messages, LIMITS["chat_messages"]))
        self.participants = nsmallest(LIMITS["participants"], participants, key=_by_id)
        self.typing = sorted(typing)

    def view(self, change: Change) -> JsonObject:
        """Show every session the same."""
        return change.data

    def reduce(self, change_type: str, data: JsonObject) -> None:
        """Fold a change in, by the normative reducer of its type."""
        match change_type:
            case "chat.message_added":
                self._upsert(data["message"])
            case "chat.message_edited":
                self.replace(data["message"])
            case "chat.message_deleted":
                self.messages = [m for m in self.messages if m["id"] != data["message_id"]]
            case "chat.participant_joined":
                self._drop_participant(data["user"]["id"])
                insort(self.participants, data["user"], key=_by_id)
                del self.participants[LIMITS["participants"] :]
            case "chat.participant_left":
                self._drop_participant(data["user_id"])
            case "chat.typing_changed":
                self.typing = [user_id for user_id in self.typing if user_id != data["user_id"]]
                if data["active"]:
                    insort(self.typing, data["user_id"])
            case _:
                raise ValueError(f"no reducer for {change_type}")

    def data(self) -> JsonObject:
        """Write the slice as the data of a state."""
        return {
            "type": "chat",
            "messages": list(self.messages),
            "participants": list(self.participants),
            "typing_indicators": list(self.typing),
        }

    def add(self, message: JsonObject) -> None:
        """Put a new message in front, and let the oldest go."""
        self.messages.insert(0, message)
        del self.messages[LIMITS["chat_messages"] :]

    def replace(self, message: JsonObject) -> None:
        """Put a message in the place of the one with its id."""
        self.messages = [message if m["id"] == message["id"] else m for m in self.messages]

    def _upsert(self, message: JsonObject) -> None:
        if any(m["id"] == message["id"] for m in self.messages):
            self.replace(message)
        else:
            self.add(message)

    def _drop_participant(self, user_id: str) -> None:
        self.participants = [p for p in self.participants if p["id"] != user_id]
