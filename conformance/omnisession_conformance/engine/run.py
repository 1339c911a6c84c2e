"""What all cases of one run share."""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import count
from typing import TYPE_CHECKING

from omnisession_conformance.engine.clock import Clock
from omnisession_conformance.engine.places import Places
from omnisession_conformance.engine.role import Disturbance
from omnisession_conformance.engine.silence import Silence
from omnisession_conformance.engine.time_limits import TimeLimits
from omnisession_conformance.engine.turns import Turns
from omnisession_conformance.environment.bounds import Bounds
from omnisession_conformance.environment.config import START_TIMEOUT_S
from omnisession_conformance.environment.draws import Draws
from omnisession_conformance.environment.settings import SHRINK_S
from omnisession_conformance.environment.waiting import waited_s
from omnisession_conformance.protocol.declared import Declared
from omnisession_conformance.traffic.log import Log
from omnisession_conformance.traffic.rights import Rights
from omnisession_conformance.traffic.world import World

if TYPE_CHECKING:
    from collections.abc import Generator
    from collections.abc import Set as AbstractSet

    from omnisession_conformance.engine.role import Death
    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.environment.broker import Broker
    from omnisession_conformance.environment.fixture import Fixture
    from omnisession_conformance.environment.nodes import Nodes
    from omnisession_conformance.environment.proxy.proxy import Proxy
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.traffic.ledger import Ledger
    from omnisession_conformance.traffic.publisher import Publisher
    from omnisession_conformance.traffic.tap import Tap


def kit_version() -> str:
    """The version of the installed distribution."""
    return version("omnisession")


@dataclass(slots=True)
class Run:
    """The shared parts of a run: broker, log, tap, fixture and what the target declared."""

    access: Access
    target: Target
    fixture: Fixture
    ledger: Ledger
    draws: Draws = field(default_factory=Draws)
    log: Log = field(default_factory=Log)
    clock: Clock = field(default_factory=Clock)
    time_limits: TimeLimits = field(default_factory=TimeLimits)
    silence: Silence = field(default_factory=Silence)
    places: Places = field(default_factory=Places)
    turns: Turns = field(default_factory=Turns)
    declared: Declared = field(default_factory=Declared)
    world: World = field(default_factory=World)
    no_traces: str | None = None
    """Why the broker does not tell who receives a message, None where it does."""
    broker: Broker | None = None
    """Where it is the kit's own."""
    nodes: Nodes | None = None
    """Those of the broker that may end, None where none may."""
    knows_all_brokers: bool = False
    """Whether all nodes are the kit's own, configured by the kit alone."""
    rights: Rights = field(default_factory=Rights)
    server_access: Access | None = None
    """The way to the broker that the kit tells a target which it starts, None where that has its own."""
    private_prefixes: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()
    """Patterns of subjects on which no client hears anything, and the tap neither."""
    bounds: Bounds = field(default_factory=Bounds)
    began_s: float = field(default_factory=time.monotonic)
    """When the run began, on the monotonic clock."""
    waited_before_s: float = field(default_factory=waited_s)
    """How long the kit had waited for a processor by then."""
    alone: bool = False
    """Whether one case runs at a time, so that what is in the lists of the target is its own doing."""
    start_timeout_s: float = START_TIMEOUT_S
    """How long a target that was started may take until it answers."""
    of_cases: list[Publisher] = field(default_factory=list["Publisher"])
    """Connections that cases opened; those that a run which ended early left open are closed with it."""
    deaths: list[Death] = field(default_factory=list["Death"])
    """Where the target ended again under the same ordinary message."""
    shrink_s: float = SHRINK_S
    """How long all programs that found something may be made shorter, together."""
    shrinking_since: tuple[float, int] | None = None
    """When that began, on the monotonic clock, and how many messages there were; None before."""
    programs: tuple[str, ...] = ()
    """Texts of programs to be played beside those that every run plays."""
    artifacts: dict[str, str] = field(default_factory=dict[str, str])
    """Files for the folder of the report, by name: programs that found something."""
    proxy: Proxy | None = None
    """What stands between target and broker, once a case has put it there."""
    behind: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    """What is closed when the target has ended: proxies between it and the broker."""
    broken_ns: int | None = None
    """Since when messages may have been lost, as a connection of the target failed; None where none did."""
    disturbances: list[Disturbance] = field(default_factory=list["Disturbance"])
    """When the kit did something to instances of the target; the one that goes on has no end yet."""
    past_outages: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    kit_version: str = field(default_factory=kit_version)
    _tap: Tap | None = None
    _publisher: Publisher | None = None

    @property
    def url(self) -> str:
        """The broker's address, fit to be shown."""
        return self.access.url

    @property
    def tap(self) -> Tap:
        """The tap, once it is open."""
        if self._tap is None:
            raise RuntimeError("the tap is not open yet")
        return self._tap

    @tap.setter
    def tap(self, tap: Tap) -> None:
        self._tap = tap

    @property
    def publisher(self) -> Publisher:
        """The publishing connection that quiet cases share."""
        if self._publisher is None:
            raise RuntimeError("the publishing connection is not open yet")
        return self._publisher

    @publisher.setter
    def publisher(self, publisher: Publisher) -> None:
        self._publisher = publisher

    of_role: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])
    """Connections of the kit that its role has opened for the whole run: node and number there."""
    trace_prefix: str = field(init=False)
    """Where the broker answers trace-only probes."""

    def __post_init__(self) -> None:
        self.draws.inboxes = self.access.inbox
        self.trace_prefix = f"{self.draws.inbox(self.draws.app(self.draws.rng('trace')))}."

    @property
    def tag(self) -> str:
        """A word of the run that nobody else has, for what is tried at the broker."""
        return self.draws.word

    def own_connections(self) -> AbstractSet[tuple[str, int]]:
        """The kit's own connections, as the broker's traces name them: node and number there."""
        clients = [part.client for part in (self._tap, self._publisher) if part is not None]
        return self.of_role.union(c.place for c in clients if c is not None)

    def outages(self) -> tuple[tuple[int, int], ...]:
        """When the target was not there: stopped, killed or crashed, until it served again."""
        gone = self.target.gone_ns
        return (*self.past_outages, *(((gone, sys.maxsize),) if gone is not None else ()))

    def target_is_back(self) -> None:
        """Note that a target which had gone serves again."""
        if self.target.gone_ns is not None:
            self.past_outages.append((self.target.gone_ns, time.monotonic_ns()))
            self.target.gone_ns = None

    @property
    def is_disturbed(self) -> bool:
        """Whether the kit does something to instances of the target at this moment."""
        return bool(self.disturbances) and self.disturbances[-1].to_ns == sys.maxsize

    @contextlib.contextmanager
    def disturbed(self, what: str) -> Generator[None]:
        """While this lasts the kit does something to instances: nothing can be missing or late.

        It is left when a fence of every session has passed.
        """
        self.disturbances.append(Disturbance(time.monotonic_ns(), sys.maxsize, what))
        try:
            yield
        finally:
            ended = replace(self.disturbances[-1], to_ns=time.monotonic_ns())
            self.disturbances[-1] = ended

    def may_lose(self) -> None:
        """Note that from now on messages of the target may be lost without a fault of its own."""
        if self.broken_ns is None:
            self.broken_ns = time.monotonic_ns()

    def keep(self, name: str, text: str) -> str:
        """Keep the text of a file for the folder of the report; returns the name that it gets there."""
        number = next(n for n in count(1) if f"{name}-{n}.json" not in self.artifacts)
        self.artifacts[f"{name}-{number}.json"] = text
        return f"{name}-{number}.json"

    def left_s(self, until_s: float) -> float:
        """Seconds until a time of the run, which is told from its beginning; more on a busy machine."""
        longer_s = self.bounds.longer_s(waited_s() - self.waited_before_s)
        return max(0.0, self.began_s + until_s + longer_s - time.monotonic())

    async def close(self) -> None:
        """Leave the broker with tap and publishing connection."""
        async with contextlib.AsyncExitStack() as closing:
            # The last one first, and each of them whatever becomes of the others.
            for part in (self._tap, self._publisher, *self.of_cases):
                if part is not None:
                    closing.push_async_callback(part.close)
