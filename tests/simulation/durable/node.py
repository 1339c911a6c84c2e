"""A process that runs an instance, with its connection: it freezes, is killed, cut off, too slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tests.reference.bench import SECRET
from tests.simulation.clock import START, Alarm
from tests.simulation.durable.stream import BEAT
from tests.simulation.findings import FoundError

from omnisession_durable.core_term import CoreInstance, Made
from omnisession_durable.entries import Own, encode
from omnisession_durable.instance import Settings
from omnisession_durable.kept import Kept
from omnisession_reference.core import Settings as CoreSettings
from omnisession_reference.ids import Ids
from omnisession_reference.log import Log
from omnisession_reference.token_keys import Ring

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.clock import VirtualClock
    from tests.simulation.durable.stream import Stream
    from tests.simulation.durable.wires import Group

    from omnisession_durable.entries import Limits
    from omnisession_durable.fold import Stored
    from omnisession_durable.posts import Post
    from omnisession_reference.parts import Parts
    from omnisession_reference.wire import Incoming

RETURN_AFTER_MS = 500
"""When clients are asked to come back after a stop that was planned."""
WALLS_MS = (0, 0, 0, -700, 700, -3_600_000, 3_600_000)
"""By how much the time of day is wrong, in one process or another."""


class Watcher(Protocol):
    """Who looks at what instances do."""

    def speaks(self, node: Node, message: Post) -> None:
        """It publishes something, which is not there yet."""
        ...

    def told(self, node: Node, message: Post) -> None:
        """It has arrived."""
        ...

    def folded(self, node: Node, stored: Stored) -> None:
        """An instance has been handed an entry."""
        ...

    def heard(self, request: Incoming) -> None:
        """It is handed what a client has sent."""
        ...

    def subscribed(self, node: Node) -> None:
        """It wants to hear what clients send."""
        ...

    def halted(self, node: Node, code: int, why: str) -> None:
        """It has ended by itself."""
        ...

    def failed(self, node: Node, error: BaseException) -> None:
        """It has raised what it must not."""
        ...

    def logged(self, event: str) -> None:
        """It notes that something is not as usual."""
        ...

    def note(self, who: str, what: str) -> None:
        """Write a line."""
        ...


class NodeClock:
    """The clocks of one process.

    The steady one began at another time, and runs a little faster or slower; the time of day may be wrong.
    """

    def __init__(self, node: Node, world: VirtualClock, chance: Random) -> None:
        self._node = node
        self._world = world
        self._began = chance.randint(0, 10_000_000)
        self._rate = chance.uniform(0.99, 1.01)
        self._wall_ms = START + chance.choice(WALLS_MS)
        self._stood_ms = 0.0

    def now_ms(self) -> int:
        return self._wall_ms + int(self._world.passed_ms)

    def wall_ms(self) -> int:
        return self.now_ms()

    def elapsed_ms(self) -> float:
        return self._began + (self._world.passed_ms - self._stood_ms) * self._rate

    def stood(self, ms: float) -> None:
        """It has not gone on for so long."""
        self._stood_ms += ms

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Alarm:
        alarm = Alarm(callback)

        def ring() -> None:
            # What is cancelled while the process stands still does not ring when that goes on.
            if not alarm.cancelled:
                callback()

        self._world.call_later(delay_ms / self._rate, lambda: self._node.run(ring))
        return alarm


class NodeLog(Log):
    """Hears of failures; of everything else that is not as usual it is counted how often that was."""

    def __init__(self, node: Node) -> None:
        super().__init__("error")
        self._node = node

    def warning(self, event: str, **members: Any) -> None:
        self._node.watcher.logged(event if event != "term_over" else f"{event}: {members['why']}")

    def failure(self, event: str, error: BaseException, **members: Any) -> None:
        del event, members
        if isinstance(error, FoundError):
            raise error
        self._node.watcher.failed(self._node, error)


class Node:
    """A process; what happens to it while it is frozen waits, in its order."""

    def __init__(
        self,
        name: str,
        limits: Limits,
        clock: VirtualClock,
        stream: Stream,
        group: Group,
        watcher: Watcher,
        chance: Random,
        parts: Parts,
    ) -> None:
        self.name = name
        self.limits = limits
        self.is_alive = True
        self.is_cut = False
        self.is_parted = False
        self.lag_ms = 0
        self.clock = clock
        self.stream = stream
        self.group = group
        self.watcher = watcher
        self.chance = chance
        self._frozen: list[Callable[[], None]] | None = None
        self.way = group.way()
        self._wants = False
        self._connection = 0
        self._has_consumer = False
        self._last_ms = 0.0
        self._steady = NodeClock(self, clock, chance)
        ids = parts.of(Ids)(chance.randbytes)
        made = Made(Ring(SECRET), CoreSettings(), NodeLog(self), Kept(), ids=ids)
        settings, make = Settings(name, limits), parts.of(CoreInstance)
        self.instance: CoreInstance = make(settings, made, self._steady, self, parts)

    # -- the process

    def start(self) -> None:
        """Begin, and read the journal from its begin."""
        self.instance.start()
        self.follow()

    def run(self, callback: Callable[[], None]) -> None:
        """Let the process do something: now, when it is thawed, or never."""
        if self._frozen is not None:
            self._frozen.append(callback)
        elif self.is_alive:
            try:
                callback()
            except Exception as error:  # noqa: BLE001 whatever it is, it is found
                self.watcher.failed(self, error)

    def kill(self) -> None:
        """End it, without a word."""
        self.is_alive = False
        self._connection += 1
        self.group.leave(self.name)

    def freeze(self, ms: int, *, stops_clock: bool = False) -> None:
        """Stop it for a while."""
        if self._frozen is None:
            self._frozen = []
            if stops_clock:
                self._steady.stood(ms)  # nobody looks at it before it is thawed
            self.clock.call_later(ms, self._thaw)

    def _thaw(self) -> None:
        waiting, self._frozen = self._frozen or [], None
        for callback in waiting:
            self.run(callback)

    # -- the connection

    @property
    def reads(self) -> bool:
        """Whether it reaches the journal."""
        return self.is_alive and not self.is_cut and not self.is_parted

    def cut(self, ms: int, *, unnoticed: bool) -> None:
        """Lose the connection for a while; the process hears of it at once, late, or when it is back."""
        if self.is_cut:
            return
        self.is_cut = True
        self._connection += 1
        if not unnoticed:
            self.group.leave(self.name)
            self.clock.call_later(self.chance.randint(0, 40), self._notice)
        self.clock.call_later(ms, self.mend)

    def _notice(self) -> None:
        self.run(self.instance.disconnected)

    def mend(self) -> None:
        """Have a connection again, which is another one."""
        if not self.is_cut or not self.is_alive:
            return
        self.is_cut = False
        self.way = self.group.way()
        self.group.leave(self.name)
        # A library tells that a connection was lost before it tells that there is another.
        self._notice()
        if self._wants:
            self._join()
        self.follow()

    def part(self, ms: int) -> None:
        """Be on the wrong side of a cluster for a while: clients are reached, the journal is not."""
        if not self.is_parted:
            self.is_parted = True
            self._connection += 1
            self.clock.call_later(ms, self.rejoin)

    def rejoin(self) -> None:
        """Be on the right side again."""
        if self.is_parted and self.is_alive:
            self.is_parted = False
            self.follow()

    def keep_up(self) -> None:
        """Fold as quickly as others again."""
        self.lag_ms = 0

    def follow(self) -> None:
        """Have a consumer that begins where the instance says."""
        self._connection += 1
        self._has_consumer = False
        self.run(self._follow)  # a process that is frozen makes no consumer

    def _follow(self) -> None:
        if self.reads:
            self._connection += 1
            self._has_consumer = True
            for stored in self.stream.after(self.instance.resume()):
                self.hand(stored)

    def hand(self, stored: Stored) -> None:
        """Have an entry handed over, behind those before it."""
        if not self.reads or not self._has_consumer:
            return
        at_ms = self.clock.passed_ms + self.chance.randint(1, 3) + self.lag_ms
        self._last_ms = max(at_ms, self._last_ms)
        connection = self._connection

        def arrive() -> None:
            if connection == self._connection:
                self.run(lambda: self._take(stored))

        self.clock.call_at(self._last_ms, arrive)

    def _take(self, stored: Stored) -> None:
        self.instance.stored(stored)
        self.watcher.folded(self, stored)

    def claim(self) -> None:
        """Claim without need."""
        if self.instance.term is None and self.instance.fold.conf is not None:
            self.append(encode(Own(self.name, self.name, self.instance.fold.term)))

    def leave(self) -> None:
        """Stop as planned, as a service does: take nothing more, tell all sessions, hand over."""
        self.unsubscribe()
        self.instance.announce_stop(RETURN_AFTER_MS)
        self.instance.leave()

    # -- what the instance does

    def append(self, data: bytes) -> None:
        if self.reads:
            if BEAT not in data:
                self.watcher.note(self.name, f"appends {data.decode()}")
            self.stream.append(
                self.name, data, lambda: self.run(lambda: self.instance.refused(data))
            )

    def subscribe(self) -> None:
        self._wants = True
        self.watcher.subscribed(self)
        self._join()

    def _join(self) -> None:
        self._carry(lambda: self.group.join(self.name, self._hear) if self.is_alive else None)

    def _hear(self, request: Incoming) -> None:
        if not self.is_cut:
            self.group.carry(self.way, lambda: self.run(lambda: self._receive(request)))

    def _receive(self, request: Incoming) -> None:
        self.watcher.heard(request)
        self.instance.receive(request)

    def unsubscribe(self) -> None:
        self._wants = False
        way = self.way

        def arrive() -> None:
            if way is self.way:  # a subscription belongs to its connection
                self.group.leave(self.name)

        self._carry(arrive)

    def publish(self, message: Post) -> None:
        self.watcher.speaks(self, message)
        self._carry(lambda: self.watcher.told(self, message))

    def _carry(self, arrive: Callable[[], None]) -> None:
        if not self.is_cut:
            self.group.carry(self.way, arrive)

    def halt(self, code: int, why: str) -> None:
        self.kill()
        self.watcher.halted(self, code, why)
