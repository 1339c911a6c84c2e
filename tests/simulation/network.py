"""A broker and the connections to it: they lose, repeat, delay and cut, each way.

What one connection sends comes in its order, and what one subscription receives in the order of the broker;
between two of them nothing is promised. Only a network that `reorders` lets one message overtake another in
the same subscription, which no broker does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.clock import VirtualClock

Direction = Literal["up", "down"]
UP: Direction = "up"
DOWN: Direction = "down"
QUICKEST_MS, SLOWEST_MS = 0.5, 20.0
"""How long one way takes where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A message; without `data` the broker says that nobody is there to answer."""

    subject: str
    data: bytes | None
    reply: str = ""


@dataclass(slots=True)
class Fate:
    """What becomes of the next messages on one way: of those in one lane, or of any."""

    what: Literal["lose", "repeat", "delay"]
    left: int
    ms: int = 0
    lane: str = ""


class Way:
    """One direction of a connection."""

    def __init__(self, network: Network, chance: Random) -> None:
        self._network = network
        self._chance = chance
        self._last_ms: dict[str, float] = {}
        self._life = 0
        self.fates: list[Fate] = []
        self.is_open = True

    def send(self, lane: str, arrive: Callable[[], None]) -> None:
        """Carry something, or not; it arrives later."""
        after_ms = self._chance.uniform(QUICKEST_MS, SLOWEST_MS)
        fate = self._fate(lane)
        if not self.is_open or (fate is not None and fate.what == "lose"):
            self._network.counts["lost"] += 1
            return
        if fate is not None and fate.what == "delay":
            self._network.counts["delayed"] += 1
            after_ms += fate.ms
        self._carry(lane, after_ms, arrive)
        if fate is not None and fate.what == "repeat":
            self._network.counts["repeated"] += 1
            self._carry(lane, after_ms + fate.ms, arrive)

    def close(self, *, forget: bool) -> None:
        """Carry nothing any more; `forget` also what is on its way."""
        self.is_open = False
        if forget:
            self._life += 1

    def _carry(self, lane: str, after_ms: float, arrive: Callable[[], None]) -> None:
        clock, life = self._network.clock, self._life
        at_ms = clock.passed_ms + after_ms
        last_ms = self._last_ms.get(lane, 0.0)
        if self._network.reorders:
            self._network.counts["overtaken"] += at_ms < last_ms
        else:
            at_ms = max(at_ms, last_ms)
        self._last_ms[lane] = max(at_ms, last_ms)
        clock.call_at(at_ms, lambda: arrive() if life == self._life else None)

    def _fate(self, lane: str) -> Fate | None:
        for fate in self.fates:
            if fate.lane in ("", lane):
                fate.left -= 1
                if fate.left <= 0:
                    self.fates.remove(fate)
                return fate
        return None


@dataclass
class Connection:
    """One connection of a node: what it subscribes to, and its two ways."""

    name: str
    up: Way
    down: Way
    wanted: dict[str, Callable[[Packet], None]] = field(
        default_factory=dict[str, "Callable[[Packet], None]"]
    )

    @property
    def is_heard(self) -> bool:
        """Whether the broker has its subscriptions."""
        return self.up.is_open or self.down.is_open

    def cut(self, *, ways: str = "both", forget: bool = True) -> None:
        """Carry nothing any more, on one way or on both; what is on its way up may still arrive."""
        if ways in ("both", DOWN):
            self.down.close(forget=True)
        if ways in ("both", UP):
            self.up.close(forget=forget)

    def mend(self) -> None:
        """Carry everything again."""
        self.up.is_open = self.down.is_open = True


class Network:
    """The broker; it hands a message to every subscription that its subject fits."""

    def __init__(self, clock: VirtualClock, seed: str, *, reorders: bool = False) -> None:
        self.clock = clock
        self.reorders = reorders
        self.counts = Counter[str]()
        self._seed = seed
        self._connections: list[Connection] = []

    def connect(self, name: str) -> Connection:
        """Make a connection."""
        up, down = (Way(self, self._chance(f"{name} {way}")) for way in (UP, DOWN))
        connection = Connection(name, up, down)
        self._connections.append(connection)
        return connection

    def _chance(self, name: str) -> Random:
        return Random(f"{self._seed} {name}")  # noqa: S311 no secret

    def disconnect(self, connection: Connection) -> None:
        """End a connection for good."""
        connection.cut()
        self._connections.remove(connection)

    def publish(self, sender: Connection, packet: Packet) -> None:
        """Carry a message to the broker, and on to everybody who hears its subject, but not back."""
        sender.up.send(lane_of(packet.subject), lambda: self._route(sender, packet))

    def _route(self, sender: Connection, packet: Packet) -> None:
        heard = False
        for connection in self._connections:
            if connection is sender or not connection.is_heard:
                continue
            for pattern, take in list(connection.wanted.items()):
                if fits(pattern, packet.subject):
                    heard = True
                    connection.down.send(lane_of(pattern), lambda take=take: take(packet))
        if packet.reply and not heard:
            self.counts["nobody there"] += 1
            nobody = Packet(packet.reply, None)
            for pattern, take in list(sender.wanted.items()):
                if fits(pattern, packet.reply):
                    sender.down.send(lane_of(pattern), lambda take=take: take(nobody))


def lane_of(subject: str) -> str:
    """What comes in its own order: control and stream (`session`), actions (`user`), answers (`_INBOX`)."""
    first, _, _ = subject.partition(".")
    return first


@lru_cache(maxsize=4096)
def fits(pattern: str, subject: str) -> bool:
    """Whether a subscription hears a subject."""
    wanted, told = pattern.split("."), subject.split(".")
    return len(wanted) == len(told) and all(
        one in ("*", other) for one, other in zip(wanted, told, strict=True)
    )
