"""One nats-server of the kit's own: started, stopped, killed and started again by its handle."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import signal
import socket
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.environment.processes import Child, start_child
from omnisession_conformance.errors import BrokerError
from omnisession_conformance.protocol.json import as_object, is_list

if TYPE_CHECKING:
    from pathlib import Path

    from omnisession_conformance.environment.topology import Link

LINKED_WITHIN_S = 15.0
POLL_S = 0.005
"""The broker tells its port by a file: there is nothing to wait on but the file's appearance."""
PAGE_BYTES = 1 << 20

_CONFIG = """\
server_name: "{name}"
listen: "127.0.0.1:{port}"
ports_file_dir: "{folder}"
max_pending: 64MB
"""
_STREAMS = 'jetstream {{ store_dir: "{folder}/js", max_memory_store: 64MB{domain} }}\n'


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a node may take, None for as much as it needs.

    It ends rather than take more memory. A slow reader is cut off long before.
    """

    start_s: float | None = 10.0
    memory_mb: int | None = 400


SHORT = Bounds()
"""Enough for what begins with nothing, and runs no longer than a test."""
UNBOUNDED = Bounds(None, None)
"""For a folder that is kept: the more is in it, the longer it takes to read, and the more memory."""


@dataclass(slots=True)
class Node:
    """A node: `folder` holds its configuration and its streams, and is its own.

    It keeps its port over its starts. `child` is its process, None before the first.
    """

    name: str
    program: Path
    folder: Path
    link: Link
    extra: str = ""
    port: int = -1
    child: Child | None = None
    bounds: Bounds = SHORT
    _monitoring: int = 0
    _websocket: int = 0
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def url(self) -> str:
        """Its address."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Its address for WebSocket, where `extra` lets it listen for that."""
        return f"ws://127.0.0.1:{self._websocket}"

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.child is not None and self.child.running

    async def start(self) -> None:
        """Start it, or start it again, and return when it listens.

        Raises BrokerError when it does not come up, with the end of its output.
        """
        self.folder.mkdir(exist_ok=True)
        for told in self.folder.glob("*.ports"):
            told.unlink()
        command = [str(self.program), "-c", str(self._configure())]
        most = self.bounds.memory_mb
        env = {} if most is None else {"GOMEMLIMIT": "150MiB"}
        try:
            self.child = await start_child(command, env=env, memory_mb=most)
            await self._listening(self.child)
        except BaseException:
            await self.stop()
            raise

    def reload(self, extra: str) -> None:
        """Have it go on with other lines of `extra`, which it reads without an end of its connections."""
        self.extra = extra
        self._configure()
        if self.child is not None:
            self.child.send(signal.SIGHUP)

    async def stop(self) -> None:
        """Stop it as an operator would."""
        if self.child is not None:
            await self.child.stop()

    async def kill(self) -> None:
        """End it without a chance to say anything."""
        if self.child is not None:
            self.child.kill()
            await self.child.wait()

    async def restart(self) -> None:
        """End it without a word, and start it again at its port; BrokerError when it does not come up."""
        async with self._restarting:
            await self.kill()
            await self.start()

    async def take_away(self) -> None:
        """End it without a word, until it is brought back: nobody is told that it has ended."""
        await self._restarting.acquire()
        await self.kill()

    async def bring_back(self) -> None:
        """Start it again where it was taken away; BrokerError when it does not come up."""
        if not self._restarting.locked():
            return
        try:
            await self.start()
        finally:
            self._restarting.release()

    async def ended(self) -> None:
        """Wait until its process has ended, and nobody starts it again."""
        known = None
        while self.child is not known and self.child is not None:
            known = self.child
            # Not for the end of its output as well: the target looks for another node by then.
            await known.process.wait()
            async with self._restarting:
                pass

    async def linked(self) -> None:
        """Return when it has found its neighbours; BrokerError when it does not."""
        link = self.link
        if not link.others:
            return
        try:
            async with asyncio.timeout(LINKED_WITHIN_S):
                while len(await self._links()) < link.others:
                    if not self.running:
                        raise BrokerError(self._told("ended before it found the others"))
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            raise BrokerError(self._told("did not find the others")) from None

    async def is_current(self) -> bool:
        """Whether it has all that the others have stored meanwhile, as its monitoring tells."""
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            return (await _page(self._monitoring, "/healthz")).get("status") == "ok"
        return False

    async def _links(self) -> set[str]:
        """Who its links lead to, as its monitoring tells."""
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError, StopIteration):
            told = await _page(self._monitoring, self.link.page)
            entries = next(value for value in told.values() if is_list(value))
            return {str(entry[self.link.member]) for entry in entries}
        return set()

    def _configure(self) -> Path:
        config = self.folder / "nats.conf"
        config.write_text(self._configuration(), encoding="utf-8")
        return config

    def _configuration(self) -> str:
        text = (_CONFIG + (_STREAMS if self.link.keeping else "")).format(
            name=self.name,
            port=self.port,
            folder=self.folder.as_posix(),
            domain=f", domain: {self.link.domain}" if self.link.domain else "",
        )
        watched = 'http: "127.0.0.1:-1"\n' if self.link.page else ""
        return f"{text}{watched}{self.link.lines}{self.extra}\n"

    async def _listening(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        longest = self.bounds.start_s
        deadline = math.inf if longest is None else loop.time() + longest
        while loop.time() < deadline:
            for file in self.folder.glob("*.ports"):
                with contextlib.suppress(ValueError, LookupError):
                    self._read_ports(json.loads(file.read_text(encoding="utf-8")))
                    return
            if not child.running:
                await child.wait()
                break
            await asyncio.sleep(POLL_S)
        raise BrokerError(self._told("did not come up"))

    def _read_ports(self, told: dict[str, list[str]]) -> None:
        self.port = _port(told["nats"][0])
        self._monitoring = _port(told["monitoring"][0]) if self.link.page else 0
        self._websocket = _port(told["websocket"][0]) if "websocket" in told else 0

    def _told(self, what: str) -> str:
        output = self.child.output if self.child is not None else ()
        said = "\n".join(output) or "(it said nothing)"
        return f"The embedded nats-server {self.name} {what}. It said:\n{said}"


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


async def _page(port: int, path: str) -> dict[str, Any]:
    """What the monitoring of a node says on one of its pages, which are JSON objects."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = await reader.read(PAGE_BYTES)
        while more := await reader.read(PAGE_BYTES):
            answer += more
    finally:
        writer.close()
    return as_object(json.loads(answer.partition(b"\r\n\r\n")[2]))


def free_ports(number: int) -> list[int]:
    """Ports of the loopback that nobody listens on at the moment, each another one."""
    with ExitStack() as open_ones:
        sockets = [open_ones.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
