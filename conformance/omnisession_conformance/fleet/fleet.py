"""Brokers and instances of the reference server as a whole: started, kept alive, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.supervisor import KeptNode, KeptServer, keep
from omnisession_conformance.environment.target import REFERENCE_COMMAND
from omnisession_conformance.fleet.guarding import OPEN
from omnisession_conformance.fleet.log import Log
from omnisession_conformance.fleet.looking import is_served
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
    """What is started: how many instances, where all data is kept, and the port of the broker.

    By port 0 it is one that is free. `guard` says who is let in.
    """

    folder: Path
    secret: str
    instances: int = 2
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
        guard = wanted.guard
        brokers = embedded_broker(guard.lines, folder=wanted.folder, port=wanted.port)
        starting = asyncio.create_task(stack.enter_async_context(brokers))
        slow = "the broker is still starting: it reads what is in the folder"
        if not await _aloud(starting, slow, say, end):
            return
        broker = starting.result()
        instances = await stack.enter_async_context(_instances(wanted, broker))
        nodes = [KeptNode("the broker", node) for node in broker.nodes]
        async with asyncio.TaskGroup() as group:
            group.create_task(_tell(broker.nodes[0].port, wanted, told, say, end))
            await keep((*nodes, *instances), say, end)


@contextlib.asynccontextmanager
async def _instances(wanted: Wanted, broker: Broker) -> AsyncGenerator[Sequence[KeptServer]]:
    guard, count = wanted.guard, wanted.instances
    url = guard.url(broker.nodes[0].port)
    env = {"NATS_URL": url, "OMNISESSION_SECRET": wanted.secret, **guard.env}
    hide = Redactor((wanted.secret, *guard.secrets)).text
    logs = [Log(wanted.folder / f"instance-{n + 1}.log", hide) for n in range(count)]
    servers = [
        KeptServer("the instance" if count == 1 else f"instance {n}", COMMAND, env, log.write)
        for n, log in enumerate(logs, 1)
    ]
    try:
        for server in servers:
            await server.start()
        yield servers
    finally:
        await asyncio.gather(*(server.stop() for server in servers))


async def _tell(
    port: int,
    wanted: Wanted,
    told: Callable[[str], None],
    say: Callable[[str], None],
    end: asyncio.Event,
) -> None:
    """Tell the address as soon as all instances are there and one of them serves."""
    served = asyncio.create_task(is_served(wanted.guard.way(port), wanted.instances))
    slow = "the instances run, and do not serve anybody yet: the journal is read"
    if await _aloud(served, slow, say, end):
        told(wanted.guard.url(port))


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
