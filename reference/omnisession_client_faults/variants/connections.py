"""Subscriptions and connections."""

import asyncio
from typing import Any

from omnisession_client_faults import links
from omnisession_client_faults.places import Replacement, replacing
from omnisession_client_faults.variants import variant

_closes_both = Replacement("link.Link.close", links.close_both)


@variant(
    "subscribes-to-each-part", of=("CLI-001",), warns=("CLI-001",), replaces="link.Link._listen"
)
async def each_part(original: Any, link: Any, subject: str, take: Any) -> Any:
    """It has a subscription for each of the three subjects of its session."""
    return await links.each_part(original, link, subject, take)


@replacing("shell.Shell.on_connected")
def _once_both_are_there(original: Any, shell: Any, max_payload: int) -> None:
    link = shell._link

    async def wait() -> None:
        if await links.is_in_force(link) and link._client.is_connected:
            original(shell, max_payload)

    # Kept, so that it is not collected while it runs.
    link.waiting = asyncio.get_running_loop().create_task(wait())


@variant(
    "has-two-connections",
    _once_both_are_there,
    _closes_both,
    of=("CLI-002", "CLI-016"),
    replaces="link.Link._listen",
)
async def two_connections(original: Any, link: Any, subject: str, take: Any) -> Any:
    """It hears its session on one connection and asks on another, with a round trip between."""
    if not links.is_session(subject):
        return await original(link, subject, take)
    return await links.subscribe(await links.second(link, told=link._owner), subject, take)


@variant("connects-anew", of=("CLI-016",), replaces="link.Reader.connect")
async def connects_anew(original: Any, client: Any, *arguments: Any, **options: Any) -> None:
    """After a cut it makes a new connection, with new subscriptions and a new inbox."""
    await original(client, *arguments, **{**options, "allow_reconnect": False})


@variant("asks-after-a-round-trip", of=("CLI-002",), replaces="link.Link.send")
async def round_trip(
    original: Any, link: Any, subject: str, body: bytes, token: str | None = None
) -> None:
    """Before each request it waits until the broker has had all that was sent."""
    if token is not None and link._client.is_connected:
        try:
            await link._client.flush(2)
        except Exception:  # noqa: BLE001 the connection has ended: the request is lost as well
            return
    await original(link, subject, body, token)


@variant("is-slow", of=("CLI-003", "CLI-013", "CLI-024"), replaces="shell.Shell._handle")
async def slow(original: Any, shell: Any, message: Any) -> None:
    """It takes 20 ms for each message."""
    await asyncio.sleep(0.02)
    await original(shell, message)


@variant("subscribes-before-it-unsubscribes", of=("CLI-001",), replaces="link.Link.subscribe")
async def subscribes_first(original: Any, link: Any, subject: str, take: Any) -> None:
    """The subscription of a session that is gone ends a while after that of the next has begun."""
    before, link._subscription = link._subscription, None
    await original(link, subject, take)
    if before is not None and link._client.is_connected:
        await before.unsubscribe()
