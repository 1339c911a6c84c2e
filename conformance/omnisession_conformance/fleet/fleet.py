"""Brokers and instances of the reference server as a whole: started, kept alive, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.supervisor import KeptNode, KeptServer, keep
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.environment.topology import CLUSTER, SINGLE, BrokerPlan
from omnisession_conformance.fleet.guarding import OPEN
from omnisession_conformance.fleet.log import Log
from omnisession_conformance.fleet.looking import is_served
from omnisession_conformance.fleet.turning import turn_when_asked
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from pathlib import Path

    from omnisession_conformance.environment.broker import Broker
    from omnisession_conformance.fleet.guarding import Guard

COMMAND = (*REFERENCE_COMMAND, "--store", "jetstream")
SAY_EVERY_S = 60.0
"""While something takes long: the more is in a folder, the longer it takes to read it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is started: how many instances and nodes of a broker, one or three; where all data is kept.

    `port` is that of the first node, by 0 one that is free. `guard` says who is let in.
    """

    folder: Path
    secret: str
    instances: int = 2
    nodes: int = 1
    port: int = 0
    guard: Guard = OPEN


async def run(
    wanted: Wanted, told: Callable[[str], None], say: Callable[[str], None], end: asyncio.Event
) -> None:
    """Run until `end`; `told` is given the address once clients are served, `say` what has gone wrong.

    A start takes as long as it needs, and `say` is told of that now and then. Raises BrokerError or
    TargetError where brokers or instances cannot be had, or end again and again.
    """
    async with contextlib.AsyncExitStack() as stack:
        shape = SINGLE if wanted.nodes == 1 else CLUSTER
        plan = BrokerPlan(shape, wanted.guard.lines)
        brokers = embedded_broker(plan=plan, folder=wanted.folder, port=wanted.port)
        starting = asyncio.create_task(stack.enter_async_context(brokers))
        slow = "the broker is still starting: it reads what is in the folder"
        if not await _aloud(starting, slow, say, end):
            return
        broker = starting.result()
        instances = await stack.enter_async_context(_instances(wanted, broker))
        nodes = [
            KeptNode("the broker" if wanted.nodes == 1 else f"node {node.name}", node)
            for node in broker.nodes
        ]
        async with asyncio.TaskGroup() as group:
            group.create_task(_tell(broker, wanted, told, say, end))
            turning = group.create_task(_turn(wanted, broker, say))
            await keep((*nodes, *instances), say, end)
            turning.cancel()


@contextlib.asynccontextmanager
async def _instances(wanted: Wanted, broker: Broker) -> AsyncGenerator[Sequence[KeptServer]]:
    guard, count = wanted.guard, wanted.instances
    env = {"OMNISESSION_SECRET": wanted.secret, **guard.env}
    hide = Redactor((wanted.secret, *guard.secrets)).text
    servers = [
        KeptServer(
            "the instance" if count == 1 else f"instance {number}",
            COMMAND,
            {**env, "NATS_URL": _url(wanted, broker, number - 1)},
            Log(wanted.folder / f"instance-{number}.log", hide).write,
        )
        for number in range(1, count + 1)
    ]
    try:
        for server in servers:
            await server.start()
        yield servers
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


def _url(wanted: Wanted, broker: Broker, first: int = 0) -> str:
    """The addresses of all nodes: each instance is at another one first."""
    urls = [wanted.guard.url(node.port) for node in broker.nodes]
    first %= len(urls)
    return ",".join(urls[first:] + urls[:first])


async def _turn(wanted: Wanted, broker: Broker, say: Callable[[str], None]) -> None:
    """Sign with other keys when that is asked for, where anything is signed."""
    if wanted.guard.ca is not None:
        await turn_when_asked(wanted.folder, broker.nodes[0], say)


async def _tell(
    broker: Broker,
    wanted: Wanted,
    told: Callable[[str], None],
    say: Callable[[str], None],
    end: asyncio.Event,
) -> None:
    """Tell the address as soon as all instances are there and one of them serves."""
    way = wanted.guard.way(broker.nodes[0].port)
    served = asyncio.create_task(is_served(way, wanted.instances))
    slow = "the instances run, and do not serve anybody yet: the journal is read"
    if await _aloud(served, slow, say, end):
        told(_url(wanted, broker))


async def _aloud(
    work: asyncio.Task[Any], slow: str, say: Callable[[str], None], end: asyncio.Event
) -> bool:
    """Wait for some work, and say now and then that it takes long; whether it was done before the end.

    It is broken off where the end is asked for. Raises what it raises.
    """
    ending, waited = asyncio.create_task(end.wait()), 0.0
    either = (work, ending)
    try:
        while True:
            done, _ = await asyncio.wait(
                either, timeout=SAY_EVERY_S, return_when=asyncio.FIRST_COMPLETED
            )
            if done:
                break
            waited += SAY_EVERY_S
            say(f"{slow} ({waited:.0f} s so far)")
        if work.done():
            work.result()
            return True
        return False
    finally:
        ending.cancel()
        work.cancel()
        await asyncio.wait((work,))
