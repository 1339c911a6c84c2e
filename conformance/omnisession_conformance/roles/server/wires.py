"""Connections to the broker that fail: that of a server which the kit starts, and that of clients.

The server is started once more with a proxy in its way to the broker, and goes on behind it for the rest of
the run. Clients get a publishing connection through a proxy of their own.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from omnisession_conformance.engine.stops import Excused
from omnisession_conformance.environment.access import at
from omnisession_conformance.environment.address import WEB_SOCKETS
from omnisession_conformance.environment.proxy.proxy import faulty_proxy
from omnisession_conformance.environment.target import SpawnedTarget
from omnisession_conformance.errors import BrokerError, UsageError
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.roles.server.breaks import (
    CLIENTS,
    ENDING,
    FAULTS,
    NODE,
    OUTAGE,
    SERVER,
)
from omnisession_conformance.roles.server.restart import revive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Sequence

    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.proxy.proxy import Proxy
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.publisher import Publisher

WIRE = ("hook:stop", "hook:restart", "wire:server")
"""The needs of a case in which the server's connection fails: it is started again behind a proxy."""
BACK_WITHIN_S = 10.0
"""CTRL-023: a server is back so long after the broker can be reached again."""
ASKED_FIRST_S, ASKED_LAST_S = 0.05, 1.0
"""How long an answer is waited for until the server is asked again: longer each time."""


class Wire(Protocol):
    """The connection of a side."""

    def strike(self, how: str) -> Awaitable[None]:
        """Let it fail from now on; what is returned waits until it can be used again."""
        ...

    async def mend(self) -> None:
        """Have a connection again, where that is for the kit to do."""
        ...


def breaks_of(run: Run) -> Iterator[tuple[str, str]]:
    """In which ways wires of a run can fail, and whose."""
    if "wire:server" in run.target.wires():
        yield from ((how, SERVER) for how in FAULTS)
        if run.broker is not None and run.broker.target_is_apart:
            yield NODE, SERVER
        first = run.access.addresses[0]
        if not run.access.over_tls(first) and first.scheme not in WEB_SOCKETS:
            yield from ((how, CLIENTS) for how in FAULTS if how != OUTAGE)


# -- that of the server ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServerWire:
    """The connection of the server, through a proxy."""

    run: Run
    proxy: Proxy

    def strike(self, how: str) -> Awaitable[None]:
        """See `Wire`."""
        self.run.may_lose()
        if how == NODE and self.run.broker is not None:
            return asyncio.create_task(self.run.broker.restart_target())
        return self.proxy.apply(FAULTS[how]).ended()

    async def mend(self) -> None:
        """The server has to do that by itself."""


async def server_wire(ctx: Context) -> ServerWire:
    """The connection of the server; starts it once more behind a proxy, if it is not there yet.

    Raises Excused where it does not come to the broker through the proxy, TargetError where it does not
    come up.
    """
    run = ctx.run
    if run.proxy is None:
        run.proxy = await _put_before(ctx)
    if not any(link.ready for link in run.proxy.links):
        raise Excused(
            Excuse.NO_WIRE, "the server does not connect to the address that NATS_URL tells"
        )
    return ServerWire(run, run.proxy)


async def _put_before(ctx: Context) -> Proxy:
    target = ctx.target
    if not isinstance(target, SpawnedTarget):
        raise Excused(Excuse.NO_WIRE, "the server is somebody else's to start")
    # It is led to one node, where it was told several.
    proxy = await _proxy(ctx.run, target.env["NATS_URL"].partition(",")[0], "wire")
    await target.stop()
    target.env = {**target.env, "NATS_URL": proxy.url}
    await revive(ctx)
    return proxy


async def _proxy(run: Run, url: str, name: str) -> Proxy:
    """A proxy before the broker at an address, until the target has ended."""
    try:
        return await run.behind.enter_async_context(faulty_proxy(url, chance=run.draws.rng(name)))
    except (BrokerError, UsageError) as error:
        raise Excused(Excuse.NO_WIRE, str(error)) from error


async def is_back(ctx: Context, session: Session) -> bool:
    """Whether the server answers a session again, within the time that it has for that."""
    deadline, wait_s = time.monotonic() + BACK_WITHIN_S + ctx.margin_s, ASKED_FIRST_S
    inboxes: list[str] = []
    while (left_s := deadline - time.monotonic()) > 0:
        asked = await session.send("session.ping")
        inboxes.append(asked.inbox)
        if await _any_answer(ctx, inboxes, min(wait_s, left_s)):
            return True
        # One that is slow is not given more than it can answer.
        wait_s = min(2 * wait_s, ASKED_LAST_S)
    return False


async def _any_answer(ctx: Context, inboxes: Sequence[str], timeout_s: float) -> bool:
    def find() -> bool | None:
        return any(ctx.log.on(inbox) for inbox in inboxes) or None

    return await ctx.log.wait(tuple(inboxes), find, timeout_s=timeout_s) is not None


# -- that of clients -------------------------------------------------------------------------------


@dataclass(slots=True)
class ClientsWire:
    """A publishing connection of the sessions of a case, through a proxy."""

    ctx: Context
    proxy: Proxy
    publisher: Publisher
    ended: bool = False
    """Whether its connection has ended, or is about to."""

    def strike(self, how: str) -> Awaitable[None]:
        """See `Wire`."""
        self.ended = self.ended or how in ENDING
        return self.proxy.apply(FAULTS[how]).ended()

    async def mend(self) -> None:
        """Connect anew where the connection has ended, as clients do."""
        if self.ended:
            # It may not have noticed yet.
            self.publisher.client.drop()
            self.publisher, self.ended = await _open(self.ctx, self.proxy), False
        for session in self.ctx.sessions:
            session.publisher = self.publisher


async def clients_wire(ctx: Context) -> ClientsWire:
    """Let all sessions of a case publish through a proxy from now on; Excused where none can be."""
    proxy = await _proxy(ctx.run, ctx.run.access.addresses[0].url, "wire of clients")
    wire = ClientsWire(ctx, proxy, await _open(ctx, proxy))
    await wire.mend()
    return wire


async def _open(ctx: Context, proxy: Proxy) -> Publisher:
    # Whoever lists cases needs nothing of what connects.
    from omnisession_conformance.traffic.publisher import open_publisher  # noqa: PLC0415

    run = ctx.run
    through = replace(run.access, addresses=at(proxy.url).addresses)
    publisher = await open_publisher(
        through, run.ledger, "clients", _minds_nothing, run.rights, run.draws
    )
    ctx.publishers.append(publisher)
    run.of_cases.append(publisher)
    return publisher


def _minds_nothing(reason: str) -> None:
    """It is meant to end."""
    del reason
