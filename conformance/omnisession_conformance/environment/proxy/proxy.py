"""A proxy in front of a broker: a port of the loopback, a new connection to the broker for each client.

    async with faulty_proxy(broker.url) as proxy:
        server = await nats.connect(proxy.url, name="server")
        with proxy.wrong(Delay(to_client_ms=20)):
            ...
        proxy.apply(Cut())
        await proxy.connected("server")

Nothing of it asks again and again, or sleeps: who waits is woken by what happens, and time is a part of
faults alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.environment.address import Address
from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.environment.proxy.applied import Applied
from omnisession_conformance.environment.proxy.changes import Changes
from omnisession_conformance.environment.proxy.faults import (
    Cut,
    Delay,
    Doubled,
    HalfOpen,
    Hold,
    Outage,
)
from omnisession_conformance.environment.proxy.greeting import Place, greeted, read_place
from omnisession_conformance.environment.proxy.info import Door
from omnisession_conformance.environment.proxy.link import Link
from omnisession_conformance.environment.proxy.parser import SIZES
from omnisession_conformance.environment.proxy.port import HOST, Port

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Mapping
    from random import Random

    from omnisession_conformance.environment.proxy.dialogue import Hear
    from omnisession_conformance.environment.proxy.end import Framing
    from omnisession_conformance.environment.proxy.faults import Fault, Lasting
    from omnisession_conformance.environment.proxy.parser import Sizes

    Watch: TypeAlias = Callable[[Link], Hear | None]
    """Makes, for each link, who hears what is said there."""
    Told: TypeAlias = Callable[[Link], None]


def _nobody(_: Link) -> None:
    """Nobody is told."""


def _as_it_is() -> None:
    """NATS stands in a client's bytes as it is."""


class Proxy:
    """See `faulty_proxy`, which makes it."""

    def __init__(
        self, place: Place, others: Mapping[str, str], sizes: Sizes, chance: Random
    ) -> None:
        self.links: tuple[Link, ...] = ()
        """Those that are not over, in the order in which they came."""
        self.error: Exception | None = None
        """What makes the proxy unfit, such as a broker that has begun to ask for TLS."""
        self.parsed = False
        self.sizes = sizes
        self.chance = chance
        self.watch: Watch = _nobody
        self.framing: Callable[[], Framing | None] = _as_it_is
        self.on_connect: Told = _nobody
        self.on_end: Told = _nobody
        self._place = place
        self._port = Port(self._new_client)
        self.door = Door(HOST, self._port.number, others)
        self._changes = Changes()
        self._came = 0
        self._connected: set[Link] = set()
        self._standing: list[Delay | Hold] = []
        self._applied: list[Applied] = []

    @property
    def url(self) -> str:
        """The broker's address with the proxy in its place, credentials included."""
        return Address(f"nats://{self.place}").with_login(self._place.login)

    @property
    def place(self) -> str:
        """HOST:PORT of the proxy, as `others` of another one has it."""
        return f"{self.door.host}:{self.door.port}"

    @property
    def turned_away(self) -> int:
        """How many connections were taken and closed while the port was shut."""
        return self._port.turned_away

    def named(self, name: str) -> Link | None:
        """The newest link of a client that has given itself a name, and is connected."""
        return next((one for one in reversed(self.links) if one.ready and one.name == name), None)

    async def connected(self, name: str) -> Link:
        """Wait for a client with a name, and give its link when its handshake is over."""
        await self.until(lambda: self.named(name) is not None)
        link = self.named(name)
        assert link is not None  # noqa: S101 - nothing has had its turn since
        return link

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition, which is looked at when a link connects or ends, or a fault ends.

        Raises what has made the proxy unfit.
        """
        await self._changes.until(lambda: self.error is not None or holds())
        if self.error is not None:
            raise self.error

    def apply(self, fault: Fault, link: Link | None = None) -> Applied:
        """From now on something is wrong with all links, or with one of them.

        Where it is wrong with all, delays and waits are for links to come as well; one whose bytes vanish
        ends with a cut, and who comes anew is served.
        """
        if isinstance(fault, Outage):
            finish = self._outage(fault)
        else:
            finish = self._begin(fault, self.links if link is None else (link,), link is None)
        applied = Applied(fault, self._changes, finish)
        self._applied = [*(one for one in self._applied if not one.over), applied]
        return applied

    @contextlib.contextmanager
    def wrong(self, fault: Fault, link: Link | None = None) -> Generator[Applied]:
        """Something is wrong for the length of the block, at most."""
        applied = self.apply(fault, link)
        try:
            yield applied
        finally:
            applied.end()

    def _begin(
        self, fault: Lasting | Cut, links: tuple[Link, ...], everywhere: bool
    ) -> Callable[[], None] | None:
        for one in links:
            one.begin(fault)
        if isinstance(fault, Cut):
            return None
        if not everywhere or isinstance(fault, HalfOpen | Doubled):
            return partial(_finish, fault, links)
        self._standing.append(fault)

        def finish() -> None:
            self._standing.remove(fault)
            _finish(fault, self.links)

        return finish

    def _outage(self, fault: Outage) -> Callable[[], None]:
        self._port.shut(refused=fault.refused)
        for one in self.links:
            one.cut()
        return lambda: self._port.unshut(refused=fault.refused)

    async def open(self) -> None:
        """Listen."""
        await self._port.open()

    async def close(self) -> None:
        """Cut all links, and give the port back."""
        for one in self._applied:
            one.forget()
        self._port.shut(refused=True)
        for one in self.links:
            one.cut()
        await self._changes.until(lambda: not self.links)
        await self._port.close()

    # What links are a part of, see `Around`.

    def hearer(self, link: Link) -> Hear | None:
        """See `Around`."""
        return self.watch(link)

    async def dial(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """See `Around`."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(protocol, self._place.host, self._place.port)

    def changed(self, link: Link) -> None:
        """See `Around`."""
        if link.dialogue.connected and link in self.links and link not in self._connected:
            self._connected.add(link)
            self._tell(self.on_connect, link)
        if link.over and link in self.links:
            self.links = tuple(one for one in self.links if one is not link)
            self._connected.discard(link)
            self._tell(self.on_end, link)
        self._changes.tell()

    def _tell(self, told: Told, link: Link) -> None:
        try:
            told(link)
        except Exception as error:  # noqa: BLE001 - told where the proxy is closed
            self.failed(error)

    def failed(self, error: Exception) -> None:
        """See `Around`."""
        self.error = self.error or error
        self._changes.tell()

    def _new_client(self) -> asyncio.Protocol:
        link = Link(self._came, self)
        self._came += 1
        self.links = (*self.links, link)
        for fault in self._standing:
            link.begin(fault)
        return link.client


def _finish(fault: Lasting, links: tuple[Link, ...]) -> None:
    for one in links:
        one.finish(fault)


@contextlib.asynccontextmanager
async def faulty_proxy(
    url: str,
    *,
    watch: Watch | None = None,
    parsed: bool = False,
    on_connect: Told = _nobody,
    on_end: Told = _nobody,
    others: Mapping[str, str] | None = None,
    framing: Callable[[], Framing | None] | None = None,
    sizes: Sizes = SIZES,
    chance: Random | None = None,
) -> AsyncGenerator[Proxy]:
    """Run a proxy in front of the broker at an address for the length of the block.

    What is said is read with `watch`, or with `parsed`, which questions of the proxy's own need; otherwise
    it is passed on as it comes once the handshake is over. `others` are HOST:PORT of brokers with the
    `place` of their proxies: a client is told of no others. `framing` makes, for each client, how NATS
    stands in the bytes of its socket. Jitter is drawn from `chance`.

    Raises UsageError for an address that no proxy can lead to, BrokerError when the broker is not there or
    asks for TLS; and, at its end, what was wrong with the broker later on, or what a watcher has raised.
    """
    place = read_place(url)
    await greeted(place)
    proxy = Proxy(place, others or {}, sizes, chance or Chance(0))
    proxy.parsed = parsed or watch is not None
    proxy.watch = watch or _nobody
    proxy.framing = framing or _as_it_is
    proxy.on_connect, proxy.on_end = on_connect, on_end
    try:
        await proxy.open()
        yield proxy
    finally:
        await proxy.close()
    if proxy.error is not None:
        raise proxy.error
