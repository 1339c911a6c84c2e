"""A small domain for tests of the fold: a chat, articles with revisions, and short codes.

Every write names the action that it comes from, so that each effect can be counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_reference.wire import JsonObject

KINDS = ("chat", "articles", "url")
ARTICLE = "article/x"


@dataclass(slots=True)
class Board:
    """What all sessions are about."""

    messages: list[str] = field(default_factory=list[str])
    entities: dict[str, JsonObject] = field(default_factory=dict[str, "JsonObject"])
    versions: dict[str, int] = field(default_factory=dict[str, int])
    log: list[str] = field(default_factory=list[str])

    def version(self, key: str) -> int:
        return self.versions.get(key, 0)

    def agrees(self, terms: JsonObject) -> bool:
        kinds = terms.get("kinds")
        return isinstance(kinds, list) and all(kind in KINDS for kind in kinds)  # pyright: ignore[reportUnknownVariableType]

    def fits(self, writes: Sequence[JsonObject]) -> bool:
        return all(self.fits_one(write) for write in writes)

    def fits_one(self, write: JsonObject) -> bool:
        key, value = write.get("key"), write.get("value")
        if not isinstance(key, str) or not isinstance(write.get("by"), str):
            return False
        match write.get("op"):
            case "say":
                return True
            case "put":
                return isinstance(value, dict)
            case "patch":
                return isinstance(value, dict) and key in self.entities
            case "drop":
                return key in self.entities
            case _:
                return False

    def write(self, seq: int, at_ms: int, writes: Sequence[JsonObject]) -> list[JsonObject]:
        del at_ms  # nothing here has a time
        return [change for one in writes for change in self.write_one(seq, one)]

    def write_one(self, seq: int, write: JsonObject) -> list[JsonObject]:
        key, by = write["key"], write["by"]
        self.versions[key] = seq
        if write["op"] == "say":
            self.messages.append(by)
            return [{"kind": "chat", "type": "said", "by": by}]
        if write["op"] == "drop":
            self.entities.pop(key, None)
            self.versions.pop(key)
            self.log.append(by)
            return self.changes("dropped", key, by, None)
        if write["op"] == "patch":
            old = self.entities.get(key, {"revision": 0})
            self.entities[key] = {**old, **write["value"], "revision": old["revision"] + 1}
        else:
            self.entities[key] = {**write["value"], "revision": 1}
        if key == ARTICLE:
            self.log.append(by)
        return self.changes("put", key, by, self.entities[key])

    def changes(self, what: str, key: str, by: str, value: Any) -> list[JsonObject]:
        if key != ARTICLE:
            change: JsonObject = {"kind": "url", "type": what, "key": key, "by": by, "value": value}
            return [change]
        changed: JsonObject = {
            "kind": "articles",
            "type": what,
            "key": key,
            "by": by,
            "value": value,
        }
        return [changed, {"kind": "articles", "type": "logged", "by": by}]

    def as_json(self) -> JsonObject:
        return {
            "messages": self.messages,
            "entities": self.entities,
            "versions": self.versions,
            "log": self.log,
        }
