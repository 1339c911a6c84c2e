"""A server without a broker: messages go in by a call, come out in a list, time is moved by hand.

Everything that comes out is held to the schemas, and everything numbered to the order of its
session.
"""

from __future__ import annotations

import heapq
import itertools
import json
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt

from omnisession_reference.core import Core, Settings
from omnisession_reference.log import Log
from omnisession_reference.parts import Parts
from omnisession_reference.token_keys import Ring
from omnisession_reference.validate import Schemas, schemas_folder
from omnisession_reference.wire import Incoming, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omnisession_reference.store import Store

SECRET = "a secret of at least thirty-two bytes"
START = 1_790_000_000_000
Body = dict[str, Any]


@dataclass(order=True)
class Ringing:
    at: float
    number: int
    callback: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        # By so much the time of day was set forward, or back.
        self.set_ms = 0
        self._waiting: list[Ringing] = []
        self._numbers = itertools.count()

    def now_ms(self) -> int:
        return START + int(self.elapsed)

    def wall_ms(self) -> int:
        return self.now_ms() + self.set_ms

    def elapsed_ms(self) -> float:
        return self.elapsed

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Ringing:
        ringing = Ringing(self.elapsed + delay_ms, next(self._numbers), callback)
        heapq.heappush(self._waiting, ringing)
        return ringing

    def move(self, milliseconds: float) -> None:
        until = self.elapsed + milliseconds
        while self._waiting and self._waiting[0].at <= until:
            ringing = heapq.heappop(self._waiting)
            self.elapsed = max(self.elapsed, ringing.at)
            if not ringing.cancelled:
                ringing.callback()
        self.elapsed = until


@dataclass(frozen=True)
class Sent:
    subject: str
    body: Body
    size: int
    trace: str | None


@cache
def schemas() -> Schemas:
    return Schemas(schemas_folder())


def token(user: str, *permissions: str, exp: int = 2**33, secret: str = SECRET, **more: str) -> str:
    claims = {"sub": user, "perm": permissions, "exp": exp, **more}
    return jwt.encode(claims, secret, algorithm="HS256")  # pyright: ignore[reportUnknownMemberType]


def row_of(sent: Sent) -> str:
    if sent.subject.startswith("article."):
        return "article.updates"
    last = sent.subject.rpartition(".")[2]
    rows = {"state": "session.state", "events": "session.events"}
    rows["control"] = "session.control.pushes"
    return rows.get(last, "reply")


class Bench:
    """A whole server on the bench, right unless a part is replaced."""

    def __init__(
        self,
        replacements: Iterable[type] = (),
        *,
        judged: bool = True,
        settings: Settings | None = None,
        store: Store | None = None,
        clock: HandClock | None = None,
    ) -> None:
        self.clock = clock or HandClock()
        self.sent: list[Sent] = []
        self.judged = judged
        self._heads: dict[str, int] = {}
        self._replies = itertools.count(1)
        self.core = Core(
            send=self._send,
            clock=self.clock,
            ring=Ring(SECRET),
            log=Log("error"),
            parts=Parts(replacements),
            settings=settings,
            store=store,
        )

    def _send(self, subject: str, payload: bytes, trace: str | None) -> None:
        sent = Sent(subject, json.loads(payload), len(payload), trace)
        self.sent.append(sent)
        if not self.judged:
            return
        row = row_of(sent)
        kind = sent.body["data"]["type"] if row == "session.state" else sent.body["type"]
        schemas().check(row, kind, sent.body)
        if "seq" in sent.body:
            session = subject.rpartition(".")[0]
            assert sent.body["seq"] == self._heads.get(session, 0) + 1
            self._heads[session] = sent.body["seq"]

    def deliver(
        self, subject: str, data: Body | bytes, reply: str = "", trace: str | None = None
    ) -> list[Sent]:
        """Hand over one message; returns what was published because of it."""
        before = len(self.sent)
        payload = data if isinstance(data, bytes) else encode(data)
        self.core.router.receive(Incoming(subject, reply, payload, trace))
        return self.sent[before:]

    def request(self, user: str, session: str, type_: str, **data: Any) -> Body:
        """Make a control request and return its one answer."""
        subject, reply = f"session.{user}.{session}.control", f"_INBOX.{user}.{next(self._replies)}"
        answered = self.deliver(subject, control(type_, user, session, **data), reply)
        [answer] = [sent.body for sent in answered if sent.subject == reply]
        return answer

    def open(
        self,
        user: str,
        session: str,
        features: Iterable[str] = (),
        *permissions: str,
        kinds: Iterable[str] = ("articles",),
        claims: Body | None = None,
        **timers: int,
    ) -> Body:
        answer = self.request(
            user,
            session,
            "session.open",
            protocol=["1.0"],
            kinds=list(kinds),
            features=list(features),
            auth={"scheme": "bearer", "token": token(user, *permissions, **(claims or {}))},
            client={"name": "bench", "version": "1.0.0"},
            timers=timers,
        )
        assert answer["type"] == "session.opened", answer
        return answer["data"]

    def ping(self, user: str, session: str) -> Body:
        answer = self.request(user, session, "session.ping")
        return answer["data"].get("position") or answer["data"]["error"]

    def act(self, user: str, session: str, number: int, type_: str, **data: Any) -> Body:
        """Send an action with an id of its own; returns the data of its one outcome."""
        return self.send(action(user, session, number, type_, **data))

    def send(self, body: Body, subject: str | None = None, trace: str | None = None) -> Body:
        """Send an action as it is; returns the data of its one outcome."""
        to = subject or f"user.actions.{body['user_id']}"
        before = len(self.sent)
        self.deliver(to, body, "_INBOX.a", trace)
        outcomes = [
            sent.body
            for sent in self.sent[before:]
            if sent.body["type"] in {"action.ack", "action.nack", "error"}
            and sent.subject == "_INBOX.a"
        ]
        [outcome] = outcomes
        return outcome["data"]

    def stream(self, user: str, session: str) -> list[Body]:
        """Return the states and events of a session."""
        subjects = {f"session.{user}.{session}.{last}" for last in ("state", "events")}
        return [sent.body for sent in self.sent if sent.subject in subjects]

    def pushes(self, user: str, session: str) -> list[Body]:
        return [s.body for s in self.sent if s.subject == f"session.{user}.{session}.control"]

    def slice(self, user: str, session: str, kind: str = "articles") -> Body:
        """Ask for what a session shows of a kind; in one with events it is the fold of them."""
        self.request(user, session, "session.sync", kinds=[kind])
        return self.stream(user, session)[-1]["data"]

    def events(self, user: str, session: str) -> list[Body]:
        """Return the events of a session."""
        return [body for body in self.stream(user, session) if "event_id" in body]

    def code(self, user: str, session: str, number: int, type_: str, **data: Any) -> int | None:
        """Send an action; returns the code of its refusal, None if it was applied."""
        return self.act(user, session, number, type_, **data).get("error", {}).get("code")

    def article(self, user: str, session: str, number: int, **members: Any) -> str:
        """Create an article and return its id."""
        outcome = self.act(user, session, number, "article.create", **{"title": "T", **members})
        return outcome["result"]["article_id"]


def envelope(type_: str, user: str, session: str) -> Body:
    return {"v": "1.0", "type": type_, "user_id": user, "session_id": session, "timestamp": START}


def control(type_: str, user: str, session: str, **data: Any) -> Body:
    return envelope(type_, user, session) | {"data": data}


def action(user: str, session: str, number: int, type_: str, **data: Any) -> Body:
    return envelope(type_, user, session) | {
        "action_id": f"{session}-{number}",
        "client_seq": number,
        "data": data,
    }
