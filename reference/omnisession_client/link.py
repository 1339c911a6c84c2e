"""The connection of one session: it comes back by itself, and buffers nothing while it is away."""

import asyncio
import contextlib
import secrets
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from omnisession_reference.parser import MessageParser

NAME = "omnisession-client"
CLOSE_S = 3
NOBODY = b"NATS/1.0 503"

Take = Callable[[Msg], Awaitable[None]]


class Reader(Client):
    """A connection that goes on whatever comes: the library stops at a subject that is no UTF-8.

    Of headers only those count by which the broker says that nobody is there.
    """

    def __init__(self) -> None:
        super().__init__()
        # On this connection alone: other users of the library in this process keep its own.
        self._ps = MessageParser(self)
        self._ps.deliver = self._process_msg

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        """Hand a message over under a subject that can be read, and as nobody's request."""
        del reply
        told = headers if headers and headers.startswith(NOBODY) else b""
        readable = subject.decode("utf-8", "backslashreplace").encode()
        await super()._process_msg(sid, readable, b"", data, told)


class Owner(Protocol):
    """Who is told of the connection."""

    def on_connected(self, max_payload: int) -> None:
        """There is a connection, and all subscriptions are sent on it ahead of what follows."""
        ...

    def on_lost(self) -> None:
        """There is none any more."""
        ...

    def on_answer(self, token: str, data: bytes | None) -> None:
        """A message came to the inbox below this token; None if nobody is there to answer."""
        ...


class Link:
    """A connection through nats-py.

    What is sent goes out in the order of the calls, SUB before PUB, and the broker reads in that order:
    a subscription is in force before anything that is published after it, without a flush. Answers come to
    an inbox of the link's own, since `Client.request` publishes from another task.
    """

    def __init__(
        self,
        url: str,
        reconnect_ms: int,
        owner: Owner,
        user: str,
        way: Mapping[str, Any] | None = None,
    ) -> None:
        self._url, self._wait_s, self._owner = url, max(reconnect_ms, 1) / 1_000, owner
        # Credentials and TLS, as the library takes them.
        self._way = dict(way or {})
        # Below its user's token: a broker with permissions for each user allows no other.
        self._inbox = f"_INBOX.{user}.{secrets.token_hex(16)}"
        self._client = Reader()
        self._wanted: tuple[str, Take] | None = None
        self._subscription: Subscription | None = None
        # Who subscribes does so after the connection has what it needs, or before, but not meanwhile.
        self._turn = asyncio.Lock()
        self._is_set_up = False
        self._ended = False

    async def run(self) -> None:
        """Connect, again and again until `close`; the library comes back from what is only a cut."""
        while not self._ended:
            self._client, self._is_set_up, closed = Reader(), False, asyncio.Event()
            try:
                await self._connect(closed)
            except Exception as error:  # noqa: BLE001 whatever it was, it may be over next time
                if not isinstance(error, (NatsError, OSError, TimeoutError)):
                    traceback.print_exc(file=sys.stderr)
                await asyncio.sleep(self._wait_s)
                continue
            await closed.wait()

    async def _connect(self, closed: asyncio.Event) -> None:
        dialling = asyncio.current_task()

        async def on_disconnected() -> None:
            self._owner.on_lost()

        async def on_reconnected() -> None:
            self._owner.on_connected(self._client.max_payload)

        async def on_closed() -> None:
            closed.set()

        async def on_error(_error: Exception) -> None:
            # What goes wrong is seen by what does not come. The library would dial for ever; who closes
            # hears of errors as well, and is not to be cancelled by a socket that the other side has reset.
            if self._ended and asyncio.current_task() is dialling:
                raise asyncio.CancelledError

        await self._client.connect(
            self._url,
            name=NAME,
            no_echo=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=self._wait_s,  # pyright: ignore[reportArgumentType] it sleeps for it
            pending_size=0,
            disconnected_cb=on_disconnected,
            reconnected_cb=on_reconnected,
            closed_cb=on_closed,
            error_cb=on_error,
            **self._way,
        )
        async with self._turn:
            await self._listen(f"{self._inbox}.*", self._answered)
            self._subscription = await self._listen(*self._wanted) if self._wanted else None
            self._is_set_up = True
        self._owner.on_connected(self._client.max_payload)

    async def subscribe(self, subject: str, take: Take) -> None:
        """Hear a subject from now on, in place of the one before, on this connection or the next."""
        async with self._turn:
            self._wanted, before, self._subscription = (subject, take), self._subscription, None
            if not self._is_set_up:
                return
            with contextlib.suppress(NatsError, OSError):
                if before is not None:
                    await before.unsubscribe()
                self._subscription = await self._listen(subject, take)
        if self._client.is_connected:
            self._owner.on_connected(self._client.max_payload)

    async def send(self, subject: str, body: bytes, token: str | None = None) -> None:
        """Hand a message to the library, with the inbox below a token where an answer is wanted."""
        reply = "" if token is None else f"{self._inbox}.{token}"
        # What cannot be sent is lost, as what is sent may be: somebody waits for an answer.
        with contextlib.suppress(NatsError, OSError):
            await self._client.publish(subject, body, reply=reply)

    async def close(self) -> None:
        """End the connection; what was sent leaves first."""
        self._ended = True
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self._client.close()

    async def _listen(self, subject: str, take: Take) -> Subscription:
        # Without limits: what the library would drop, nobody counts.
        return await self._client.subscribe(  # pyright: ignore[reportUnknownMemberType]
            subject, cb=take, pending_msgs_limit=0, pending_bytes_limit=0
        )

    async def _answered(self, message: Msg) -> None:
        headers: dict[str, Any] = message.headers or {}
        nobody = headers.get("Status") == "503"
        token = message.subject.rpartition(".")[2]
        self._owner.on_answer(token, None if nobody else message.data)
