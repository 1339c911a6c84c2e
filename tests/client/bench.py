"""A client without a broker: messages go in by a call, what it wants done comes out as a list.

Everything that it would publish is held to the schemas.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from omnisession_client.effects import Effect, NewSession, Publish, Request, SetTimer
from omnisession_client.kinds import KINDS
from omnisession_client.messages import (
    Answered,
    Began,
    Dispatched,
    Heard,
    Lost,
    Rang,
    Ready,
    Stopped,
)
from omnisession_client.report import report
from omnisession_client.update import init, update
from omnisession_client.values import Config, Mode, State, Timings
from omnisession_reference.validate import Schemas, schemas_folder
from omnisession_reference.wire import encode, tok

Body = dict[str, Any]
USER, SESSION = "Zoë.x", "s-7Hq2mWc9TzK4pXvB1nRd0A"
NOW = 1_730_000_000_000
TIMINGS = Timings()
LIMITS = {
    "action": 8_192,
    "event": 20_480,
    "state": 49_152,
    "article_content": 2_048,
    "article_rest": 1_024,
    "chat_content": 512,
    "target_url": 512,
    "articles": 20,
    "revisions": 10,
    "editors": 20,
    "urls": 20,
    "chat_messages": 20,
    "participants": 20,
    "sessions": 8,
}
ACTIONS = ["session.noop", "article.update", "chat.send"]
TIMERS = {"heartbeat_ms": 1_000, "resume_window_ms": 5_000, "coalesce_ms": 0, "gap_ms": 0}


@cache
def schemas() -> Schemas:
    return Schemas(schemas_folder())


@dataclass(frozen=True)
class Sent:
    """A message that the client publishes."""

    subject: str
    body: Body
    raw: bytes
    number: int | None = None

    @property
    def type(self) -> str:
        return self.body["type"]


def row_of(subject: str) -> str:
    """The row of the table of subjects that a client publishes under."""
    if subject in ("chat.messages", "article.edit.start"):
        return subject
    return "user.actions" if subject.startswith("user.") else "session.control.requests"


def sent_by(effects: tuple[Effect, ...] | list[Effect]) -> list[Sent]:
    found: list[Sent] = []
    for effect in effects:
        if isinstance(effect, Publish | Request):
            number = effect.number if isinstance(effect, Request) else None
            body = json.loads(effect.body)
            schemas().check(row_of(effect.subject), body["type"], body)
            found.append(Sent(effect.subject, body, effect.body, number))
    return found


class Bench:
    """A client on the bench."""

    def __init__(
        self,
        *kinds: str,
        features: tuple[str, ...] = ("events",),
        token: str | None = None,
        mode: Mode = "pure",
    ) -> None:
        config = Config(USER, kinds or ("chat",), features, token, TIMINGS, mode)
        self.state: State = init(config)
        self.now = NOW
        self.steady: int | None = None
        self.sessions = 0
        self.effects: list[Effect] = []

    def put(self, message: Any) -> list[Effect]:
        """Handle a message, and begin the sessions that it asks for; what was asked is returned."""
        before = len(self.effects)
        timed = replace(message, at_ms=self.now, steady_ms=self.steady)
        self.state, effects = update(self.state, timed)
        self.effects += effects
        if NewSession() in effects:
            self.begin()
        return self.effects[before:]

    def begin(self) -> None:
        self.sessions += 1
        name = SESSION if self.sessions == 1 else f"{SESSION}-{self.sessions}"
        self.put(Began(at_ms=0, session_id=name))
        if self.state.phase == "opening":
            self.ready()

    def ready(self, max_payload: int = 1_048_576) -> list[Effect]:
        return self.put(Ready(at_ms=0, max_payload=max_payload))

    def lost(self) -> list[Effect]:
        return self.put(Lost(at_ms=0))

    def rings(self, timer: str) -> list[Effect]:
        return self.put(Rang(at_ms=0, timer=timer))

    def stops(self) -> list[Effect]:
        return self.put(Stopped(at_ms=0))

    def dispatch(self, action_id: str, type_: str = "chat.send", **data: Any) -> list[Effect]:
        data = data or {"content": "hello"}
        return self.put(Dispatched(at_ms=0, action_id=action_id, type=type_, data=data))

    # -- what the server says

    def envelope(self, type_: str) -> Body:
        session_id = self.state.session_id
        told = {"v": "1.0", "type": type_, "user_id": USER, "session_id": session_id}
        return {**told, "timestamp": self.now}

    def hears(self, last: str, body: Body | bytes) -> list[Effect]:
        subject = f"session.{tok(USER)}.{tok(self.state.session_id)}.{last}"
        data = body if isinstance(body, bytes) else encode(body)
        return self.put(Heard(at_ms=0, subject=subject, data=data))

    def shown(self, seq: int, epoch: int = 1, las: int = 0, **data: Any) -> Body:
        """A state of chat, or of the kind that `type` names."""
        kind = data.pop("type", "chat")
        place = {"epoch": epoch, "seq": seq, "last_action_seq": las}
        members = {**KINDS[kind].empty, **data} if kind in KINDS else {"type": kind, **data}
        return {**self.envelope("session.state"), **place, "reason": "change", "data": members}

    def event(self, seq: int, type_: str, epoch: int = 1, las: int = 0, **data: Any) -> Body:
        named = {"event_id": f"e-{seq}", "actor": None, "cause": None}
        place = {"epoch": epoch, "seq": seq, "last_action_seq": las}
        return {**self.envelope(type_), **named, **place, "data": data}

    def added(self, seq: int, epoch: int = 1, las: int = 0) -> Body:
        """The event that brings the message m-{seq}."""
        return self.event(seq, "chat.message_added", epoch, las, message=message(seq))

    def beats(self, seq: int, epoch: int = 1, las: int = 0, **data: Any) -> list[Effect]:
        body = self.envelope("session.heartbeat") | {"data": {**position(seq, epoch, las), **data}}
        return self.hears("control", body)

    def outcome(
        self, type_: str, action_id: str, number: int, seq: int, **data: Any
    ) -> list[Effect]:
        told = {"action_id": action_id, "client_seq": number, **position(seq, las=number), **data}
        return self.hears("control", self.envelope(type_) | {"data": told})

    def answers(self, type_: str, number: int | None = None, **data: Any) -> list[Effect]:
        """Answer the last request that waits, or one by its number."""
        number = number or self.state.asked[-1].number
        body = encode(self.envelope(type_) | {"data": data})
        return self.put(Answered(at_ms=0, number=number, data=body))

    def refuses(self, code: int, *, retryable: bool = False, **error: Any) -> list[Effect]:
        told = {"code": code, "name": "X", "message": "x", "retryable": retryable, **error}
        return self.answers("error", error=told)

    def nobody_answers(self, number: int | None = None) -> list[Effect]:
        number = number or self.state.asked[-1].number
        return self.put(Answered(at_ms=0, number=number, data=None))

    def opens(self, seq: int = 0, las: int = 0, **more: Any) -> list[Effect]:
        return self.answers("session.opened", **opened(self.state.config, seq, las, **more))

    def live(self) -> Bench:
        """Bring the client to a session that shows its first states."""
        self.begin()
        self.ready()
        self.opens()
        for seq, kind in enumerate(self.state.config.kinds, 1):
            self.hears("state", self.shown(seq, type=kind))
        assert self.state.phase == "live"
        self.effects.clear()
        return self

    # -- what the client shows

    @property
    def place(self) -> tuple[int, int] | None:
        return self.state.place

    @property
    def messages(self) -> list[int]:
        """The numbers of the chat messages, oldest first."""
        shown = report(self.state)["slices"]["chat"]["messages"]
        return [int(m["id"].removeprefix("m-")) for m in reversed(shown)]


def message(number: int) -> Body:
    told = {"id": f"m-{number}", "user_id": "bob", "content": f"number {number}"}
    return {**told, "sent_at": NOW, "edited_at": None}


def position(seq: int, epoch: int = 1, las: int = 0) -> Body:
    return {"position": {"epoch": epoch, "seq": seq, "last_action_seq": las}}


def opened(config: Config, seq: int = 0, las: int = 0, **more: Any) -> Body:
    granted = {"kinds": list(config.kinds), "features": list(config.features)}
    told = {"protocol": "1.0", **position(seq, las=las), **granted, "profiles": ["core"]}
    rest = {"actions": ACTIONS, "server": {"name": "bench", "version": "1"}, "limits": LIMITS}
    return {**told, **rest, "timers": TIMERS, "expires_at": None, **more}


def timer(effects: list[Effect], name: str) -> tuple[int, int] | None:
    """The bounds of the last setting of a timer."""
    found = [e for e in effects if isinstance(e, SetTimer) and e.timer == name]
    return (found[-1].at_least_ms, found[-1].at_most_ms) if found else None


def types(effects: list[Effect]) -> list[str]:
    """The types of what was sent, pings left out."""
    return [sent.type for sent in sent_by(effects) if sent.type != "session.ping"]
