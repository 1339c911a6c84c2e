"""A small domain in place of the reference's: a chat, articles with revisions, and short codes of one user.

Every write names the action that it comes from, so that each effect can be counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_durable.domain import Decision
from omnisession_durable.entries import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_durable.domain import Action, Later, Looking
    from omnisession_durable.people import Head
    from omnisession_reference.wire import JsonObject

KINDS = ("chat", "articles", "url")
ARTICLE, CODE = "article/x", "code/foo"


@dataclass(slots=True)
class Board:
    """What all sessions are about."""

    messages: list[str] = field(default_factory=list[str])
    entities: dict[str, JsonObject] = field(default_factory=dict[str, "JsonObject"])
    versions: dict[str, int] = field(default_factory=dict[str, int])
    log: list[str] = field(default_factory=list[str])

    def version(self, key: str) -> int:
        return self.versions.get(key, 0)

    def entity(self, key: str) -> Any:
        return self.entities.get(key)

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

    def reaches(self, change: JsonObject, head: Head) -> bool:
        if change["kind"] not in head.terms["kinds"]:
            return False
        return change["kind"] != "url" or change["value"]["user"] == head.key[0]

    def show(self, head: Head) -> Mapping[str, JsonObject]:
        codes = {
            key: value
            for key, value in self.entities.items()
            if key != ARTICLE and value["user"] == head.key[0]
        }
        article = {key: value for key, value in self.entities.items() if key == ARTICLE}
        return {
            "chat": {"messages": list(self.messages)},
            "articles": {"entities": article, "log": list(self.log)},
            "url": {"entities": codes},
        }

    def as_json(self) -> JsonObject:
        return {
            "messages": self.messages,
            "entities": self.entities,
            "versions": self.versions,
            "log": self.log,
        }


class Rules:
    """Decides as the kinds of the reference do, with less to decide."""

    def decide(self, action: Action, looking: Looking, at_ms: int) -> Decision | Later:
        made = {"result": f"{action.action_id} at {at_ms}"}
        match action.type:
            case "chat.send":
                return Decision(Outcome(made), (self.write("say", "chat", action),))
            case "article.create":
                return self.create(action, looking, ARTICLE, made)
            case "url.create":
                return self.create(action, looking, CODE, made)
            case "article.delete":
                return self.delete(action, looking, made)
            case "article.update":
                return self.update(action, looking, made)
            case _:
                return Decision(Outcome(made))

    def create(self, action: Action, looking: Looking, key: str, made: JsonObject) -> Decision:
        if looking.look(key) is not None:
            return Decision(_error(4220))
        return Decision(Outcome(made), (self.write("put", key, action),))

    def delete(self, action: Action, looking: Looking, made: JsonObject) -> Decision:
        if looking.look(ARTICLE) is None:
            return Decision(_error(4040))
        return Decision(Outcome(made), (self.write("drop", ARTICLE, action),))

    def update(self, action: Action, looking: Looking, made: JsonObject) -> Decision:
        if action.expect is None:
            if looking.glance(ARTICLE) is None:
                return Decision(_error(4040))
        else:
            article = looking.look(ARTICLE)
            if article is None:
                return Decision(_error(4040))
            if article["revision"] != action.expect:
                return Decision(_error(4090))
        return Decision(Outcome(made), (self.write("patch", ARTICLE, action),))

    def write(self, op: str, key: str, action: Action) -> JsonObject:
        value = {"title": action.action_id, "user": action.user}
        return {"op": op, "key": key, "value": value, "by": action.action_id}


def _error(code: int) -> Outcome:
    return Outcome(error={"code": code})
