"""What users of a broker must be allowed for a run: the kit's, and a server's that it starts as its own.

The subjects are those of the subject table, and what the kit needs beside them: to hear everything, to
write to itself, and to ask micro-services.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

QUEUE: Final = "omnisession"
EVERYTHING: Final = ">"
_VERBS: Final = ("PING", "INFO", "STATS")
_SERVICES: Final = tuple(
    f"$SRV.{verb}{name}" for verb in _VERBS for name in ("", ".omnisession", ".omnisession.{id}")
)


class Verb(StrEnum):
    """What is done on a subject."""

    PUBLISH = "publish"
    SUBSCRIBE = "subscribe"


@dataclass(frozen=True, slots=True)
class Right:
    """One right: to do something on the subjects of a pattern.

    `name` is stable, for programs. `tries` are subjects that show it, with `{user}` for each user that
    is known, `{id}` for a token of the run and `{inbox}` for the prefix of inboxes. Without a `needed`
    right nothing can be tested. `queue` is the group that is joined.
    """

    verb: Verb
    name: str
    pattern: str
    what: str
    tries: tuple[str, ...]
    needed: bool = True
    queue: str = ""

    @property
    def code(self) -> str:
        """What programs know it by."""
        return f"{self.verb.value}.{self.name}"

    def shown(self, inbox: str) -> str:
        """The right in words; `inbox` is the prefix of inboxes."""
        join = {Verb.PUBLISH: "publish on", Verb.SUBSCRIBE: "subscribe to"}[self.verb]
        group = f" in the queue group {self.queue}" if self.queue else ""
        return f"{join} {self.subjects(inbox)}{group}"

    def subjects(self, inbox: str) -> str:
        """Its pattern, as permissions have it."""
        return self.pattern.format(inbox=inbox)

    def tried(self, users: Iterable[str], id_: str, inbox: str) -> tuple[str, ...]:
        """The subjects that show it; `users` are tokens."""
        every = [t.format(user=user, id=id_, inbox=inbox) for t in self.tries for user in users]
        return tuple(dict.fromkeys(every))


def _publish(name: str, pattern: str, what: str, *tries: str, needed: bool = True) -> Right:
    return Right(Verb.PUBLISH, name, pattern, what, tries or (pattern,), needed)


def _subscribe(
    name: str, pattern: str, what: str, *tries: str, needed: bool = True, queue: str = ""
) -> Right:
    return Right(Verb.SUBSCRIBE, name, pattern, what, tries or (pattern,), needed, queue)


_CONTROL, _ACTIONS = "session.{user}.{id}.control", "user.actions.{user}"
_STATE, _EVENTS = "session.{user}.{id}.state", "session.{user}.{id}.events"
_INBOXES = ("{inbox}.{id}mark", "{inbox}.{id}.a1", "{inbox}.{user}.{id}.a1")
_HINTS = "article.{id}.updates"

OF_THE_KIT: Final = (
    _publish("control", "session.*.*.control", "requests of sessions", _CONTROL),
    _publish("actions", "user.actions.*", "actions of users", _ACTIONS, needed=False),
    _publish("chat", "chat.messages", "messages of the chat", needed=False),
    _publish("edit", "article.edit.start", "starts of edits", needed=False),
    _publish("services", "$SRV.>", "questions to micro-services", *_SERVICES, needed=False),
    _publish("inbox", "{inbox}.>", "messages to itself, which show that it hears", *_INBOXES),
    _subscribe("everything", EVERYTHING, "all that is published"),
    _subscribe("state", "session.*.*.state", "states", _STATE),
    _subscribe("events", "session.*.*.events", "events", _EVENTS),
    _subscribe("control", "session.*.*.control", "pushes, and its own requests", _CONTROL),
    _subscribe("actions", "user.actions.*", "its own actions", _ACTIONS),
    _subscribe("chat", "chat.messages", "its own messages of the chat"),
    _subscribe("edit", "article.edit.start", "its own starts of edits"),
    _subscribe("hints", "article.*.updates", "hints", _HINTS),
    _subscribe("inbox", "{inbox}.>", "answers", *_INBOXES),
)
"""Rights of a user that plays all clients and hears everything."""

OF_THE_SERVER: Final = (
    _subscribe("control", "session.*.*.control", "requests", _CONTROL, queue=QUEUE),
    _subscribe("actions", "user.actions.*", "actions", _ACTIONS, queue=QUEUE),
    _subscribe("chat", "chat.messages", "actions", queue=QUEUE),
    _subscribe("edit", "article.edit.start", "actions", queue=QUEUE),
    _subscribe("services", "$SRV.>", "questions to micro-services", *_SERVICES, needed=False),
    _publish("state", "session.*.*.state", "states", _STATE),
    _publish("events", "session.*.*.events", "events", _EVENTS),
    _publish("control", "session.*.*.control", "pushes", _CONTROL),
    _publish("hints", "article.*.updates", "hints", _HINTS),
    _publish("inbox", "{inbox}.>", "answers", *_INBOXES),
)
"""Rights of a user that a server is started as."""

OF_ANYBODY: Final = (
    _subscribe("state", "session.*.*.state", "read what sessions are told", _STATE),
    _publish("actions", "user.actions.*", "act as any user", _ACTIONS),
    _publish("state", "session.*.*.state", "forge what sessions are told", _STATE),
)
"""Rights that nobody but the server has on a broker that others reach."""
