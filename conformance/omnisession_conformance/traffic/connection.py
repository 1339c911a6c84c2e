r"""Connections to the broker, as the kit needs them: once, without reconnecting, and deaf to nothing.

nats-py gives every subscription a queue and a task, decodes subjects as UTF-8, and reads control lines
with patterns that end words at any white space. A peer that publishes on `user.actions.\xff`, or on a
subject with a form feed in it, stops such a reader for good, or costs it the connection, and a tap
that has gone deaf would judge what it did not hear. `TapClient` hands each message over the moment it
is read, whatever its subject is, and can tell whether it hears at all.

Its `flush` also writes the PING ahead of what is still queued, so that the broker answers before it
has read the SUB or PUB that the caller waits for; and where the caller has stopped waiting, the answer
stops its reader for good. `OrderedClient` keeps the order, and goes on to read.

All this is done on the kit's own connections: the library itself is left as it is, for it may serve
others in the same process.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoServersError

from omnisession_conformance.environment.address import WEB_SOCKETS
from omnisession_conformance.errors import sentence
from omnisession_conformance.traffic.parser import MessageParser
from omnisession_conformance.traffic.refusal import (
    ClosedError,
    PlainBrokerError,
    Refusal,
    failure,
)
from omnisession_conformance.traffic.transport import StreamTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import TypeVar

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.environment.address import Address

    AClient = TypeVar("AClient", bound="OrderedClient")

CONNECT_TIMEOUT_S = 2
HANDSHAKE_TIMEOUT_S = 5
LEAVE_TIMEOUT_S = 1
_FAILURES = (
    *(NatsError, OSError, TimeoutError, ValueError, AssertionError),
    *(PlainBrokerError, ClosedError),
)
"""What a connection that does not come about may raise; the library asserts what a broker may break."""
_NO_HEADERS: Mapping[str, str] = {}


class Heard(NamedTuple):
    """A message as it came over the connection; bytes of a subject that are no UTF-8 are escaped."""

    subject: str
    reply: str
    data: bytes
    headers: Mapping[str, str]


class _Mark(NamedTuple):
    """A message that a client waits to hear from itself."""

    subject: bytes
    data: bytes
    heard: asyncio.Event


@contextlib.contextmanager
def _heeding_cancellation() -> Generator[None]:
    """Raise CancelledError where what was awaited lost a cancellation.

    `asyncio.wait_for`, which nats-py waits with, does before Python 3.12: where the answer comes in the
    same turn of the loop, the answer is returned and the Ctrl-C forgotten.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


class OrderedClient(Client):
    """A client whose `flush` is the barrier it is documented to be: queued commands leave first.

    It can be cancelled while it waits for an answer, whenever that comes.
    """

    _pongs: list[asyncio.Future[bool]]
    _reading_task: asyncio.Task[None] | None
    _flusher_task: asyncio.Task[None] | None
    _ping_interval_task: asyncio.Task[None] | None

    def __init__(self) -> None:
        super().__init__()
        self._ps = MessageParser(self)
        self._ps.deliver = self._process_msg
        self._in_clear = True
        self.on_fewer_nodes: Callable[[str], None] | None = None
        """Called with the addresses of nodes that the broker's cluster has lost."""

    @property
    def info(self) -> Mapping[str, Any]:
        """What the broker has said of itself."""
        return self._server_info

    @property
    def place(self) -> tuple[str, int]:
        """The node that it is connected to, by its id, and the number that it has there."""
        return str(self._server_info.get("server_id", "")), self.client_id or 0

    def drop(self) -> None:
        """Close the socket of a connection that was not finished, which the library leaves open."""
        if self._transport is not None:
            with contextlib.suppress(*_FAILURES, RuntimeError):
                self._transport.close()

    def prepare(self, access: Access, address: Address) -> None:
        """Get ready to connect: as whom, and whether anything may be said in clear."""
        signer = access.signer_at(address)
        if signer is not None:
            self._public_nkey = signer.public
        if address.scheme not in WEB_SOCKETS:
            self._transport = StreamTransport()
            self._in_clear = not access.over_tls(address)

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        if initial_connection and not self._in_clear:
            # The library would go on in clear with a broker that only offers TLS, or has none.
            if not (info.get("tls_required") or info.get("tls_available")):
                raise PlainBrokerError
            info["tls_required"] = True
        before = frozenset(self._server_info.get("connect_urls") or ())
        await super()._process_info(info, initial_connection)
        gone = before - frozenset(info.get("connect_urls") or before)
        if gone and not initial_connection and self.on_fewer_nodes is not None:
            self.on_fewer_nodes(", ".join(sorted(gone)))

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        timeout: float = 0.5,  # noqa: ASYNC109 - nats-py's signature
        old_style: bool = False,
        headers: dict[str, Any] | None = None,
    ) -> Msg:
        """Ask and return the answer, as in nats-py."""
        with _heeding_cancellation():
            return await super().request(subject, payload, timeout, old_style, headers)

    async def flush(self, timeout: int = 10) -> None:  # noqa: ASYNC109 - nats-py's signature
        """Return when the broker has read everything before, as in nats-py."""
        with _heeding_cancellation():
            await super().flush(timeout)

    async def listen(self, subject: str, queue_group: str = "") -> Subscription:
        """Hear a subject from now on, as a member of a queue group where one is named."""
        return await self.subscribe(subject, queue_group)  # pyright: ignore[reportUnknownMemberType]

    def on_end_of_work(self, tell: Callable[[str], None]) -> None:
        """Call a function, with what has ended, when a task of a connection that stands has ended.

        Such a connection still counts as connected, and neither hears nor sends any more.
        """
        for what, task in (
            ("reads no more", self._reading_task),
            ("sends no more", self._flusher_task),
            ("is not looked after any more", self._ping_interval_task),
        ):
            if task is not None:
                task.add_done_callback(partial(self._work_ended, tell, what))

    def _work_ended(self, tell: Callable[[str], None], what: str, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if self.is_connected:
            tell(f"{what}: {sentence(error)}" if error is not None else what)

    async def _send_ping(self, future: asyncio.Future[bool] | None = None) -> None:
        transport, queued = self._transport, self._pending
        if transport is not None and queued:
            self._pending, self._pending_data_size = [], 0
            transport.writelines(queued)
        await super()._send_ping(future)  # pyright: ignore[reportUnknownMemberType]

    async def _process_pong(self) -> None:
        if self._pongs and self._pongs[0].done():
            # Nobody waits for it any more. It is counted all the same, by one who minds no answer.
            self._pongs[0] = asyncio.get_running_loop().create_future()
        await super()._process_pong()


class TapClient(OrderedClient):
    """A client whose subscriptions all feed one function, in order, from the reading loop.

    So a flush that has returned means that everything before it was handled, not only received.
    """

    def __init__(self, hear: Callable[[Heard], None]) -> None:
        super().__init__()
        self._hear = hear
        self._marks: dict[bytes, _Mark] = {}
        self._given_up: set[bytes] = set()
        """Marks that may come after all, or once more: they are nobody's message."""

    async def hears_itself(self, subject: str, *, within_s: float) -> bool:
        """Whether a message of its own, on a subject that it has subscribed to, comes back to it.

        All that the broker had for it before comes first. The message is handed to nobody here.
        """
        mark = _Mark(subject.encode(), secrets.token_hex(16).encode(), asyncio.Event())
        self._marks[mark.data] = mark
        try:
            async with asyncio.timeout(within_s):
                await self.publish(subject, mark.data)
                await mark.heard.wait()
        except (NatsError, TimeoutError):
            return False
        finally:
            del self._marks[mark.data]
            self._given_up.add(mark.data)
        return True

    def on_end_of_reading(self, tell: Callable[[], None]) -> None:
        """Call a function when this connection reads no more, whatever the reason is."""
        if self._reading_task is not None:
            self._reading_task.add_done_callback(lambda _: tell())

    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Any
    ) -> None:
        del sid
        if data in self._marks and subject == self._marks[data].subject:
            self._marks[data].heard.set()
            return
        if data in self._given_up:
            return
        self._hear(
            Heard(
                subject.decode("utf-8", "surrogateescape"),
                reply.decode("utf-8", "surrogateescape"),
                data,
                read_headers(headers) if headers else _NO_HEADERS,
            )
        )


def read_headers(raw: bytes) -> dict[str, str]:
    """Headers as NATS writes them; a line that is none is left out, the first of a name counts."""
    found: dict[str, str] = {}
    for line in raw.decode("utf-8", "surrogateescape").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name, value.strip())
    return found


class _Callbacks:
    """Keeps what the library tells while it connects, and hands on what it tells from then on."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.errors: list[Exception] = []
        self.up = False
        self._error = settings.get("error_cb")
        self._disconnected = settings.get("disconnected_cb")

    async def error(self, error: Exception) -> None:
        """Take an error of the connection."""
        if not self.up:
            self.errors.append(error)
        elif self._error is not None:
            await self._error(error)

    async def disconnected(self) -> None:
        """Take the end of the connection."""
        if self.up and self._disconnected is not None:
            await self._disconnected()


async def connect(access: Access, **settings: Any) -> OrderedClient:
    """Connect to the first broker that takes the client; see `connect_as`."""
    return await connect_as(OrderedClient, access, **settings)


async def connect_as(make: Callable[[], AClient], access: Access, **settings: Any) -> AClient:
    """Connect a client of a kind to the first broker that takes it, each tried once.

    `settings` are nats-py's. BrokerError says what is wrong and the way out.
    """
    refusals: list[Refusal] = []
    for address in access.addresses:
        client = make()
        callbacks = _Callbacks(settings)
        try:
            await _connect(client, access, address, callbacks, settings)
        except _FAILURES as error:
            await _leave(client)
            real, connected = _real(error, callbacks), not isinstance(error, NoServersError)
            refusals.append(Refusal(access, address, real, client.info, connected))
        except BaseException:
            await _leave(client)
            raise
        else:
            callbacks.up = True
            return client
    raise failure(refusals)


async def _connect(
    client: OrderedClient,
    access: Access,
    address: Address,
    callbacks: _Callbacks,
    settings: Mapping[str, Any],
) -> None:
    wanted: dict[str, Any] = {
        "allow_reconnect": False,
        "inbox_prefix": access.inbox.encode(),
        "connect_timeout": CONNECT_TIMEOUT_S,
        # 0 would mean: try for ever.
        "max_reconnect_attempts": 1,
        "reconnect_time_wait": 0,
        **settings,
        "error_cb": callbacks.error,
        "disconnected_cb": callbacks.disconnected,
        **_credentials(access, address),
        **_tls(access),
    }
    client.prepare(access, address)
    async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
        with _heeding_cancellation(), warnings.catch_warnings():
            # The library tells aiohttp the time for a connection in a way that is to go.
            warnings.filterwarnings("ignore", "parameter 'timeout' of type", DeprecationWarning)
            await client.connect(address.url, **wanted)  # pyright: ignore[reportUnknownMemberType]
    if not client.is_connected:
        raise ClosedError("it closed the connection at once")


def _credentials(access: Access, address: Address) -> dict[str, Any]:
    login, signer = access.login_at(address), access.signer_at(address)
    if signer is None:
        return {"user": login.user, "password": login.password, "token": login.token}
    found: dict[str, Any] = {"signature_cb": signer.sign}
    if signer.jwt is not None:
        found["user_jwt_cb"] = signer.jwt.encode
    return found


def _tls(access: Access) -> dict[str, Any]:
    tls = access.tls
    if tls is None:
        return {}
    return {
        "tls": tls.context,
        "tls_hostname": tls.server_name,
        "tls_handshake_first": tls.first,
    }


def _real(error: BaseException, callbacks: _Callbacks) -> BaseException:
    """What has happened, where the library says only that it has no server left to try."""
    return callbacks.errors[-1] if isinstance(error, NoServersError) and callbacks.errors else error


async def _leave(client: OrderedClient) -> None:
    """Let go of a connection that did not come about."""
    with contextlib.suppress(*_FAILURES, RuntimeError):
        async with asyncio.timeout(LEAVE_TIMEOUT_S):
            await client.close()
    client.drop()
