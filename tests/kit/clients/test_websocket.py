"""The gate before a client that speaks WebSocket: what stands in frames, wherever they end."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import pytest
from tests.kit.clients.adapters import played
from tests.kit.proxy.peers import HELLO, PATIENCE_S, Bare, stand_in
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    Pong,
    Request,
    TextMessage,
)
from wsproto.extensions import PerMessageDeflate

from omnisession_conformance.environment.draws import Chance
from omnisession_conformance.environment.proxy.operations import Side
from omnisession_conformance.roles.client.gate.counting import Count
from omnisession_conformance.roles.client.gate.gate import Gate, gate_to
from omnisession_conformance.roles.client.gate.websocket import WebSocket
from omnisession_conformance.roles.client.waiting import Bell

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from tests.kit.proxy.peers import StandIn
    from wsproto.events import Event

PIECES = [1, 2, 7, 50_000]
LONG = b"PUB a.b 70000\r\n" + bytes(range(256)) * 273 + b"x" * 112 + b"\r\n"


def client() -> WSConnection:
    return WSConnection(ConnectionType.CLIENT)


REQUEST = Request(host="127.0.0.1", target="/", extensions=[PerMessageDeflate()])


def opened(gate: WebSocket) -> WSConnection:
    """A client whose handshake is over."""
    one = client()
    said, answer = gate.receive(one.send(REQUEST))
    assert said == b""
    one.receive_data(answer)
    (accepted,) = one.events()
    assert isinstance(accepted, AcceptConnection)
    assert not accepted.extensions  # nothing is compressed
    return one


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", PIECES)
def test_frames_may_end_anywhere_and_so_may_the_bytes_of_the_socket(size: int) -> None:
    gate = WebSocket()
    one = opened(gate)
    framed = b"".join(one.send(BytesMessage(data=piece)) for piece in pieces(LONG * 2, 40_001))
    came = [gate.receive(piece) for piece in pieces(framed, size)]
    assert b"".join(said for said, _ in came) == LONG * 2
    assert {answer for _, answer in came} == {b""}


def test_a_message_may_come_in_many_frames_with_pings_between_them() -> None:
    gate = WebSocket()
    one = opened(gate)
    drawn = Chance(7)
    framed = b""
    for at, piece in enumerate(pieces(LONG, 4_096)):
        framed += one.send(BytesMessage(data=piece, message_finished=False))
        framed += one.send(Ping(payload=b"%d" % at))
    framed += one.send(BytesMessage(data=b"", message_finished=True))
    said = answers = b""
    while framed:
        size = drawn.randrange(1, 5_000)
        more, answer = gate.receive(framed[:size])
        said, answers, framed = said + more, answers + answer, framed[size:]
    assert said == LONG
    one.receive_data(answers)
    told = list(one.events())
    assert told == [Pong(payload=b"%d" % at) for at in range(len(told))]
    assert len(told) == len(pieces(LONG, 4_096))


def test_text_is_taken_as_a_broker_takes_it() -> None:
    gate = WebSocket()
    one = opened(gate)
    assert gate.receive(one.send(TextMessage(data="PUB a.b 2\r\né\r\n"))) == (
        "PUB a.b 2\r\né\r\n".encode(),
        b"",
    )


def test_what_the_broker_says_first_waits_for_the_handshake() -> None:
    gate, one = WebSocket(), client()
    assert gate.send(b"INFO {}\r\n") == b""
    asked = one.send(REQUEST)
    assert gate.receive(asked[:20]) == (b"", b"")
    said, answer = gate.receive(asked[20:])
    one.receive_data(answer + gate.send(b"PING\r\n"))
    heard = [event for event in one.events() if isinstance(event, BytesMessage)]
    assert [bytes(event.data) for event in heard] == [b"INFO {}\r\n", b"PING\r\n"]
    assert said == b""


def test_a_close_frame_is_answered_and_is_the_end() -> None:
    gate = WebSocket()
    one = opened(gate)
    last = one.send(BytesMessage(data=b"PING\r\n")) + one.send(CloseConnection(code=1000))
    said, answer = gate.receive(last + b"more")
    assert (said, gate.over) == (b"PING\r\n", True)
    one.receive_data(answer)
    assert [type(event) for event in one.events()] == [CloseConnection]
    assert gate.send(b"PONG\r\n") == b""
    assert gate.receive(b"more") == (b"", b"")


@pytest.mark.parametrize(
    "garbage",
    [
        b'CONNECT {"verbose":false}\r\n\r\n',
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nx: " + b"y" * 100_000,
    ],
)
def test_what_is_no_handshake_is_refused(garbage: bytes) -> None:
    gate = WebSocket()
    assert gate.send(b"INFO {}\r\n") == b""
    said, answer = gate.receive(garbage)
    assert (said, gate.over) == (b"", True)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"INFO" not in answer


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\x82\x02hi", id="not masked"),
        pytest.param(b"\xff\xff\xff\xff", id="no frame"),
        pytest.param(b"\x81\x82\x00\x00\x00\x00\xff\xff", id="text that is none"),
    ],
)
def test_what_is_no_frame_is_the_end(garbage: bytes) -> None:
    gate = WebSocket()
    one = opened(gate)
    said, answer = gate.receive(garbage)
    assert (said, gate.over) == (b"", True)
    one.receive_data(answer)
    (closed,) = one.events()
    assert isinstance(closed, CloseConnection)
    assert closed.code in (1002, 1007)


# Below, the whole gate.


class Peer(Protocol):
    """Who is spoken to line by line."""

    async def line(self) -> bytes: ...

    def say(self, data: bytes) -> None: ...


class Web:
    """A client by WebSocket: NATS by lines, whatever the frames are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._raw, self._writer = reader, writer
        self._connection = client()
        self._nats = asyncio.StreamReader()
        self._raw_say(REQUEST)
        self._reading = asyncio.create_task(self._read())

    def _raw_say(self, event: Event) -> None:
        self._writer.write(self._connection.send(event))

    def say(self, data: bytes) -> None:
        self._raw_say(BytesMessage(data=data))

    def say_partly(self, data: bytes, *, without: int) -> None:
        self._writer.write(self._connection.send(BytesMessage(data=data))[:-without])

    def leave(self) -> None:
        self._raw_say(CloseConnection(code=1000))

    async def line(self) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            return (await self._nats.readline()).rstrip(b"\r\n ")

    async def ended(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._reading

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await self._raw.read(1 << 16):
                self._connection.receive_data(data)
                for event in self._connection.events():
                    if isinstance(event, BytesMessage):
                        self._nats.feed_data(bytes(event.data))
        self._nats.feed_eof()


@contextlib.asynccontextmanager
async def gated() -> AsyncGenerator[tuple[Gate, StandIn]]:
    async with stand_in() as broker, gate_to(broker.url, Bell(), by_websocket=True) as gate:
        await broker.clients.get()  # the gate has looked whether it is there
        yield gate, broker


@contextlib.asynccontextmanager
async def through(gate: Gate, broker: StandIn) -> AsyncGenerator[tuple[Web, Bare]]:
    """A client that is connected, and what the broker has of it."""
    place = urlsplit(gate.url)
    assert place.scheme == "ws"
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    web = Web(reader, writer)
    try:
        info = await web.line()
        assert info.startswith(b"INFO ")
        assert str(place.port).encode() in info  # the gate's own
        web.say(HELLO[:10])
        web.say(HELLO[10:])
        behind = await broker.clients.get()
        await behind.until(b"PING")
        behind.say(b"PONG\r\n")
        assert await web.line() == b"PONG"
        yield web, behind
    finally:
        writer.transport.abort()
        await web.ended()


async def heard(peer: Peer, number: int) -> Sequence[bytes]:
    return [await peer.line() for _ in range(number)]


def test_what_passes_is_seen_and_counted() -> None:
    async def play() -> None:
        async with gated() as (gate, broker), through(gate, broker) as (web, behind):
            web.say(b"SUB session.ann.s-1.* 7\r\nPI")
            web.say(b"NG\r\n")
            assert await heard(behind, 2) == [b"SUB session.ann.s-1.* 7", b"PING"]
            behind.say(b"PONG\r\nMSG session.ann.s-1.state 7 2\r\nhi\r\n")
            assert (await heard(web, 3))[2] == b"hi"
            assert gate.counted("ann", "s-1") == Count(1)
            assert [one.subject for one in gate.seen if one.subject] == ["session.ann.s-1.*"]

    played(play)


def test_a_client_is_asked_as_over_plain_tcp() -> None:
    async def play() -> None:
        async with gated() as (gate, broker), through(gate, broker) as (web, _):
            asking = asyncio.create_task(gate.ask(Side.CLIENT))
            assert await web.line() == b"PING"
            assert not asking.done()
            web.say(b"PONG\r\n")
            await asking

    played(play)


def test_nobody_is_there_as_over_plain_tcp() -> None:
    async def play() -> None:
        async with gated() as (gate, broker), through(gate, broker) as (web, behind):
            web.say(b"SUB _INBOX.* 8\r\nPING\r\n")
            await behind.until(b"PING")
            behind.say(b"PONG\r\n")
            assert await web.line() == b"PONG"
            with gate.nobody_there():
                web.say(b"PUB a.b _INBOX.1 2\r\nhi\r\n")
                assert (await heard(web, 2))[1] == b"NATS/1.0 503"

    played(play)


def test_a_stall_keeps_back_and_lets_go() -> None:
    async def play() -> None:
        async with gated() as (gate, broker), through(gate, broker) as (web, behind):
            with gate.stalling():
                behind.say(b"PING\r\n")
                waiting = asyncio.create_task(web.line())
                web.say(b"PUB a.b 2\r\nhi\r\n")
                await gate.bell.until(lambda: gate.published("") or None, within_s=PATIENCE_S)
                assert not waiting.done()
            assert await waiting == b"PING"
            assert await heard(behind, 2) == [b"PUB a.b 2", b"hi"]

    played(play)


@pytest.mark.parametrize("reset", [False, True])
def test_a_cut_in_the_middle_of_a_frame_ends_both(reset: bool) -> None:
    async def play() -> None:
        async with gated() as (gate, broker), through(gate, broker) as (web, behind):
            web.say_partly(b"PUB a.a 0\r\n\r\n" + LONG, without=30_000)
            assert await heard(behind, 2) == [b"PUB a.a 0", b""]
            gate.cut(reset=reset)
            await web.ended()
            await behind.ended()
            async with through(gate, broker) as (again, _):
                again.say(b"PUB a.c 0\r\n\r\n")
                await gate.bell.until(
                    lambda: [one for one in gate.seen if one.subject == "a.c"] or None,
                    within_s=PATIENCE_S,
                )
            assert gate.connections == 2

    played(play)


def test_a_client_that_leaves_by_a_close_frame_is_gone() -> None:
    async def play() -> None:
        async with gated() as (gate, broker), through(gate, broker) as (web, behind):
            web.leave()
            await behind.ended()
            behind.close()
            await web.ended()
            assert await gate.bell.until(lambda: not gate.links or None, within_s=PATIENCE_S)

    played(play)


def test_a_client_that_speaks_plain_nats_is_turned_away_and_seen() -> None:
    async def play() -> None:
        async with gated() as (gate, broker):
            place = urlsplit(gate.url)
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(HELLO + b"\r\n")
            async with asyncio.timeout(PATIENCE_S):
                assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
                behind = await broker.clients.get()
                await behind.ended()
                behind.close()
                await reader.read()
            writer.close()
            assert gate.connections == 1
            assert not gate.connected

    played(play)
