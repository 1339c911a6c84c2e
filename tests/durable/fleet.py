"""A few instances with a journal that does what a test says, on a clock that is moved by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.durable.bench import LIMITS
from tests.reference.bench import SECRET, action, control, token
from tests.simulation.clock import START, ProcessClock, VirtualClock
from tests.simulation.durable.said import Answer, Beat, Hinted, Said, Streamed, Told, read, reply_of

from omnisession_durable import entries
from omnisession_durable.core_term import CoreInstance, Made
from omnisession_durable.decoding import decode
from omnisession_durable.entries import Decided, Limits
from omnisession_durable.fold import Stored
from omnisession_durable.instance import Settings
from omnisession_durable.kept import Kept
from omnisession_reference.core import Settings as CoreSettings
from omnisession_reference.log import Log
from omnisession_reference.token_keys import Ring
from omnisession_reference.wire import Incoming, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_durable.posts import Post
    from omnisession_reference.session import Key

KINDS = ("chat", "articles")
ANN = ("ann", "s1")


class _Quiet(Log):
    """What ends a term is what these tests are about."""

    def __init__(self) -> None:
        super().__init__("error")

    def failure(self, event: str, error: BaseException, **members: Any) -> None:
        pass


class Machine:
    """The shell of one instance: it notes what is done."""

    def __init__(self, fleet: Fleet, name: str, limits: Limits) -> None:
        self.fleet = fleet
        self.said: list[Said] = []
        self.is_subscribed = False
        self.fail = False
        self.ended: tuple[int, str] | None = None
        self.clock = ProcessClock(fleet.clock)
        made = Made(Ring(SECRET), CoreSettings(), _Quiet(), Kept())
        self.instance = CoreInstance(Settings(name, limits), made, self.clock, self)

    def append(self, data: bytes) -> None:
        self.fleet.appended(data)

    def subscribe(self) -> None:
        assert not self.said or self.instance.term is not None
        self.is_subscribed = True

    def unsubscribe(self) -> None:
        self.is_subscribed = False

    def publish(self, message: Post) -> None:
        if self.fail:
            raise RuntimeError("no way out")
        said = read(message)
        if said is not None and not isinstance(said, Hinted):
            self.said.append(said)

    def halt(self, code: int, why: str) -> None:
        self.ended = (code, why)
        self.clock.end()

    def ask(self, what: str, key: Key = ANN, kinds: tuple[str, ...] = KINDS) -> None:
        data: dict[str, Any] = {}
        if what == "open":
            auth = {"scheme": "bearer", "token": token(key[0])}
            client = {"name": "bench", "version": "1.0.0"}
            data = {"protocol": ["1.0"], "auth": auth, "client": client}
            data |= {"kinds": list(kinds), "features": ["events"]}
        body = control(f"session.{what}", *key, **data)
        subject = f"session.{key[0]}.{key[1]}.control"
        self.instance.receive(Incoming(subject, reply_of(key, what), encode(body)))

    def try_(self, number: int) -> None:
        body = action(*ANN, number, "chat.send", content=f"a{number}")
        body["action_id"] = f"a{number}"
        reply = reply_of(ANN, f"try {number}".replace(" ", "-"))
        self.instance.receive(Incoming("user.actions.ann", reply, encode(body)))

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


def short(message: Said) -> str:
    """A message in a few words."""
    match message:
        case Told():
            code = f" {message.code}" if message.code else ""
            return f"{message.status}{code} {message.action_id} at {message.position.seq}"
        case Answer(_, _, what, _, code):
            return f"answer {what} {code or ''}".strip()
        case Streamed(_, _, kind, body):
            return f"state {body['reason']}" if kind else "event"
        case Beat(_, what):
            return what


def is_beat(data: bytes) -> bool:
    """Whether an entry is a beat."""
    return isinstance(decode(data), entries.Beat)
