"""A few instances with a journal that does what a test says, on a clock that is moved by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tests.durable.bench import LIMITS
from tests.simulation.clock import START, ProcessClock, VirtualClock
from tests.simulation.durable.board import Board, Rules

from omnisession_durable.decoding import decode
from omnisession_durable.domain import Action
from omnisession_durable.entries import Beat, Decided, Limits
from omnisession_durable.fold import Stored
from omnisession_durable.instance import Instance, Settings
from omnisession_durable.messages import Ask, Message, Told, Try

if TYPE_CHECKING:
    from collections.abc import Callable


class Machine:
    """The shell of one instance: it notes what is done."""

    def __init__(self, fleet: Fleet, name: str, limits: Limits) -> None:
        self.fleet = fleet
        self.said: list[Message] = []
        self.is_subscribed = False
        self.fail = False
        self.ended: tuple[int, str] | None = None
        self.clock = ProcessClock(fleet.clock)
        self.instance = Instance(Settings(name, limits), Board(), Rules(), self.clock, self)

    def append(self, data: bytes) -> None:
        self.fleet.appended(data)

    def subscribe(self) -> None:
        assert not self.said or self.instance.term is not None
        self.is_subscribed = True

    def unsubscribe(self) -> None:
        self.is_subscribed = False

    def publish(self, message: Message) -> None:
        if self.fail:
            raise RuntimeError("no way out")
        self.said.append(message)

    def halt(self, code: int, why: str) -> None:
        self.ended = (code, why)
        self.clock.end()

    def ask(self, what: Literal["open", "ping", "close"], session: str = "s1") -> None:
        terms = {"kinds": ["chat", "articles"]} if what == "open" else None
        self.instance.receive(Ask(what, ("ann", session), f"{what} {session}", terms))

    def try_(self, number: int, name: str = "", type_name: str = "chat.send") -> None:
        name = name or f"a{number}"
        action = Action("ann", "s1", name, number, type_name, {}, f"{type_name} {name}")
        self.instance.receive(Try(action, f"try {name}"))

    def heard(self) -> list[str]:
        """What was said since the last time, in short."""
        said, self.said = self.said, []
        return [short(one) for one in said]


class Fleet:
    """A journal and its instances; `lose` says which entries are not stored."""

    def __init__(self, names: str = "i1", limits: Limits = LIMITS) -> None:
        self.clock = VirtualClock()
        self.entries: list[Stored] = []
        self.lost: list[bytes] = []
        self.lose: Callable[[bytes], bool] = lambda _: False
        self.machines = [Machine(self, name, limits) for name in names.split()]
        for machine in self.machines:
            machine.instance.start()

    @property
    def first(self) -> Machine:
        """The first instance."""
        return self.machines[0]

    def appended(self, data: bytes) -> None:
        if self.lose(data):
            self.lost.append(data)
        else:
            self.clock.call_later(1, lambda: self.store(data))

    def store(self, data: bytes) -> None:
        """Store an entry, and hand it to everybody."""
        stored = Stored(len(self.entries) + 1, START + int(self.clock.passed_ms), data)
        self.entries.append(stored)
        for machine in self.machines:
            machine.instance.stored(stored)

    def decided(self) -> list[str]:
        """The decisions in the journal."""
        found = [decode(one.data) for one in self.entries]
        return [
            f"{type(one.body).__name__.lower()} {one.place.n}"
            for one in found
            if isinstance(one, Decided)
        ]

    def begin(self) -> None:
        """Wait until somebody speaks, and open a session."""
        self.clock.move(1_500)
        self.owner().ask("open")
        self.clock.move(10)
        self.owner().heard()

    def owner(self) -> Machine:
        """Who speaks."""
        return next(one for one in self.machines if one.instance.speaks)

    def standby(self) -> Machine:
        """Who does not."""
        return next(one for one in self.machines if not one.instance.speaks)


def short(message: Message) -> str:
    """A message in a few words."""
    if isinstance(message, Told):
        code = f" {message.outcome.error['code']}" if message.outcome.error else ""
        return f"{message.status}{code} {message.action_id} at {message.position.seq}"
    words = [type(message).__name__.lower(), getattr(message, "what", "")]
    words += [str(getattr(message, "reason", "")), str(getattr(message, "code", "") or "")]
    return " ".join(word for word in words if word)


def is_beat(data: bytes) -> bool:
    """Whether an entry is a beat."""
    return isinstance(decode(data), Beat)
