"""What wrong and unusual clients do with a connection: several subscriptions, a second connection."""

import asyncio
import contextlib
from typing import Any

from nats.errors import Error as NatsError

from omnisession_client.link import NAME, Reader

TRIES, TRY_S = 100, 0.2


class Several:
    """Some subscriptions that end together."""

    def __init__(self, *parts: Any) -> None:
        self._parts = parts

    async def unsubscribe(self) -> None:
        """End all of them."""
        for part in self._parts:
            await part.unsubscribe()


def is_session(subject: str) -> bool:
    """Whether this is the subscription of a session, and not that of an inbox."""
    return subject.startswith("session.")


async def each_part(original: Any, link: Any, subject: str, take: Any) -> Any:
    """Subscribe to each of the three subjects of a session."""
    if not is_session(subject):
        return await original(link, subject, take)
    stem = subject.removesuffix("*")
    parts = [await original(link, stem + part, take) for part in ("state", "events", "control")]
    return Several(*parts)


def let_go(link: Any) -> None:
    """Forget the subscription of a session while the connection is away: it does not come back with it."""
    subscription, link._subscription = link._subscription, None
    if subscription is not None:
        subscription._stop_processing()
        link._client._remove_sub(subscription._id)


async def second(link: Any, told: Any = None) -> Reader:
    """The second connection of a link, made when it is first asked for."""
    if (client := getattr(link, "second", None)) is not None:
        return client
    client = link.second = Reader()
    dialling = asyncio.current_task()

    async def on_disconnected() -> None:
        if told is not None and not link._ended:
            told.on_lost()

    async def on_reconnected() -> None:
        if told is not None and link._client.is_connected:
            told.on_connected(link._client.max_payload)

    async def on_error(_error: Exception) -> None:
        if link._ended and asyncio.current_task() is dialling:
            raise asyncio.CancelledError

    try:
        await client.connect(
            link._url,
            name=NAME,
            no_echo=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=link._wait_s,
            pending_size=0,
            disconnected_cb=on_disconnected,
            reconnected_cb=on_reconnected,
            error_cb=on_error,
        )
    except BaseException:
        link.second = None
        raise
    return client


async def subscribe(client: Any, subject: str, take: Any) -> Any:
    """Subscribe on any connection, without the limits of the library."""
    return await client.subscribe(subject, cb=take, pending_msgs_limit=0, pending_bytes_limit=0)


async def is_in_force(link: Any) -> bool:
    """Wait until the second connection is there, and all that was sent on it has passed the broker."""
    for _ in range(TRIES):
        client: Reader | None = getattr(link, "second", None)
        if client is not None and client.is_connected:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await client.flush(1)
                return True
        if link._ended:
            return False
        await asyncio.sleep(TRY_S / 10)
    return False


async def close_both(original: Any, link: Any) -> None:
    """Close a link and its second connection."""
    await original(link)
    if (client := getattr(link, "second", None)) is not None:
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            async with asyncio.timeout(1):
                await client.close()
