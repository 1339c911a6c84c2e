"""Three real brokers that keep copies of one journal; each can be killed, stopped or frozen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nats
from nats.errors import Error as NatsError
from tests.durable.processes import PATIENCE_S, Broker, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from tests.reference.bench import Body

NAMES = ("n1", "n2", "n3")
JOURNAL = "OMNI_JOURNAL"
ASK_S = 0.5
POLL_S = 0.05
"""A broker tells nobody that it is ready: there is nothing to wait on but its answer."""


class Cluster:
    """Nodes by their names; `urls` begins with the node that is asked for."""

    def __init__(self, folder: str) -> None:
        routes = [f"nats://127.0.0.1:{free_port()}" for _ in NAMES]
        self.nodes = {
            name: Broker(Path(folder) / name, *_arguments(name, own, routes))
            for name, own in zip(NAMES, routes, strict=True)
        }

    def urls(self, first: int) -> str:
        """The addresses of all nodes, as an instance or a client is told them."""
        own = [node.url for node in self.nodes.values()]
        return ",".join(own[first:] + own[:first])

    async def ready(self) -> None:
        """Wait until all nodes know each other, and one leads."""
        await self._info("$JS.API.INFO", lambda told: "error" not in told)

    async def leader(self) -> str:
        """Wait until the journal has a leader, and all its copies; returns the name of that node."""
        told = await self._info(f"$JS.API.STREAM.INFO.{JOURNAL}", _is_whole)
        return str(told["cluster"]["leader"])

    async def _info(self, subject: str, is_right: Callable[[Body], bool]) -> Body:
        servers = [node.url for node in self.nodes.values()]
        connection = await nats.connect(servers)  # pyright: ignore[reportUnknownMemberType]
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    with contextlib.suppress(NatsError):
                        answer = await connection.request(subject, timeout=ASK_S)
                        told: Body = json.loads(answer.data)
                        if is_right(told):
                            return told
                    await asyncio.sleep(POLL_S)
        finally:
            await connection.close()


def _arguments(name: str, own: str, routes: Sequence[str]) -> tuple[str, ...]:
    others = ",".join(route for route in routes if route != own)
    return ("-n", name, "--cluster_name", "omni", "--cluster", own, "--routes", others)


def _is_whole(told: Body) -> bool:
    cluster = told.get("cluster", {})
    copies = cluster.get("replicas", ())
    return (
        bool(cluster.get("leader"))
        and len(copies) == len(NAMES) - 1
        and all(copy.get("current") and not copy.get("offline") for copy in copies)
    )


@contextlib.contextmanager
def cluster() -> Generator[Cluster]:
    """Run one on files of its own."""
    with tempfile.TemporaryDirectory() as folder:
        one = Cluster(folder)
        try:
            yield one
        finally:
            for node in one.nodes.values():
                node.thaw()
                node.kill()
