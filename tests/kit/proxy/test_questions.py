"""A proxy asks on its own, over real sockets: its answers are its own, and end with the connection."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from tests.kit.proxy.peers import PATIENCE_S, bare, shaken, stand_in
from tests.kit.proxy.wires import played

from omnisession_conformance.environment.proxy.faults import Cut, Hold
from omnisession_conformance.environment.proxy.link import LinkEndedError
from omnisession_conformance.environment.proxy.operations import Side
from omnisession_conformance.environment.proxy.proxy import faulty_proxy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.kit.proxy.peers import Bare

    from omnisession_conformance.environment.proxy.link import Link
    from omnisession_conformance.environment.proxy.proxy import Proxy

CLIENT, BROKER = Side.CLIENT, Side.BROKER


@contextlib.asynccontextmanager
async def between() -> AsyncGenerator[tuple[Proxy, Bare, Bare]]:
    """A proxy that reads all, a client and a broker that have connected and said no more than that."""
    async with (
        asyncio.timeout(PATIENCE_S),
        stand_in() as broker,
        faulty_proxy(broker.url, parsed=True) as proxy,
        bare(proxy.url) as client,
    ):
        yield proxy, client, await broker.behind()


async def shake(proxy: Proxy, client: Bare, broker: Bare) -> Link:
    """Let client and broker do what they do first."""
    shaking = asyncio.create_task(shaken(client))
    assert (await broker.until(b"PING"))[0].startswith(b"CONNECT ")
    broker.say(b"PONG\r\n")
    await shaking
    return await proxy.connected("bare")


async def asking(link: Link, to: Side) -> asyncio.Task[None]:
    """A question that is on its way."""
    task = asyncio.create_task(link.ping(to))
    await asyncio.sleep(0)
    return task


def test_a_broker_s_own_ping_is_outstanding() -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            link = await shake(proxy, client, broker)
            broker.say(b"PING\r\n")
            assert await client.line() == b"PING"
            question = await asking(link, CLIENT)
            assert await client.line() == b"PING"
            client.say(b"PONG\r\n")
            assert await broker.line() == b"PONG"
            assert not question.done()
            client.say(b"PONG\r\nPUB a 0\r\n\r\n")
            await question
            assert await broker.line() == b"PUB a 0"

    played(play)


def test_a_client_s_own_ping_is_outstanding() -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            link = await shake(proxy, client, broker)
            client.say(b"PING\r\n")
            assert await broker.line() == b"PING"
            question = await asking(link, BROKER)
            client.say(b"PING\r\n")
            assert await broker.lines(2) == [b"PING"] * 2
            broker.say(b"PONG\r\n")
            assert await client.line() == b"PONG"
            assert not question.done()
            broker.say(b"PONG\r\n")
            await question
            broker.say(b"PONG\r\n+OK\r\n")
            assert await client.lines(2) == [b"PONG", b"+OK"]

    played(play)


def test_a_question_waits_for_the_handshake() -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            (link,) = proxy.links
            questions = [await asking(link, to) for to in (CLIENT, BROKER)]
            assert (await client.line()).startswith(b"INFO ")
            client.say(b"CONNECT {}\r\nSUB a 1\r\n")
            assert await broker.lines(2) == [b"CONNECT {}", b"SUB a 1"]
            client.say(b"PING\r\n")
            assert await broker.line() == b"PING"
            broker.say(b"PONG\r\n")
            assert await client.lines(2) == [b"PONG", b"PING"]
            assert await broker.line() == b"PING"
            client.say(b"PONG\r\n")
            broker.say(b"PONG\r\n")
            await asyncio.gather(*questions)

    played(play)


def test_an_answer_that_nobody_waits_for_is_kept_back_all_the_same() -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            link = await shake(proxy, client, broker)
            question = await asking(link, CLIENT)
            question.cancel()
            assert await client.line() == b"PING"
            client.say(b"PONG\r\nPUB a 0\r\n\r\n")
            assert await broker.line() == b"PUB a 0"
            await asyncio.wait([question])
            assert question.cancelled()

    played(play)


def test_no_question_outlives_its_connection() -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            link = await shake(proxy, client, broker)
            questions = [await asking(link, to) for to in (CLIENT, BROKER, CLIENT)]
            proxy.apply(Cut())
            for question in questions:
                with pytest.raises(LinkEndedError, match="<Link 0 'bare'> has ended"):
                    await question
            with pytest.raises(LinkEndedError):
                await link.ping(CLIENT)
            await client.ended()
            await broker.ended()

    played(play)


@pytest.mark.parametrize("side", [CLIENT, BROKER])
def test_a_peer_that_leaves_answers_nothing(side: Side) -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            link = await shake(proxy, client, broker)
            questions = [await asking(link, to) for to in Side]
            (client if side is CLIENT else broker).close()
            for question in questions:
                with pytest.raises(LinkEndedError):
                    await question
            await (broker if side is CLIENT else client).ended()
            await proxy.until(lambda: link.over)

    played(play)


def test_who_says_what_is_no_nats_is_heard_and_not_asked() -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            link = await shake(proxy, client, broker)
            question = await asking(link, BROKER)
            client.say(b"HELLO")
            assert await broker.line() == b"PING"
            assert await broker.reader.readexactly(5) == b"HELLO"
            with pytest.raises(LinkEndedError, match="what is no NATS: it begins as no operation"):
                await question
            client.say(b" AGAIN")
            assert await broker.reader.readexactly(6) == b" AGAIN"
            with pytest.raises(LinkEndedError, match="what is no NATS"):
                await link.ping(CLIENT)

    played(play)


def test_a_question_is_held_as_all_else_is() -> None:
    async def play() -> None:
        async with between() as (proxy, client, broker):
            link = await shake(proxy, client, broker)
            with proxy.wrong(Hold(), link):
                question = await asking(link, BROKER)
                link.say(BROKER, b"SUB b 2\r\n")
            assert await broker.lines(2) == [b"PING", b"SUB b 2"]
            broker.say(b"PONG\r\n")
            await question

    played(play)


def test_what_is_not_read_cannot_be_asked() -> None:
    async def play() -> None:
        async with stand_in() as broker, faulty_proxy(broker.url) as proxy, bare(proxy.url):
            await broker.behind()
            (link,) = proxy.links
            with pytest.raises(RuntimeError, match="`parsed` or `watch`"):
                await link.ping(BROKER)
            with pytest.raises(RuntimeError, match="`parsed` or `watch`"):
                link.say(BROKER, b"PING\r\n")

    played(play)
