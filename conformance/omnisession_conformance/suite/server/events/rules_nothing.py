"""The rule that an event carries a change: what leaves a session as it was is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_list, is_object, member
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.server.reading.lifetimes import Head, Lifetime, Step
    from omnisession_conformance.roles.server.reading.trace import Trace

Place = tuple[str, str]
"""A kind and a list of its slice."""
ARTICLES, EDITORS = ("articles", "articles"), ("articles", "editors")
PEOPLE, TYPING = ("chat", "participants"), ("chat", "typing_indicators")
SESSIONS = ("user", "sessions")


def _id(entry: Any) -> Any:
    return member(entry, "id")


def _edit(entry: Any) -> Any:
    return member(entry, "article_id"), member(entry, "user_id")


def _session(entry: Any) -> Any:
    return member(entry, "session_id")


def _itself(entry: Any) -> Any:
    return entry


KEYS: dict[Place, Callable[[Any], Any]] = {
    ARTICLES: _id,
    EDITORS: _edit,
    PEOPLE: _id,
    TYPING: _itself,
    SESSIONS: _session,
}
"""The lists that are followed, and what tells their entries apart."""
OF_KIND = {kind: [place for place in KEYS if place[0] == kind] for kind, _ in KEYS}
PUTS: dict[str, tuple[Place, str | None]] = {
    "article.created": (ARTICLES, "article"),
    "article.updated": (ARTICLES, "article"),
    "article.edit_started": (EDITORS, None),
    "chat.participant_joined": (PEOPLE, "user"),
    "user.session_opened": (SESSIONS, "session"),
}
"""Events that put an entry into a list, and the member of their data that is the entry."""
TAKES: dict[str, tuple[Place, Callable[[dict[str, Any]], Any]]] = {
    "article.edit_ended": (EDITORS, _edit),
    "chat.participant_left": (PEOPLE, lambda data: data.get("user_id")),
    "user.session_closed": (SESSIONS, _session),
}
"""Events that take an entry out of a list, and how they name it."""
ABSENT = object()


@dataclass(slots=True)
class _Told:
    """What a session was told of the lists that are followed, and of its user."""

    lifetime: Lifetime
    head: Head = (0, 0)
    lists: dict[Place, dict[Any, Any]] = field(default_factory=dict[Place, dict[Any, Any]])
    cut: set[Place] = field(default_factory=set[Place])
    """Lists that were at their limit, so that an entry may be missing."""
    user: Any = ABSENT

    def take(self, step: Step) -> bool | None:
        """Follow a message; whether an event changed something, None where that cannot be told."""
        if step.head != (self.head[0], self.head[1] + 1):
            self.lists.clear()
            self.user = ABSENT
        self.head = max(self.head, step.head)
        if step.kind not in OF_KIND:
            return None
        if step.is_state:
            self._state(step)
            return None
        try:
            return self._event(step.record.type, step.data)
        except TypeError:
            # An id that is a list or an object is a matter of the schema.
            self.lists.clear()
            return None

    def _state(self, step: Step) -> None:
        for place in OF_KIND[step.kind or ""]:
            key, entries = KEYS[place], as_list(step.data.get(place[1]))
            try:
                self.lists[place] = {key(entry): entry for entry in entries}
            except TypeError:
                self.lists.pop(place, None)
            self._limit(place)
        if step.kind == "user":
            self.user = step.data.get("user")

    def _limit(self, place: Place) -> None:
        bound = bound_of(*place, self.lifetime.limits)
        if bound is not None and len(self.lists.get(place, ())) >= bound:
            self.cut.add(place)

    def _event(self, type_: str, data: dict[str, Any]) -> bool | None:
        if type_ == "user.updated":
            before, self.user = self.user, data.get("user")
            return None if before is ABSENT else before != self.user
        if type_ == "chat.typing_changed":
            user_id = data.get("user_id")
            if data.get("active") is True:
                return self._put(TYPING, user_id)
            return self._take(TYPING, user_id)
        if type_ == "article.deleted":
            self._delete(data.get("article_id"))
        if type_ in PUTS:
            place, name = PUTS[type_]
            entry = data if name is None else data.get(name)
            if place is ARTICLES and is_object(entry):
                entry = {**entry, "content": None}
            return self._put(place, entry)
        if type_ in TAKES:
            place, key = TAKES[type_]
            return self._take(place, key(data))
        return None

    def _put(self, place: Place, entry: Any) -> bool | None:
        held = self.lists.get(place)
        if held is None:
            return None
        key = KEYS[place](entry)
        changed = held.get(key, ABSENT) != entry
        held[key] = entry
        self._limit(place)
        return None if place in self.cut else changed

    def _take(self, place: Place, key: Any) -> bool | None:
        held = self.lists.get(place)
        if held is None or place in self.cut:
            return None
        return held.pop(key, ABSENT) is not ABSENT

    def _delete(self, article_id: Any) -> None:
        self.lists.get(ARTICLES, {}).pop(article_id, None)
        editors = self.lists.get(EDITORS, {})
        for key in [key for key in editors if key[0] == article_id]:
            del editors[key]


@rule("EVENT-009", "CHAT-011")
def events_change_something(trace: Trace, sweep: Sweep) -> None:
    """Judges that no event leaves a list that was not cut, or the user, as its session was told it."""
    for lifetime in lifetimes(trace):
        if lifetime.opened is None or not lifetime.has_events:
            continue
        told, last = _Told(lifetime), (0, 0)
        for step in lifetime.steps:
            if step.head <= last:
                continue
            last = step.head
            changed = told.take(step)
            if changed is not None:
                _judge(step, changed, sweep)


def _judge(step: Step, changed: bool, sweep: Sweep) -> None:
    people = step.record.type in ("chat.participant_joined", "chat.participant_left")
    # Without an actor it is of an open or an end of a session that is no first or last one.
    by_session = people and step.body.get("actor") is None
    for requirement in ("EVENT-009", "CHAT-011") if by_session else ("EVENT-009",):
        sweep.judge(
            requirement,
            changed,
            step.record,
            expected="an event that changes something in its session",
            seen=f"{step.record.type} that leaves all as it was told before",
            pointer="/data",
        )
