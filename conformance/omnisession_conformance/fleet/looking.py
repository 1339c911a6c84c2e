"""Looks whether clients are served: all instances are there, and one of them answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_conformance.errors import BrokerError
from omnisession_conformance.traffic.connection import connect

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

    from omnisession_conformance.environment.access import Access

ANSWER_S = 0.5
AGAIN_S = 0.1
NOBODY = "nobody"
PING = {"v": "1.0", "type": "session.ping", "user_id": NOBODY, "session_id": NOBODY}
"""Asks for a session that is not there: whoever owns the sessions says so."""


async def is_served(way: Access, instances: int) -> None:
    """Return when so many instances are there, and a request has an answer; asks until it is cancelled."""
    while True:
        with contextlib.suppress(NatsError, OSError, BrokerError):
            client = await connect(way)
            try:
                if await _are_there(client, instances) and await _answers(client):
                    return
            finally:
                await client.close()
        await asyncio.sleep(AGAIN_S)


async def _are_there(client: Client, instances: int) -> bool:
    """Whether so many instances say in time that they are there."""
    found: set[str] = set()
    all_ = asyncio.Event()

    async def note(message: Msg) -> None:
        if message.data:
            told: dict[str, Any] = json.loads(message.data)
            found.add(str(told.get("id")))
        if len(found) >= instances:
            all_.set()

    inbox = client.new_inbox()
    await client.subscribe(inbox, cb=note)  # pyright: ignore[reportUnknownMemberType]
    await client.publish("$SRV.PING.omnisession", reply=inbox)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(all_.wait(), ANSWER_S)
    return all_.is_set()


async def _answers(client: Client) -> bool:
    """Whether somebody answers clients."""
    subject = f"session.{NOBODY}.{NOBODY}.control"
    data = json.dumps({**PING, "timestamp": 1, "data": {}}).encode()
    with contextlib.suppress(TimeoutError, NatsError):
        return bool((await client.request(subject, data, timeout=ANSWER_S)).data)
    return False
