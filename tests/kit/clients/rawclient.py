"""A client over a bare socket that handles what it hears as it is told to, and reports by itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from omnisession_conformance.environment.proxy.operations import Msg, Ping, Pong
from omnisession_conformance.environment.proxy.parser import Parser
from omnisession_conformance.roles.client.testee.messages import Report

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

LAZY_S = 0.3
HELLO = b'CONNECT {"verbose":false,"echo":false,"headers":true,"no_responders":true}\r\n'


class RawClient:
    """Counts after it has handled; `reacts` publishes for each message, by way of a buffer.

    The buffer leaves when the bytes at hand are read, as nats-core's does, and PONG goes ahead of it. Where
    it is `lazy` it leaves when more bytes come after a PONG, or some time later.
    """

    def __init__(
        self,
        url: str,
        *,
        reacts: bool = False,
        slow_s: float = 0,
        anew: bool = False,
        lazy: bool = False,
    ) -> None:
        self.url = url
        self.session_id = "s-1"
        self.handled = 0
        self.tells = True
        self.reaction = b"PUB reaction 0\r\n\r\n"
        self.written: list[bytes] = []
        self._reacts, self._slow_s, self._anew, self._lazy = reacts, slow_s, anew, lazy
        self._answered = False
        self.waiting: deque[str] = deque()
        self._arrived = asyncio.Event()
        self._buffer: list[bytes] = []
        self._sid = 1
        self._writer: asyncio.StreamWriter
        self._tasks: list[asyncio.Task[None]] = []
        self.ready = asyncio.Event()

    async def report(self, want: Sequence[str] | None = None) -> Report:
        del want
        return Report(session_id=self.session_id, handled=self.handled if self.tells else None)

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self._writer.write(data)

    def subscribe(self, session_id: str) -> None:
        """Hear a session in place of the one before, which is under way or not."""
        self.write(b"UNSUB %d\r\n" % self._sid)
        self._sid += 1
        self.session_id, self.handled = session_id, 0
        self.write(b"SUB session.ann.%s.* %d\r\n" % (session_id.encode(), self._sid))

    async def run(self) -> None:
        """Connect, and again after each end."""
        while True:
            with contextlib.suppress(OSError):
                await self._connection()
            self.ready.clear()
            await asyncio.sleep(0.005)

    async def _connection(self) -> None:
        place = urlsplit(self.url)
        reader, self._writer = await asyncio.open_connection(place.hostname, place.port)
        parser = Parser()
        try:
            self.write(HELLO)
            self.write(b"SUB session.ann.%s.* %d\r\n" % (self.session_id.encode(), self._sid))
            self.write(b"PING\r\n")
            if self._anew:
                self.handled = 0
                self.waiting.clear()
            while data := await reader.read(1 << 16):
                if self._answered:
                    self._leave()
                for op in parser.feed(data):
                    self._take(op)
                if not self._lazy:
                    asyncio.get_running_loop().call_soon(self._leave)
        finally:
            self._writer.transport.abort()

    def _take(self, op: object) -> None:
        if isinstance(op, Ping):
            self.write(b"PONG\r\n")
            self._answered = True
        elif isinstance(op, Pong):
            self.ready.set()
        elif isinstance(op, Msg) and op.sid == b"%d" % self._sid:
            self.waiting.append(self.session_id)
            self._arrived.set()
            if not self._slow_s:
                self._handle_next()

    def _handle_next(self) -> None:
        of = self.waiting.popleft()
        if of != self.session_id:
            return  # it was under way when its subscription ended
        if self._reacts:
            self._buffer.append(self.reaction)
            self._answered = False
            if self._lazy:
                asyncio.get_running_loop().call_later(LAZY_S, self._leave)
        self.handled += 1

    def _leave(self) -> None:
        for data in self._buffer:
            self.write(data)
        self._buffer.clear()

    async def work(self) -> None:
        """Handle one after the other, where that takes a time."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self.waiting:
                await asyncio.sleep(self._slow_s)
                if self.waiting:
                    self._handle_next()
                    self._leave()


@contextlib.asynccontextmanager
async def raw_client(url: str, **how: bool | float) -> AsyncGenerator[RawClient]:
    """Run one for the length of the block; it is connected."""
    client = RawClient(url, **how)  # pyright: ignore[reportArgumentType]
    running = [asyncio.create_task(client.run())]
    if how.get("slow_s"):
        running.append(asyncio.create_task(client.work()))
    try:
        await client.ready.wait()
        yield client
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
