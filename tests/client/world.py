"""The core of the reference client beside that of the reference server, in virtual time.

The way between the two loses, repeats and delays messages of the stream as it is told, loses requests
and answers, and can be cut. Nothing here waits.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.client.bench import sent_by
from tests.reference.bench import START, Bench, Ringing, Sent, token

from omnisession_client.effects import (
    CancelTimer,
    Disconnect,
    NewSession,
    Publish,
    Request,
    SetTimer,
    Subscribe,
    Taken,
)
from omnisession_client.messages import (
    Answered,
    Began,
    Dispatched,
    Heard,
    Lost,
    Message,
    Rang,
    Ready,
)
from omnisession_client.update import init, update
from omnisession_client.values import Config
from omnisession_reference.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_client.effects import Effect
    from omnisession_client.values import Mode, State

KINDS = ("articles", "chat", "url", "user")
DELIVER, LOSE, REPEAT, DELAY = range(4)
STEP_MS = 250


@dataclass
class Way:
    """What becomes of the next messages, one after the other; when nothing is told they arrive."""

    fates: deque[int] = field(default_factory=deque[int])
    delayed: list[Heard] = field(default_factory=list[Heard])

    def through(self, message: Heard) -> list[Heard]:
        fate = self.fates.popleft() if self.fates else DELIVER
        if fate == DELAY:
            self.delayed.append(message)
            return []
        late, self.delayed = self.delayed, []
        return {DELIVER: [message], LOSE: [], REPEAT: [message, message]}[fate] + late

    def clear(self) -> list[Heard]:
        self.fates.clear()
        late, self.delayed = self.delayed, []
        return late


class World:
    """One client of ann, and others who change what it sees."""

    def __init__(
        self, seed: int, kinds: Sequence[str], features: Sequence[str], mode: Mode = "pure"
    ) -> None:
        self.server = Bench()
        self.chance = random.Random(seed)  # noqa: S311 no secret
        config = Config("ann", tuple(kinds), tuple(features), token("ann"), mode=mode)
        self.state = init(config)
        self.way, self.asking = Way(), Way()
        self.taken: list[Taken] = []
        self.connected = True
        self.sessions = 0
        self._subject = ""
        self._timers: dict[str, Ringing] = {}
        self._work: deque[Callable[[], None]] = deque()
        self._seen = 0
        self.put(Began(at_ms=self.now, session_id=self._name()))
        self.put(self._ready())
        self.settle()

    @property
    def now(self) -> int:
        return START + int(self.server.clock.elapsed)

    def put(self, message: Message) -> None:
        """Hand a message to the client when its turn comes."""
        self._work.append(lambda: self._handle(message))

    def settle(self) -> None:
        """Do all that there is to do now."""
        for _ in range(10_000):
            self._collect()
            if not self._work:
                return
            self._work.popleft()()
        raise AssertionError("the two never come to rest")

    def pass_time(self, milliseconds: int) -> None:
        for _ in range(0, milliseconds, STEP_MS):
            self.server.clock.move(STEP_MS)
            self.settle()

    def cut(self) -> None:
        if self.connected:
            self.connected = False
            self.way.clear()
            self.put(Lost(at_ms=self.now))
            self.settle()

    def join(self) -> None:
        if not self.connected:
            self.connected = True
            self.put(self._ready())
            self.settle()

    def dispatch(self, action_id: str, type_: str, **data: Any) -> None:
        self.put(Dispatched(at_ms=self.now, action_id=action_id, type=type_, data=data))
        self.settle()

    def rest(self) -> None:
        """End all faults, and wait until two heartbeats must have come."""
        self.asking.clear()
        for late in self.way.clear():
            self.put(late)
        self.join()
        self.settle()
        self.pass_time(45_000)

    # -- the client's effects

    def _handle(self, message: Message) -> None:
        self.state, effects = update(self.state, message)
        sent_by(effects)  # held to the schemas
        assert_pending_in_order(self.state)
        for effect in effects:
            self._do(effect)

    def _do(self, effect: Effect) -> None:
        match effect:
            case Subscribe():
                self._subject = effect.subject.removesuffix("*")
                if self.connected and self.sessions > 1:
                    self.put(self._ready())
            case Publish():
                self._publish(effect.subject, effect.body, "")
            case Request():
                self._ask(effect)
            case SetTimer():
                self._set(effect)
            case CancelTimer():
                self._cancel(effect.timer)
            case NewSession():
                self.put(Began(at_ms=self.now, session_id=self._name()))
            case Taken():
                self.taken.append(effect)
            case Disconnect():
                self.connected = False
            case _:
                raise AssertionError("its tokens have no end")

    def _ready(self) -> Ready:
        return Ready(at_ms=self.now, max_payload=1_048_576)

    def _name(self) -> str:
        self.sessions += 1
        return f"s-{self.sessions}"

    def _ask(self, request: Request) -> None:
        late = Answered(at_ms=self.now, number=request.number, data=None)
        self.server.clock.call_later(request.within_ms, lambda: self.put(late))
        self._publish(request.subject, request.body, f"_INBOX.ann.{request.number}")

    def _publish(self, subject: str, body: bytes, reply: str) -> None:
        lost = bool(self.asking.fates) and self.asking.fates.popleft() == LOSE
        if self.connected and not lost:
            self._work.append(lambda: void(self.server.deliver(subject, body, reply)))

    def _set(self, timer: SetTimer) -> None:
        self._cancel(timer.timer)
        after = self.chance.uniform(timer.at_least_ms, timer.at_most_ms)
        rang = Rang(at_ms=self.now, timer=timer.timer)
        self._timers[timer.timer] = self.server.clock.call_later(after, lambda: self.put(rang))

    def _cancel(self, timer: str) -> None:
        if timer in self._timers:
            self._timers.pop(timer).cancel()

    # -- what the server sends

    def _collect(self) -> None:
        while self._seen < len(self.server.sent):
            sent = self.server.sent[self._seen]
            self._seen += 1
            if self.connected:
                self._route(sent)

    def _route(self, sent: Sent) -> None:
        data = encode(sent.body)
        if sent.subject.startswith("_INBOX.ann."):
            lost = bool(self.asking.fates) and self.asking.fates.popleft() == LOSE
            number = int(sent.subject.rpartition(".")[2])
            if not lost:
                self.put(Answered(at_ms=self.now, number=number, data=data))
        elif self._subject and sent.subject.startswith(self._subject):
            for message in self.way.through(Heard(at_ms=self.now, subject=sent.subject, data=data)):
                self.put(message)


def assert_pending_in_order(state: State) -> None:
    """Numbers rise, those without one are behind, and none of them is counted already."""
    numbers = [one.number for one in state.pending]
    given = [number for number in numbers if number is not None]
    assert numbers == [*given, *[None] * (len(numbers) - len(given))]
    assert given == sorted(set(given))
    assert all(number > state.counted for number in given)


def void(_result: object) -> None:
    """Nobody looks at this result."""


class Others:
    """Bob, who writes and talks, and another session of ann, which has urls and a name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bench = world.server
        self._numbers = {"bob": 0, "ann": 0}
        self._names = {"bob": "b-0", "ann": "a-0"}
        self._made: dict[str, list[str]] = {"article": [], "message": [], "url": []}
        for user in self._names:
            self._open(user)

    def _open(self, user: str) -> None:
        self.bench.open(user, self._names[user], kinds=KINDS)

    def act(self, user: str, type_: str, **data: Any) -> dict[str, Any]:
        """One of them acts, in a new session if the old one has expired."""
        if "code" in self.bench.ping(user, self._names[user]):
            self._names[user], self._numbers[user] = f"{self._names[user]}-", 0
            self._open(user)
        self._numbers[user] += 1
        told = self.bench.act(user, self._names[user], self._numbers[user], type_, **data)
        self.world.settle()
        return told

    def messages(self) -> list[str]:
        """What was said in the chat, as bob sees it."""
        self.act("bob", "session.noop")
        slice_ = self.bench.slice("bob", self._names["bob"], "chat")
        return [message["content"] for message in slice_["messages"]]

    def step(self, what: int) -> None:
        """Make one of the changes that there are."""
        changes = (
            self._talk,
            self._write,
            self._rewrite,
            self._forget,
            self._shorten,
            self._rename,
            self._type,
        )
        changes[what % len(changes)](what)

    def _talk(self, what: int) -> None:
        result = self.act("bob", "chat.send", content=f"hello {what}")["result"]
        self._made["message"].append(result["message_id"])

    def _write(self, what: int) -> None:
        made = self.act("bob", "article.create", title=f"Title {what}", content="text")
        article_id = made["result"]["article_id"]
        self.act("bob", "article.publish", article_id=article_id)
        self._made["article"].append(article_id)

    def _rewrite(self, what: int) -> None:
        for article_id in self._made["article"][-1:]:
            changes = {"title": f"Other {what}", "content": "more"}
            self.act("bob", "article.update", article_id=article_id, changes=changes)
        for message_id in self._made["message"][-1:]:
            self.act("bob", "chat.edit", message_id=message_id, content=f"better {what}")

    def _forget(self, _what: int) -> None:
        for kind, type_, name, user in (
            ("article", "article.delete", "article_id", "bob"),
            ("message", "chat.delete", "message_id", "bob"),
            ("url", "url.delete", "url_id", "ann"),
        ):
            if self._made[kind]:
                self.act(user, type_, **{name: self._made[kind].pop(0)})

    def _shorten(self, what: int) -> None:
        made = self.act("ann", "url.create", target_url=f"https://example.org/{what}")
        self._made["url"].append(made["result"]["url_id"])

    def _rename(self, what: int) -> None:
        self.act("ann", "user.update", changes={"username": f"Ann {what}"})

    def _type(self, what: int) -> None:
        self.act("bob", "chat.typing", active=what % 2 == 0)

    def last_article(self) -> str | None:
        return self._made["article"][-1] if self._made["article"] else None
