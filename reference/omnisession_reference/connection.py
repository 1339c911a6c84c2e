"""The broker connection: messages in, in order of arrival; messages out, in order of publishing."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from nats.aio.client import Client
from nats.aio.subscription import Subscription

from omnisession_reference.access import Access, Decoded, PlainBrokerError
from omnisession_reference.log import Log
from omnisession_reference.parser import MessageParser
from omnisession_reference.transport import StreamTransport
from omnisession_reference.wire import Incoming, traceparent

# May return what to wait for before the next message is read.
Receive = Callable[[Incoming], Awaitable[object] | None]

# What the library itself answers, see discovery.py.
LIBRARY_SUBJECTS = b"$SRV."

# With so many messages not yet handed to the broker, no further one is handled.
MAX_BACKLOG = 10_000


class Connection(Client):
    """A connection that hands over each message the moment it is read.

    The library gives every subscription a queue and a task of its own, which loses the order of
    arrival between subjects, and stops reading for good at a subject that is not UTF-8. This one
    calls `receive` from the reading loop instead. `send` queues, and one task publishes.
    """

    def __init__(self, log: Log) -> None:
        super().__init__()
        # On this connection alone: other users of the library in this process keep its own.
        self._ps = MessageParser(self)
        self._ps.deliver = self._process_msg
        self.receive: Receive = lambda _message: None
        self.may_answer: Callable[[str], bool] = lambda _reply: True
        self._log = log
        self._in_clear = True
        self._backlog: deque[tuple[str, bytes, str | None]] = deque()
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def info(self) -> dict[str, Any]:
        """What the broker has said of itself."""
        return self._server_info

    async def reach(self, access: Access, **settings: Any) -> None:
        """Connect to the first broker that takes the server, as `connect` does.

        Raises AccessError for settings that cannot be used.
        """
        signer, addresses = access.signer(), access.addresses
        self._public_nkey = signer.public if signer is not None else None
        self._in_clear = not access.over_tls
        if not addresses[0].startswith("ws"):
            self._transport = StreamTransport()
        await self.connect(addresses, **access.settings(), **settings)

    def _setup_server_pool(self, connect_url: list[str]) -> None:
        super()._setup_server_pool(connect_url)
        for server in self._server_pool:
            # The library sends what stands in an address as it is.
            server.uri = Decoded(*server.uri)

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        if initial_connection and not self._in_clear:
            # The library would go on in clear where TLS is only offered, or not even that.
            if not (info.get("tls_required") or info.get("tls_available")):
                raise PlainBrokerError
            info["tls_required"] = True
        await super()._process_info(info, initial_connection)

    async def take(self, subject: str, queue_group: str) -> Subscription:
        """Receive a subject from now on, as a member of a queue group."""
        return await self.subscribe(subject, queue=queue_group)  # pyright: ignore[reportUnknownMemberType]

    def send(self, subject: str, payload: bytes, trace: str | None) -> None:
        """Queue a message; never waits."""
        self._backlog.append((subject, payload, trace))
        self._idle.clear()
        self._work.set()

    async def write(self) -> None:
        """Publish what is queued, for as long as the server lives."""
        while True:
            await self._work.wait()
            while self._backlog:
                await self._publish(*self._backlog.popleft())
            self._work.clear()
            self._idle.set()

    async def pause(self) -> None:
        """Let the loop read and write; wait where far too much is not yet written."""
        await asyncio.sleep(0)
        if len(self._backlog) > MAX_BACKLOG:
            await self.written()

    async def written(self) -> None:
        """Wait until everything queued was handed to the broker."""
        await self._idle.wait()

    async def _send_ping(self, future: asyncio.Future[bool] | None = None) -> None:
        """Have what is queued leave before a `flush` asks: the library writes its PING ahead of it."""
        queued, self._pending, self._pending_data_size = self._pending, [], 0
        if self._transport is not None and queued:
            self._transport.writelines(queued)
        await super()._send_ping(future)  # pyright: ignore[reportUnknownMemberType]

    async def _publish(self, subject: str, payload: bytes, trace: str | None) -> None:
        headers = None if trace is None else {"traceparent": trace}
        try:
            await self.publish(subject, payload, headers=headers)
        except Exception as error:  # noqa: BLE001 a reply subject may be whatever a client made up
            self._log.failure("publish_failed", error)

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        """Replace the library's way of handing over a message, but for what it answers itself."""
        if subject.startswith(LIBRARY_SUBJECTS):
            # It would answer anywhere, trip over bytes that are no text, and repeat the headers.
            if reply and reply.isascii() and self.may_answer(reply.decode("ascii")):
                await super()._process_msg(sid, subject, reply, data, b"")
            return
        wait = self.receive(
            Incoming(
                # Bytes that are no UTF-8 stay apart from every character that a token may hold.
                subject.decode("utf-8", "surrogateescape"),
                reply.decode("utf-8", "surrogateescape"),
                data,
                traceparent(headers),
            )
        )
        if wait is not None:
            await wait
