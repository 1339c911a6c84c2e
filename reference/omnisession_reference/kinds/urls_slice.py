"""What one session holds of the kind url, and the reducers of its events."""

from bisect import insort
from collections.abc import Iterable
from heapq import nsmallest
from typing import Any

from omnisession_reference.change import Change
from omnisession_reference.protocol import LIMITS
from omnisession_reference.wire import JsonObject


class UrlsSlice:
    """The slice of a session; entries are shared between sessions and never changed in place."""

    def __init__(self, urls: Iterable[JsonObject] = ()) -> None:
        self.urls = nsmallest(LIMITS["urls"], urls, key=self.key)

    def view(self, change: Change) -> JsonObject:
        """Show every session the same."""
        return change.data

    def reduce(self, change_type: str, data: JsonObject) -> None:
        """Fold a change in, by the normative reducer of its type."""
        match change_type:
            case "url.created" | "url.updated":
                self._drop(data["url"]["id"])
                insort(self.urls, data["url"], key=self.key)
                del self.urls[LIMITS["urls"] :]
            case "url.deleted":
                self._drop(data["url_id"])
            case _:
                raise ValueError(f"no reducer for {change_type}")

    def data(self) -> JsonObject:
        """Write the slice as the data of a state."""
        return {"type": "url", "urls": list(self.urls)}

    @staticmethod
    def key(url: JsonObject) -> tuple[Any, ...]:
        """Sort the latest made first."""
        return (-url["created_at"], url["id"])

    def _drop(self, url_id: str) -> None:
        self.urls = [url for url in self.urls if url["id"] != url_id]
