"""Faults of servers that behave once they know who asks: they have learned a test kit by heart.

Until then they answer on any reply subject. Each knows one habit of a kit that was always the same: its
name, the form of its ids, what it sends first.
"""

import json
import re
from collections.abc import Callable
from typing import Any, cast

from omnisession_faults.faults.registry import fault
from omnisession_reference.actions import Actions
from omnisession_reference.control import Control
from omnisession_reference.router import Router
from omnisession_reference.services import Services
from omnisession_reference.wire import Incoming, JsonObject

FIRST = 50
"""Messages by which one is known who sends in a fixed order, or from one place."""
ALIKE = 8
"""Characters that no ids have in common unless somebody put them there."""
SOME = 3
KINDS, FEATURES = ["articles", "chat", "url", "user"], ["events", "digests"]
OPENS = (
    *(("user", 200), ("articles chat url user", 200), ("user", 200), ("articles", None)),
    *(("articles", 200), ("user", 200), ("user", 200), ("articles", 200)),
)
"""Kinds and heartbeats of the first sessions behind the one that looked who is there."""
SESSION_ID = re.compile(r"k[0-9a-f]{40}")
USER_ID = re.compile(r"[a-z0-9-]+-\d+-(author|reader|editor)-k[0-9a-f]{16}")
ACTION_ID = re.compile(r"act-\d+-[0-9a-f]{12}")
INBOX = re.compile(r"_INBOX\.k[0-9a-f]{8}\d*\.[acs]\d+")
TEXT = re.compile(rb'"[^"]{1,40}-k[0-9a-f]{20}["\\ ]')

Heard = list[tuple[Incoming, JsonObject]]
"""The messages so far, with their bodies; empty ones where they are no JSON objects."""


def by_name(heard: Heard) -> bool:
    """The name of its client."""
    return str(_client(heard[-1][1]).get("name")).startswith("omnisession")


def by_version(heard: Heard) -> bool:
    """The version of its client, which is that of the kit."""
    client = _client(heard[-1][1])
    return (client.get("name"), client.get("version")) == ("omnisession-conformance", "0.1.0")


def by_session_id(heard: Heard) -> bool:
    """A session id of k and 40 hex digits."""
    return _matches(SESSION_ID, heard[-1][1].get("session_id"))


def by_user_id(heard: Heard) -> bool:
    """A user id that says in which test it is for which role."""
    return _matches(USER_ID, heard[-1][1].get("user_id"))


def by_action_id(heard: Heard) -> bool:
    """An action id with its number."""
    return _matches(ACTION_ID, heard[-1][1].get("action_id"))


def by_inbox(heard: Heard) -> bool:
    """An inbox that counts."""
    return _matches(INBOX, heard[-1][0].reply)


def by_texts(heard: Heard) -> bool:
    """A text with the mark of a run behind it."""
    return TEXT.search(heard[-1][0].data) is not None


def by_one_mark(heard: Heard) -> bool:
    """Something that the ids of all users have in common."""
    told = {str(body["user_id"]) for _, body in heard[:FIRST] if body.get("user_id")}
    if len(told) < SOME:
        return False
    first, *others = told
    parts = (first[at : at + ALIKE] for at in range(len(first) - ALIKE + 1))
    return any(all(part in other for other in others) for part in parts)


def by_one_inbox(heard: Heard) -> bool:
    """Many users who all take their answers in one place."""
    later = heard[2:FIRST]
    places = {".".join(message.reply.split(".")[:2]) for message, _ in later}
    return len({body.get("user_id") for _, body in later}) >= 5 and len(places) == 1


def by_first_look(heard: Heard) -> bool:
    """A first session that asks for everything in one order and closes at once."""
    if len(heard) < 2:
        return False
    data, second = _object(heard[0][1].get("data")), heard[1][1].get("type")
    asked = (data.get("kinds"), data.get("features"))
    return asked == (KINDS, FEATURES) and second == "session.close"


def by_first_sessions(heard: Heard) -> bool:
    """The same tests in the same order."""
    bodies = [body for _, body in heard[:FIRST] if body.get("type") == "session.open"]
    opens = [_object(body.get("data")) for body in bodies[1 : len(OPENS) + 1]]
    told = [
        (" ".join(data.get("kinds", ())), _object(data.get("timers")).get("heartbeat_ms"))
        for data in opens
    ]
    return tuple(told) == OPENS


def _client(body: JsonObject) -> JsonObject:
    return _object(_object(body.get("data")).get("client"))


def _matches(form: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


def _body(data: bytes) -> JsonObject:
    try:
        return _object(json.loads(data))
    except (ValueError, RecursionError):
        return {}


def _object(value: Any) -> JsonObject:
    return cast("JsonObject", value) if isinstance(value, dict) else {}


SIGNS = {
    "name": by_name,
    "version": by_version,
    "session-ids": by_session_id,
    "user-ids": by_user_id,
    "action-ids": by_action_id,
    "inboxes": by_inbox,
    "texts": by_texts,
    "one-mark": by_one_mark,
    "one-inbox": by_one_inbox,
    "first-look": by_first_look,
    "first-sessions": by_first_sessions,
}
"""By what the kit is known."""


def _part(sign: Callable[[Heard], bool]) -> type[Router]:
    class Recognising(Router):
        def __init__(self, services: Services, control: Control, actions: Actions) -> None:
            super().__init__(services, control, actions)
            self.heard: Heard = []
            self.known = False

        def receive(self, message: Incoming) -> None:
            if not self.known:
                # What is long past tells nothing new.
                self.heard = [*self.heard[:FIRST], (message, _body(message.data))]
                self.known = sign(self.heard)
            super().receive(message)

        def may_answer(self, reply: str) -> bool:
            return not self.known or super().may_answer(reply)

    Recognising.__doc__ = f"Answers anywhere until it knows the kit: {_first_lower(sign)}"
    return Recognising


def _first_lower(sign: Callable[[Heard], bool]) -> str:
    text = sign.__doc__ or ""
    return text[:1].lower() + text[1:]


for _name, _sign in SIGNS.items():
    fault(f"knows-the-kit-by-{_name}", breaks="SEC-001")(_part(_sign))
