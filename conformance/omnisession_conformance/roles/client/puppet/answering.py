"""What a truthful server answers to requests, and publishes because of them. Knows no broker."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import texts
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.puppet.terms import Terms, made, opened

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.served import Message, Served
    from omnisession_conformance.roles.client.puppet.world import World

UNKNOWN_TYPE, UNKNOWN_SESSION, CLOSED, NO_SUCH_KIND, OTHER_VERSION = 4002, 4041, 4101, 4220, 4003


@dataclass(frozen=True, slots=True)
class Answer:
    """The type and data of an answer, and the stream after it."""

    type: str
    data: Object
    after: tuple[Message, ...] = ()


@dataclass(slots=True)
class Sessions:
    """The sessions of one user, by their ids in the order in which they were made."""

    user_id: str
    terms: Terms
    world: World
    by_id: dict[str, Served] = field(default_factory=dict[str, "Served"])

    @property
    def live(self) -> tuple[Served, ...]:
        """Those that are not over."""
        return tuple(one for one in self.by_id.values() if not one.ended)


def answer(sessions: Sessions, asked: Asked, at_ms: int) -> Answer:
    """Answer a request that the common stages let pass, and change what it changes."""
    session = sessions.by_id.get(asked.session_id)
    data: Object = asked.body["data"]
    if asked.type == "session.open":
        return _open(sessions, session, asked.session_id, data, at_ms)
    if asked.type not in _ANSWERS:
        return refused(UNKNOWN_TYPE)
    if session is None:
        return refused(UNKNOWN_SESSION)
    if session.ended:
        return refused(CLOSED)
    return _ANSWERS[asked.type](session, data, at_ms)


def refused(code: int) -> Answer:
    """An answer that is an error."""
    return Answer("error", {"error": bodies.error(code)})


def _open(
    sessions: Sessions, session: Served | None, session_id: str, data: Object, at_ms: int
) -> Answer:
    if bodies.VERSION not in data["protocol"]:
        details = {"supported": [bodies.VERSION]}
        return Answer("error", {"error": bodies.error(OTHER_VERSION, details=details)})
    if session is None:
        made_of = sessions.terms, sessions.world, sessions.user_id
        session = made(*made_of, session_id, data, at_ms)
        if session is None:
            return refused(NO_SUCH_KIND)
        sessions.by_id[session_id] = session
    elif session.ended:
        return refused(CLOSED)
    told = opened(sessions.terms, session)
    return Answer("session.opened", told, tuple(session.states("open", at_ms)))


def _sync(session: Served, data: Object, at_ms: int) -> Answer:
    kinds = texts(data.get("kinds")) or session.kinds
    if not set(kinds) <= set(session.kinds):
        return refused(NO_SUCH_KIND)
    told: Object = {"position": bodies.told(session.position), "kinds": list(kinds)}
    return Answer("session.syncing", told, tuple(session.states("sync", at_ms, kinds)))


def _resume(session: Served, data: Object, at_ms: int) -> Answer:
    known = session.since(data["epoch"], data["seq"])
    if known and _size(known) > session.limits["state"]:
        known = None
    mode = "current" if known == [] else "replay" if known else "snapshot"
    told: Object = {
        "mode": mode,
        "position": bodies.told(session.position),
        "messages": [message.body for message in known or ()],
    }
    after = session.states("sync", at_ms) if mode == "snapshot" else ()
    return Answer("session.resumed", told, tuple(after))


def _size(messages: list[Message]) -> int:
    return len(json.dumps([message.body for message in messages]))


def _ping(session: Served, _: Object, __: int) -> Answer:
    return Answer("session.pong", {"position": bodies.told(session.position)})


def _close(session: Served, _: Object, __: int) -> Answer:
    session.ended = True
    return Answer("session.closed", {})


_ANSWERS = {
    "session.sync": _sync,
    "session.resume": _resume,
    "session.ping": _ping,
    "session.close": _close,
}
