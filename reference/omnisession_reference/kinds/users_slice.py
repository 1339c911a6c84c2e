"""What one session holds of the kind user, and the reducers of its events."""

from bisect import insort
from collections.abc import Iterable
from typing import Any

from omnisession_reference.change import Change
from omnisession_reference.wire import JsonObject


class UserSlice:
    """The slice of a session; entries are shared between sessions and never changed in place."""

    def __init__(
        self, user: JsonObject, permissions: Iterable[str], sessions: Iterable[JsonObject]
    ) -> None:
        self.user = user
        self.permissions = list(permissions)
        self.sessions = sorted(sessions, key=self.key)

    def view(self, change: Change) -> JsonObject:
        """Show every session the same."""
        return change.data

    def reduce(self, change_type: str, data: JsonObject) -> None:
        """Fold a change in, by the normative reducer of its type."""
        match change_type:
            case "user.updated":
                self.user = data["user"]
            case "user.permissions_changed":
                self.permissions = list(data["permissions"])
            case "user.session_opened":
                self._drop(data["session"]["session_id"])
                insort(self.sessions, data["session"], key=self.key)
            case "user.session_closed":
                self._drop(data["session_id"])
            case _:
                raise ValueError(f"no reducer for {change_type}")

    def data(self) -> JsonObject:
        """Write the slice as the data of a state."""
        return {
            "type": "user",
            "user": self.user,
            "permissions": list(self.permissions),
            "sessions": list(self.sessions),
        }

    @staticmethod
    def key(session: JsonObject) -> tuple[Any, ...]:
        """Sort the oldest first."""
        return (session["opened_at"], session["session_id"])

    def _drop(self, session_id: str) -> None:
        self.sessions = [s for s in self.sessions if s["session_id"] != session_id]
