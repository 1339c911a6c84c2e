"""A real broker with a proxy before it, and clients of a library at either."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from nats.aio.client import Client
from nats.errors import NoRespondersError
from tests.kit.proxy.peers import PATIENCE_S

from omnisession_conformance.environment.broker import embedded_broker
from omnisession_conformance.environment.proxy.proxy import faulty_proxy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

    from omnisession_conformance.environment.broker import Broker
    from omnisession_conformance.environment.proxy.proxy import Proxy

FAST: dict[str, Any] = {"reconnect_time_wait": 0.01, "max_reconnect_attempts": -1}


async def _ignored(_: Exception) -> None:
    """Errors of a connection that is cut on purpose."""


@contextlib.asynccontextmanager
async def client(url: str, **more: Any) -> AsyncGenerator[Client]:
    """A client that comes back at once."""
    nc = Client()
    await nc.connect(url, error_cb=_ignored, **(FAST | more))  # pyright: ignore[reportUnknownMemberType]
    try:
        yield nc
    finally:
        await nc.close()


async def listen(
    nc: Client, subject: str, cb: Callable[[Msg], Awaitable[None]] | None = None
) -> Subscription:
    """Subscribe, and return when the broker knows."""
    listening = await nc.subscribe(subject, cb=cb)  # pyright: ignore[reportUnknownMemberType]
    await nc.flush()
    return listening


async def take(listening: Subscription, number: int) -> list[bytes]:
    """The next messages."""
    return [(await listening.next_msg(PATIENCE_S)).data for _ in range(number)]


async def answer(msg: Msg) -> None:
    """What a responder does."""
    await msg.respond(b"here")


async def nobody_answers(nc: Client, subject: str) -> None:
    """Return when the broker says that nobody listens."""
    with contextlib.suppress(NoRespondersError):
        while True:
            with contextlib.suppress(TimeoutError):
                await nc.request(subject, b"", 0.2)


@contextlib.asynccontextmanager
async def wired(**more: Any) -> AsyncGenerator[tuple[Broker, Proxy]]:
    """The broker, and the proxy before it."""
    async with (
        asyncio.timeout(2 * PATIENCE_S),
        embedded_broker() as broker,
        faulty_proxy(broker.url, **more) as proxy,
    ):
        yield broker, proxy


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test."""
    asyncio.run(play())
