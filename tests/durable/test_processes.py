"""Killed for real: what was acked is there when the server, or its broker, is started again."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import TYPE_CHECKING

import pytest
from tests.durable.processes import Broker, Server, broker
from tests.reference.bench import action, token
from tests.reference.broker import PATIENCE_S, Peer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from nats.aio.msg import Msg
    from tests.reference.bench import Body

pytestmark = pytest.mark.dear

AGAIN_S = 0.4
"""An action without an outcome is sent again after so long."""
BETWEEN = 3
"""So many messages of each user are acked between two disturbances."""


@pytest.fixture(name="running")
def running_broker() -> Generator[Broker]:
    with broker() as one:
        yield one


class Listener(Peer):
    """A client that the broker may tell that nobody listens."""

    async def _on_message(self, message: Msg) -> None:
        if message.data:
            await super()._on_message(message)


class Client:
    """One session that sends messages of the chat, each until it has an outcome."""

    def __init__(self, peer: Peer, user: str) -> None:
        self.peer, self.user = peer, user
        self.acked: list[str] = []
        self.is_over = False
        self._acks = asyncio.Condition()

    async def patiently(self, subject: str, body: Body) -> Body:
        """Send a message until it has an answer."""
        for _ in range(int(PATIENCE_S / AGAIN_S)):
            inbox = self.peer.new_inbox()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    data = json.dumps(body).encode()
                    await self.peer.connection.publish(subject, data, reply=inbox)
                    return (await self.peer.wait_for(inbox))[0]
        raise AssertionError(f"no answer to {body['type']}")

    async def control(self, type_: str, **data: object) -> Body:
        body = {"v": "1.0", "type": type_, "user_id": self.user, "session_id": "s", "timestamp": 1}
        return await self.patiently(f"session.{self.user}.s.control", {**body, "data": data})

    async def open(self) -> Body:
        return await self.control(
            "session.open",
            protocol=["1.0"],
            kinds=["chat"],
            features=["events"],
            auth={"scheme": "bearer", "token": token(self.user)},
            client={"name": "peer", "version": "1"},
        )

    async def chat(self) -> None:
        """Send one message after the other until it is told to stop."""
        for number in itertools.count(1):
            if self.is_over:
                return
            body = action(self.user, "s", number, "chat.send", content=f"{self.user} {number}")
            outcome = (await self.patiently(f"user.actions.{self.user}", body))["data"]
            assert outcome["status"] in {"applied", "duplicate"}, outcome
            async with self._acks:
                self.acked.append(outcome["result"]["message_id"])
                self._acks.notify_all()

    async def goes_on(self, more: int) -> None:
        """Wait until so many messages more were acked."""
        wanted = len(self.acked) + more
        async with asyncio.timeout(PATIENCE_S), self._acks:
            await self._acks.wait_for(lambda: len(self.acked) >= wanted)


async def load(running: Broker, disturb: Callable[[], None]) -> None:
    """Have four users chat while something happens, and compare what they were told with what there is."""
    peer = await Listener.connect(
        running.url, "_INBOX.peer.*", "session.*.s.state", "session.*.s.events"
    )
    clients = [Client(peer, f"u{n}") for n in range(4)]
    opened = [(await client.open())["data"]["position"] for client in clients]
    chats = [asyncio.create_task(client.chat()) for client in clients]
    for _ in range(3):
        await asyncio.gather(*(client.goes_on(BETWEEN) for client in clients))
        await asyncio.to_thread(disturb)
    await asyncio.gather(*(client.goes_on(BETWEEN) for client in clients))
    for client in clients:
        client.is_over = True
    await asyncio.gather(*chats)

    for client, first in zip(clients, opened, strict=True):
        position = (await client.control("session.ping"))["data"]["position"]
        assert position["epoch"] > first["epoch"]
        assert position["last_action_seq"] == len(client.acked)
    told = [id_ for client in clients for id_ in client.acked]
    assert len(told) == len(set(told))
    await clients[0].control("session.sync")
    shown = (await peer.wait_for("session.u0.s.state"))[-1]["data"]["messages"]
    assert len(shown) == 100 or {message["id"] for message in shown} == set(told)
    assert len({message["content"] for message in shown}) == len(shown)
    assert {message["id"] for message in shown} <= set(told)
    await peer.connection.close()


def test_killed_and_started_again_it_has_lost_nothing(running: Broker) -> None:
    servers = [Server(running.url)]

    def disturb() -> None:
        servers[-1].kill()
        servers.append(Server(running.url))

    try:
        asyncio.run(load(running, disturb))
        assert servers[-1].stop() == 0
    finally:
        servers[-1].kill()


def test_its_broker_killed_it_has_lost_nothing(running: Broker) -> None:
    server = Server(running.url)

    def disturb() -> None:
        running.kill()
        running.start()

    try:
        asyncio.run(load(running, disturb))
        assert server.stop() == 0
    finally:
        server.kill()
