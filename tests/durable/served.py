"""Instances that serve by the core of the reference server, on a journal and a clock moved by hand."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

from tests.durable.fleet import is_beat
from tests.reference.bench import SECRET, Body, Sent, action, control, row_of, schemas, token
from tests.simulation.clock import ProcessClock, VirtualClock

from omnisession_durable.core_term import CoreInstance, Made
from omnisession_durable.entries import Limits
from omnisession_durable.fold import Stored
from omnisession_durable.instance import Settings
from omnisession_durable.kept import Kept
from omnisession_reference.core import Settings as CoreSettings
from omnisession_reference.log import Log
from omnisession_reference.token_keys import Ring
from omnisession_reference.wire import Incoming, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omnisession_durable.posts import Post

KINDS = ("articles", "chat", "url", "user")


class Machine:
    """One process: it says into the list of its journal, until it is killed."""

    def __init__(self, served: Served, name: str, core: CoreSettings, ring: Ring) -> None:
        self.served = served
        self.ended: tuple[int, str] | None = None
        self.is_subscribed = False
        self.clock = ProcessClock(served.clock)
        made = Made(ring, core, Log("error"), Kept())
        settings = Settings(name, Limits(outcomes=512))
        self.instance = CoreInstance(settings, made, self.clock, self)

    def append(self, data: bytes) -> None:
        self.served.append(self, data)

    def subscribe(self) -> None:
        self.is_subscribed = True

    def unsubscribe(self) -> None:
        self.is_subscribed = False

    def publish(self, message: Post) -> None:
        body = json.loads(message.payload)
        sent = Sent(message.subject, body, len(message.payload), message.trace)
        row = row_of(sent)
        kind = body["data"]["type"] if row == "session.state" else body["type"]
        schemas().check(row, kind, body)
        if "seq" in body:
            stream = (*message.subject.split(".")[:3], body["epoch"])
            assert body["seq"] == self.served.heads.get(stream, 0) + 1
            self.served.heads[stream] = body["seq"]
        self.served.said.append((message.subject, body))

    def halt(self, code: int, why: str) -> None:
        self.ended = (code, why)
        self.clock.end()


class Served:
    """A journal, and one instance after another."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.entries: list[Stored] = []
        self.said: list[tuple[str, Body]] = []
        self.heads: dict[tuple[str | int, ...], int] = {}
        self.lost: list[bytes] = []
        self.seq = 0
        # What the processes that are started from now on verify tokens by.
        self.ring = Ring(SECRET)
        # By so much the broker's clock is ahead.
        self.ahead_ms = 0
        self.lose: Callable[[bytes], bool] = lambda _: False
        self._names = itertools.count(1)
        self._replies = itertools.count(1)
        self.machine = self.start()

    def start(self) -> Machine:
        """Start a process, and wait until it speaks."""
        self.launch()
        assert self.machine.instance.speaks
        return self.machine

    def launch(self, *kinds: str) -> Machine:
        """Start a process that serves these kinds, and wait for as long as that takes."""
        self.machine = Machine(
            self, f"i{next(self._names)}", CoreSettings(kinds or KINDS), self.ring
        )
        self.machine.instance.start()
        for stored in list(self.entries):
            self.machine.instance.stored(stored)
        self.clock.move(3_000)
        return self.machine

    def kill(self) -> None:
        """End the process with all that it has not said."""
        self.machine.clock.end()
        self.machine.ended = (-9, "killed")

    def append(self, machine: Machine, data: bytes) -> None:
        if self.lose(data):
            self.lost.append(data)
            return
        self.clock.call_later(1, lambda: self.store(machine, data))

    def store(self, machine: Machine, data: bytes) -> None:
        """Store an entry; beats of those that have ended are gone by the time that others read."""
        self.seq += 1
        stored = Stored(self.seq, self.clock.now_ms() + self.ahead_ms, data)
        if not is_beat(data):
            self.entries.append(stored)
        if self.machine is machine and machine.ended is None:
            machine.instance.stored(stored)

    # -- what a client does

    def deliver(self, subject: str, body: Body, reply: str = "") -> None:
        assert self.machine.is_subscribed
        self.machine.instance.receive(Incoming(subject, reply, encode(body)))

    def ask(self, user: str, session: str, reply: str, type_: str, **data: Any) -> None:
        """Send a request, and wait for nothing."""
        body = control(type_, user, session, **data)
        self.deliver(f"session.{user}.{session}.control", body, reply)

    def request(self, user: str, session: str, type_: str, **data: Any) -> Body:
        reply = f"_INBOX.{next(self._replies)}"
        self.ask(user, session, reply, type_, **data)
        self.clock.move(5)
        [answer] = self.answers(reply)
        return answer

    def answers(self, reply: str) -> list[Body]:
        return [body for subject, body in self.said if subject == reply]

    def open(self, user: str, session: str, features: Iterable[str] = (), **more: Any) -> Body:
        answer = self.request(user, session, "session.open", **opening(user, features, **more))
        assert answer["type"] == "session.opened", answer
        return answer["data"]

    def act(self, user: str, session: str, number: int, type_: str, **data: Any) -> Body:
        return self.send(action(user, session, number, type_, **data))

    def send(self, body: Body) -> Body:
        """Send an action; returns the data of its outcome, once its entry was stored."""
        reply = f"_INBOX.{next(self._replies)}"
        self.deliver(f"user.actions.{body['user_id']}", body, reply)
        self.clock.move(5)
        [outcome] = self.answers(reply)
        return outcome["data"]

    def slice(self, user: str, session: str, kind: str) -> Body:
        """What a session shows of a kind."""
        self.request(user, session, "session.sync", kinds=[kind])
        return self.states(user, session)[-1]["data"]

    def states(self, user: str, session: str) -> list[Body]:
        return [body for subject, body in self.said if subject == f"session.{user}.{session}.state"]


def opening(user: str, features: Iterable[str] = (), **more: Any) -> Body:
    """What a request to open a session says."""
    return {
        "protocol": ["1.0"],
        "kinds": list(more.pop("kinds", KINDS)),
        "features": list(features),
        "auth": {"scheme": "bearer", "token": token(user, *more.pop("permissions", ()))},
        "client": {"name": "bench", "version": "1.0.0"},
        "timers": more,
    }
