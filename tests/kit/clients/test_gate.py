"""The gate, between a client and a broker that say what they are told to."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from tests.kit.clients.adapters import played
from tests.kit.proxy.peers import Bare, bare, shaken, stand_in

from omnisession_conformance.environment.proxy.operations import Connect, Side, Sub, Unsub
from omnisession_conformance.roles.client.errors import ContractError
from omnisession_conformance.roles.client.gate.counting import Count
from omnisession_conformance.roles.client.gate.gate import Gate, gate_to
from omnisession_conformance.roles.client.gate.seen import Ended
from omnisession_conformance.roles.client.waiting import Bell

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.kit.proxy.peers import StandIn

SESSION = b"session.ann.s-1."
PING = b'{"v":"1.0","type":"session.ping"}'


async def up_to(peer: Bare, last: bytes) -> list[bytes]:
    """The lines up to one, and that one; those of bodies may be empty."""
    told = [await peer.line()]
    while told[-1] != last:
        assert not peer.reader.at_eof(), told
        told.append(await peer.line())
    return told


@contextlib.asynccontextmanager
async def gated() -> AsyncGenerator[tuple[Gate, StandIn]]:
    async with stand_in() as broker, gate_to(broker.url, Bell()) as gate:
        await broker.clients.get()  # the gate has looked whether it is there
        yield gate, broker


@contextlib.asynccontextmanager
async def through(gate: Gate, broker: StandIn) -> AsyncGenerator[tuple[Bare, Bare]]:
    """A client that is connected, and what the broker has of it."""
    async with bare(gate.url) as client:
        shaking = asyncio.create_task(shaken(client))
        behind = await broker.clients.get()
        await up_to(behind, b"PING")
        behind.say(b"PONG\r\n")
        await shaking
        yield client, behind


def test_it_sees_what_a_client_says_in_its_order_on_each_connection() -> None:
    async def play() -> None:
        async with gated() as (gate, broker):
            async with through(gate, broker) as (client, behind):
                client.say(b"SUB " + SESSION + b"* 7\r\nPUB a.b _INBOX.1 2\r\nhi\r\n")
                client.say(
                    b"HPUB a.c 12 45\r\nNATS/1.0\r\n\r\n" + PING + b"\r\nUNSUB 7\r\nPING\r\n"
                )
                await up_to(behind, b"PING")
            await gate.bell.until(lambda: not gate.links, within_s=10)
            async with through(gate, broker):
                seen = [(one.link, type(one.op).__name__) for one in gate.seen]
        told = ["Connect", "Sub", "Pub", "Pub", "Unsub", "Ended"]
        assert seen == [(0, name) for name in told] + [(1, "Connect")]
        connect, sub, first, second, unsub, end = [one.op for one in gate.seen][:6]
        assert isinstance(connect, Connect)
        assert isinstance(sub, Sub)
        assert (sub.subject, sub.sid) == (SESSION + b"*", b"7")
        assert isinstance(unsub, Unsub)
        assert isinstance(end, Ended)
        assert (first, second) == (gate.seen[2].op, gate.seen[3].op)
        assert (gate.seen[2].subject, gate.seen[2].reply) == ("a.b", "_INBOX.1")
        assert (gate.seen[2].payload, gate.seen[2].body, gate.seen[2].type) == (b"hi", None, "")
        assert gate.published("session.ping") == [gate.seen[3]]
        assert gate.said(0)["name"] == "bare"
        assert gate.connections == 2

    played(play)


def test_it_counts_what_has_come_for_a_session_until_its_subscription_is_over() -> None:
    async def play() -> None:
        async with gated() as (gate, broker):
            async with through(gate, broker) as (client, behind):
                client.say(b"SUB " + SESSION + b"* 7\r\nSUB _INBOX.* 8\r\nPING\r\n")
                await up_to(behind, b"PING")
                one = b"MSG " + SESSION + b"state 7 0\r\n\r\n"
                other = b"HMSG _INBOX.1 8 12 12\r\nNATS/1.0\r\n\r\n\r\n"
                behind.say(b"PONG\r\n" + 3 * one + other + b"PING\r\n")
                await up_to(client, b"PING")
                assert gate.counted("ann", "s-1") == Count(3)
                assert gate.counted("ann", "s-2") == Count()
                client.say(b"PONG\r\nUNSUB 7\r\nSUB " + SESSION + b"* 7\r\nPING\r\n")
                await up_to(behind, b"PING")
                behind.say(one + b"PING\r\n")
                await up_to(client, b"PING")
                assert gate.counted("ann", "s-1") == Count(1, 3, 1)
            await gate.bell.until(lambda: not gate.links, within_s=10)
            assert gate.counted("ann", "s-1") == Count(0, 4, 2)

    played(play)


@pytest.mark.parametrize(
    ("hello", "told"),
    [
        (b'{"headers":true,"no_responders":true}', [b"HMSG _INBOX.1 8 35 35", b"NATS/1.0 503"]),
        (b'{"headers":true}', []),
        (b'{"no_responders":true}', []),
    ],
)
def test_it_says_that_nobody_is_there_as_a_broker_would(hello: bytes, told: list[bytes]) -> None:
    async def play() -> None:
        async with gated() as (gate, broker), bare(gate.url) as client:
            behind = await broker.clients.get()
            client.say(b"CONNECT " + hello + b"\r\nPING\r\n")
            await up_to(behind, b"PING")
            behind.say(b"PONG\r\n")
            await up_to(client, b"PONG")
            client.say(b"SUB _INBOX.* 8\r\n")
            with gate.nobody_there(lambda seen: seen.type == "session.ping"):
                request = b"PUB a.b _INBOX.1 33\r\n" + PING + b"\r\n"
                client.say(request + b"PUB a.c _INBOX.1 0\r\n\r\nPUB a.d 0\r\n\r\nPING\r\n")
                passed = await up_to(behind, b"PING")
            client.say(request + b"PING\r\n")
            again = await up_to(behind, b"PING")
            behind.say(b"PONG\r\nPONG\r\n")
            heard = await up_to(client, b"PONG")
            assert heard[:-1][: len(told)] == told
            assert bool(heard[:-1]) == bool(told)
            assert passed == [
                b"SUB _INBOX.* 8",
                b"PUB a.c _INBOX.1 0",
                b"",
                b"PUB a.d 0",
                b"",
                b"PING",
            ]
            assert again == [b"PUB a.b _INBOX.1 33", PING, b"PING"]
            assert [one.refused for one in gate.published("session.ping")] == [True, False]

    played(play)


def test_a_client_that_comes_nowhere_does_not_use_its_address() -> None:
    async def play() -> None:
        async with gated() as (gate, broker):
            with pytest.raises(
                ContractError, match=r"No connection has come to nats://127\.0\.0\.1:"
            ):
                await gate.came(within_s=0.05)
            async with through(gate, broker):
                await gate.came()

    played(play)


def test_cuts_refusals_and_stalls_are_its_own() -> None:
    async def play() -> None:
        async with gated() as (gate, broker):
            async with through(gate, broker) as (client, behind):
                with gate.stalling():
                    client.say(b"PUB a 0\r\n\r\n")
                    asking = asyncio.create_task(gate.ask(Side.BROKER))
                    await asyncio.sleep(0)
                    assert not asking.done()
                assert await up_to(behind, b"PING") == [b"PUB a 0", b"", b"PING"]
                behind.say(b"PONG\r\n")
                await asking
                assert gate.connected
                with gate.refusing():
                    await client.ended()
                    assert not gate.connected
                    with pytest.raises(OSError, match="Connect call failed"):
                        await asyncio.open_connection("127.0.0.1", gate.proxy.door.port)
            await gate.ask(Side.CLIENT)  # of nobody

    played(play)
