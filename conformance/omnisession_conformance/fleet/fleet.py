"""Brokers and instances of the reference server as a whole: started, kept alive, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.supervisor import KeptNode, KeptServer, keep
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.environment.topology import CLUSTER, SINGLE, BrokerPlan
from omnisession_conformance.errors import TargetError
from omnisession_conformance.fleet.looking import is_served

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from pathlib import Path

    from omnisession_conformance.environment.broker import Broker

COMMAND = (*REFERENCE_COMMAND, "--store", "jetstream")
SERVED_WITHIN_S = 60.0
SHAPES = {1: SINGLE, 3: CLUSTER}
"""How the nodes hang together, by how many there are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is started: how many nodes and instances, where all data is kept, and the port of the broker.

    By port 0 it is one that is free.
    """

    folder: Path
    secret: str
    instances: int = 2
    nodes: int = 1
    port: int = 0


async def run(
    wanted: Wanted, told: Callable[[str], None], say: Callable[[str], None], end: asyncio.Event
) -> None:
    """Run until `end`; `told` is given the address once clients are served, `say` what has gone wrong.

    Raises BrokerError or TargetError where brokers or instances cannot be had, or end again and again.
    """
    plan = BrokerPlan(SHAPES[wanted.nodes])
    async with (
        embedded_broker(plan=plan, folder=wanted.folder, port=wanted.port) as broker,
        _instances(wanted, broker) as instances,
    ):
        nodes = [KeptNode(_name("broker", node.name, wanted.nodes), node) for node in broker.nodes]
        async with asyncio.TaskGroup() as group:
            telling = group.create_task(_tell(broker.url, instances, told))
            await keep((*nodes, *instances), say, end)
            telling.cancel()


def _name(what: str, name: str, of: int) -> str:
    return f"the {what}" if of == 1 else f"{what} {name}"


@contextlib.asynccontextmanager
async def _instances(wanted: Wanted, broker: Broker) -> AsyncGenerator[Sequence[KeptServer]]:
    urls = ",".join(node.url for node in broker.nodes)
    env = {"NATS_URL": urls, "OMNISESSION_SECRET": wanted.secret}
    count = wanted.instances
    servers = [KeptServer(_name("instance", str(n + 1), count), COMMAND, env) for n in range(count)]
    try:
        for server in servers:
            await server.start()
        yield servers
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


async def _tell(url: str, instances: Sequence[KeptServer], told: Callable[[str], None]) -> None:
    """Tell the address as soon as all instances are there and one of them serves."""
    try:
        async with asyncio.timeout(SERVED_WITHIN_S):
            await is_served(url, len(instances))
    except TimeoutError:
        said = "\n".join(f"{one.name}: {one.said() or '(it said nothing)'}" for one in instances)
        raise TargetError(
            f"The instances do not serve anybody after {SERVED_WITHIN_S:.0f} s. They said:\n{said}"
        ) from None
    told(url)
