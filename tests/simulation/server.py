"""A node that runs the core of the reference server, and what it keeps when it is started again."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Protocol

from tests.reference.bench import SECRET
from tests.simulation.clock import ProcessClock
from tests.simulation.findings import FoundError
from tests.simulation.ledger import Ledger
from tests.simulation.network import Packet

from omnisession_reference.core import Core, Settings
from omnisession_reference.ids import Ids
from omnisession_reference.log import Log
from omnisession_reference.parts import Parts
from omnisession_reference.store import MemoryStore
from omnisession_reference.token_keys import Ring
from omnisession_reference.wire import Incoming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.clock import VirtualClock
    from tests.simulation.network import Network

RETURN_AFTER_MS = 500
"""When clients are asked to come back after a stop that was planned."""


class Watcher(Protocol):
    """Who looks at what a server does."""

    def told(self, subject: str, payload: bytes) -> None:
        """It publishes something."""
        ...

    def failed(self, text: str) -> None:
        """It met an exception that nobody had foreseen."""
        ...


class _Log(Log):
    """Hears of failures; everything else is of no interest."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__("error")
        self._watcher = watcher

    def failure(self, event: str, error: BaseException, **members: Any) -> None:
        # What was found while the core published is not its own failure, though it would go on.
        if isinstance(error, FoundError):
            raise error
        self._watcher.failed(f"{event}: {type(error).__name__}: {error} {members or ''}".strip())


class ServerNode:
    """One server, process after process."""

    def __init__(
        self,
        clock: VirtualClock,
        network: Network,
        watcher: Watcher,
        seed: str,
        parts: Sequence[type] = (),
    ) -> None:
        self.connection = network.connect("server")
        self.parts = Parts(parts)
        self.ledger = Ledger(self.parts.of(MemoryStore)())
        self.core: Core | None = None
        self._clock = clock
        self._network = network
        self._watcher = watcher
        self._chance = Random(f"{seed} server")  # noqa: S311 no secret
        self._process = ProcessClock(clock)
        self._log = _Log(watcher)

    def start(self) -> None:
        """Start a process on the store that there is."""
        self._process = ProcessClock(self._clock)
        self.core = Core(
            send=self._send,
            clock=self._process,
            ring=Ring(SECRET),
            log=self._log,
            parts=self.parts,
            settings=Settings(),
            ids=self.parts.of(Ids)(self._chance.randbytes),
            store=self.ledger.store,
        )
        self.connection.mend()
        for subject, _ in self.core.router.subscriptions():
            self.connection.wanted[subject] = self._receive

    def stop(self, *, planned: bool, keeps: bool) -> None:
        """End the process; the store stays, or a new one takes its place."""
        if self.core is None:
            return
        self.connection.wanted.clear()
        if planned:
            self.core.control.announce_stop(RETURN_AFTER_MS)
        self.core = None
        self._process.end()
        # What a process has written before it ends is on its way; one that was killed has written less.
        self.connection.cut(forget=not planned)
        if not keeps:
            self.ledger = Ledger(self.parts.of(MemoryStore)())

    def cut(self) -> None:
        """Lose the connection to the broker."""
        self.connection.cut()

    def mend(self) -> None:
        """Have a connection again."""
        if self.core is not None and not self.connection.up.is_open:
            self.connection.mend()
            self.core.control.reconnected()

    def _send(self, subject: str, payload: bytes, _trace: str | None) -> None:
        self._watcher.told(subject, payload)
        self._network.publish(self.connection, Packet(subject, payload))

    def _receive(self, packet: Packet) -> None:
        if self.core is not None and packet.data is not None:
            self.core.router.receive(Incoming(packet.subject, packet.reply, packet.data, None))
