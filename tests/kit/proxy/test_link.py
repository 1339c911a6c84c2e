"""How bytes go through a link: none is lost where one side is slow, and who watches has the last word."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import pytest
from tests.kit.proxy.peers import INFO, PATIENCE_S, bare, shaken, stand_in
from tests.kit.proxy.wires import played

from omnisession_conformance.environment.proxy.dialogue import Say
from omnisession_conformance.environment.proxy.faults import Cut, Hold
from omnisession_conformance.environment.proxy.link import MOST_WAITING
from omnisession_conformance.environment.proxy.operations import (
    Op,
    Ping,
    Pub,
    Side,
    Sub,
    no_responders,
)
from omnisession_conformance.environment.proxy.proxy import faulty_proxy
from omnisession_conformance.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.kit.proxy.peers import Bare

    from omnisession_conformance.environment.proxy.dialogue import Hear
    from omnisession_conformance.environment.proxy.link import Link

CHUNK = b"PUB a 65536\r\n" + bytes(65536) + b"\r\n"
KERNEL = 16 << 20
"""What the buffers of sockets between may hold beside."""


async def write_until_full(client: Bare) -> int:
    """Write until nobody takes more for a while, and tell how much that was."""
    written = 0
    try:
        while written < 4 * (MOST_WAITING + KERNEL):
            client.say(CHUNK)
            written += len(CHUNK)
            async with asyncio.timeout(0.2):
                await client.writer.drain()
    except TimeoutError:
        pass
    return written


@pytest.mark.parametrize("parsed", [False, True])
@pytest.mark.parametrize("held", [False, True])
def test_who_writes_waits_for_who_reads(parsed: bool, held: bool) -> None:
    async def play() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url, parsed=parsed) as proxy,
            bare(proxy.url) as client,
        ):
            server = await broker.behind()
            shaking = asyncio.create_task(shaken(client))
            await server.until(b"PING")
            server.say(b"PONG\r\n")
            await shaking
            wrong = proxy.apply(Hold()) if held else None
            written = await write_until_full(client)
            assert written < MOST_WAITING + KERNEL
            if wrong is not None:
                wrong.end()
            assert await server.reader.readexactly(written) == CHUNK * (written // len(CHUNK))

    played(play)


def test_who_watches_answers_in_the_broker_s_place() -> None:
    async def play() -> None:
        heard: list[tuple[int, str]] = []

        def watch(link: Link) -> Hear:
            def hear(side: Side, op: Op) -> Sequence[Say] | None:
                if side is Side.CLIENT:
                    heard.append((link.number, type(op).__name__))
                if not isinstance(op, Pub) or not op.reply:
                    return None
                (to,) = link.dialogue.subscriptions.matching(op.reply)
                return (Say(side, no_responders(op.reply, to.sid, op.subject)),)

            return hear

        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url, watch=watch) as proxy,
            bare(proxy.url) as client,
        ):
            assert (await client.line()).startswith(b"INFO ")
            client.say(b"CONNECT {}\r\nSUB _INBOX.* 4\r\nPUB a _INBOX.1 2\r\n{}\r\nPUB b 0\r\n\r\n")
            assert await client.lines(5) == [
                *(b"HMSG _INBOX.1 4 33 33", b"NATS/1.0 503", b"Nats-Subject: a", b"", b""),
            ]
            server = await broker.behind()
            assert await server.lines(3) == [b"CONNECT {}", b"SUB _INBOX.* 4", b"PUB b 0"]
            assert heard == [(0, "Connect"), (0, "Sub"), (0, "Pub"), (0, "Pub")]

    played(play)


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_ends_both_sides_by_fin_or_by_rst(reset: bool) -> None:
    async def play() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url) as proxy,
            bare(proxy.url) as client,
        ):
            server = await broker.behind()
            assert (await client.line()).startswith(b"INFO ")
            proxy.apply(Cut(reset=reset))
            for one in (client, server):
                with pytest.raises(ConnectionResetError) if reset else contextlib.nullcontext():
                    assert await one.reader.read() == b""

    played(play)


def test_what_is_put_in_stands_behind_what_has_passed() -> None:
    async def play() -> None:
        def watch(link: Link) -> Hear:
            def hear(_: Side, op: Op) -> None:
                if isinstance(op, Sub) and op.sid == b"2":
                    link.say(Side.BROKER, b"SUB put.in 9\r\n")

            return hear

        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url, watch=watch) as proxy,
            bare(proxy.url) as client,
        ):
            client.say(b"SUB a 1\r\nSUB b 2\r\nSUB c 3\r\n")
            server = await broker.behind()
            told = [await server.line() for _ in range(4)]
            assert told == [b"SUB a 1", b"SUB put.in 9", b"SUB b 2", b"SUB c 3"]

    played(play)


def test_who_watches_may_cut() -> None:
    async def play() -> None:
        heard: list[Op] = []

        def watch(link: Link) -> Hear:
            def hear(side: Side, op: Op) -> None:
                if side is Side.CLIENT:
                    heard.append(op)
                    link.cut()

            return hear

        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url, watch=watch) as proxy,
            bare(proxy.url) as client,
        ):
            await broker.behind()
            client.say(b"SUB a 1\r\nPING\r\n")
            await client.ended()
            await proxy.until(lambda: not proxy.links)
            assert [type(op) for op in heard] == [Sub]

    played(play)


def test_a_watcher_that_fails_ends_more_than_its_connection() -> None:
    async def play() -> None:
        def watch(_: Link) -> Hear:
            def hear(_: Side, op: Op) -> None:
                if isinstance(op, Ping):
                    raise ZeroDivisionError

            return hear

        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url, watch=watch) as proxy,
            bare(proxy.url) as client,
        ):
            await broker.behind()
            client.say(b"PING\r\n")
            await client.ended()
            await proxy.until(lambda: False)

    with pytest.raises(ZeroDivisionError):
        played(play)


def test_a_broker_that_turns_to_tls_makes_it_unfit() -> None:
    async def play() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url) as proxy,
            bare(proxy.url) as client,
        ):
            (await broker.behind()).say(b'INFO {"tls_required":true}\r\n')
            await client.ended()

    with pytest.raises(BrokerError, match="asks for TLS"):
        played(play)


@pytest.mark.parametrize("names_others", [False, True])
def test_after_the_handshake_only_a_broker_that_names_others_is_read(names_others: bool) -> None:
    urls = b'"connect_urls":["10.0.0.1:4222"],' if names_others else b""
    later = b'INFO {"connect_urls":["10.0.0.2:4222"]}\r\n'

    async def play() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in(INFO.replace(b"{", b"{" + urls)) as broker,
            faulty_proxy(broker.url) as proxy,
            bare(proxy.url) as client,
        ):
            server = await broker.behind()
            # A line that is not whole when reading ends is not lost.
            client.say(b'CONNECT {"name":"a"}\r\nPING\r\nPUB a')
            assert b"10.0.0.1" not in await client.line()
            assert (await server.lines(2))[1] == b"PING"
            server.say(b"PONG\r\n")
            assert await client.line() == b"PONG"
            assert (await proxy.connected("a")).number == 0
            client.say(b" 0\r\n\r\n")
            assert await server.line() == b"PUB a 0"
            server.say(later)
            assert (b"10.0.0.2" in await client.line()) is not names_others

    played(play)


def test_small_writes_go_at_once() -> None:
    async def play() -> None:
        async with stand_in() as broker, faulty_proxy(broker.url) as proxy, bare(proxy.url):
            await broker.behind()
            (link,) = proxy.links
            for end in (link.client, link.broker):
                transport = end._transport  # pyright: ignore[reportPrivateUsage]
                assert transport is not None
                option = transport.get_extra_info("socket").getsockopt
                assert option(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    played(play)


class Shouted:
    """Clients that say each byte twice, and hear each byte twice."""

    over = False

    def __init__(self) -> None:
        self._half = b""

    def receive(self, data: bytes) -> tuple[bytes, bytes]:
        whole = self._half + data
        even = len(whole) // 2 * 2
        self._half = whole[even:]
        return whole[:even:2], b""

    def send(self, data: bytes) -> bytes:
        return bytes(byte for one in data for byte in (one, one))


def test_nats_may_stand_in_other_bytes() -> None:
    async def play() -> None:
        async with (
            asyncio.timeout(PATIENCE_S),
            stand_in() as broker,
            faulty_proxy(broker.url, framing=Shouted) as proxy,
            bare(proxy.url) as client,
        ):
            server = await broker.behind()
            assert (await client.reader.readexactly(10)) == b"IINNFFOO  "
            await client.reader.readuntil(b"\r\r\n\n")
            client.say(b"SSUUBB  aa  11\r\r\n")
            await asyncio.sleep(0)
            client.say(b"\n")
            assert await server.line() == b"SUB a 1"

    played(play)
