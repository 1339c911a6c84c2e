"""What the broker sends is read as the broker means it, and nats-py's own parser stays as it is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nats
import pytest
from nats.errors import ProtocolError
from nats.protocol.parser import Parser
from tests.reference.broker import PATIENCE_S, broker, publish_raw

from omnisession_reference.connection import Connection
from omnisession_reference.log import Log
from omnisession_reference.parser import Head, MessageParser, read_head

if TYPE_CHECKING:
    from omnisession_reference.wire import Incoming

HEADERS = b"NATS/1.0\r\ntraceparent: 00-1-2-01\r\n\r\n"
LARGE = bytes(range(256)) * 400

ORDINARY = b"".join(
    [
        b'INFO {"server_id":"a b","headers":true}\r\n',
        b"+OK\r\n",
        b"MSG a.b 1 0\r\n\r\n",
        b"MSG a.b 12 _INBOX.x 5\r\n{\r\n}\n\r\n",
        b"MSG\ta.b  12\t7 2\r\n{}\r\n",
        b"PING\r\n",
        b"HMSG a.b 3 %d %d\r\n%s{}\r\n" % (len(HEADERS), len(HEADERS) + 2, HEADERS),
        b"HMSG a.b 3 4 %d %d\r\n%s\r\n" % (len(HEADERS), len(HEADERS), HEADERS),
        b"PONG\r\n",
        b"MSG a.b 1 %d\r\n%s\r\n" % (len(LARGE), LARGE),
        b"-ERR 'Permissions Violation for Publish to \"x y\"'\r\n",
        b"MSG MSG 1 14\r\nMSG a.b 1 0\r\n \r\n",
    ]
)


class Heard:
    """A client that notes what its parser calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def _process_msg(self, *message: Any) -> None:
        self.calls.append(("msg", *message))

    async def _process_ping(self) -> None:
        self.calls.append(("ping",))

    async def _process_pong(self) -> None:
        self.calls.append(("pong",))

    async def _process_err(self, text: str) -> None:
        self.calls.append(("error", text))

    async def _process_info(self, info: dict[str, Any]) -> None:
        self.calls.append(("info", info))

    def own_parser(self) -> MessageParser:
        made = MessageParser(self)
        made.deliver = self._process_msg
        return made


def fed(heard: Heard, parser: Parser, data: bytes, step: int) -> list[tuple[Any, ...]]:
    """Feed a parser so many bytes at a time."""

    async def feed() -> None:
        for at in range(0, len(data), step):
            await parser.parse(data[at : at + step])

    asyncio.run(feed())
    return heard.calls


def own_calls(data: bytes, step: int) -> list[tuple[Any, ...]]:
    heard = Heard()
    return fed(heard, heard.own_parser(), data, step)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, 4096, 10**6])
def test_what_is_usual_is_read_as_the_library_reads_it(step: int) -> None:
    heard = Heard()
    usual = fed(heard, Parser(heard), ORDINARY, 10**6)
    assert [call[0] for call in usual].count("msg") == 7
    assert len(usual) == 11
    assert own_calls(ORDINARY, step) == usual


@pytest.mark.parametrize("step", [1, 5, 10**6])
@pytest.mark.parametrize("word", [b"a\x0bb", b"\x0c", b"\x00", b"\xff\xa0", b"a\x85\x1c\rb"])
def test_a_word_ends_at_spaces_and_tabs_alone(word: bytes, step: int) -> None:
    data = b"MSG %s 1 %s 2\r\n{}\r\nHMSG %s 1 %s 2 4\r\n\r\n{}\r\nPING\r\n" % ((word,) * 4)
    assert own_calls(data, step) == [
        ("msg", 1, word, word, b"{}", None),
        ("msg", 1, word, word, b"{}", b"\r\n"),
        ("ping",),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"MSG a 1\r\n",
        b"MSG a b 1\r\n",
        b"MSG a 1 -2\r\n",
        b"MSG a 1 b c 2\r\n",
        b"MSG a 1 2\n",
        b"MSG  1 2\r\n",
        b"HMSG a 1 2\r\n",
        b"HMSG a 1 b c 2 4\r\n",
        b"MSGS a 1 2\r\n",
    ],
)
def test_a_line_that_is_none_ends_the_connection(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        own_calls(line, 10**6)


def test_a_reply_may_look_like_a_number() -> None:
    assert read_head(b"MSG a 1 2 3\r\n") == Head(1, b"a", b"2", 0, 3)
    assert read_head(b"HMSG a 1 2 3\r\n") == Head(1, b"a", b"", 2, 3)
    assert read_head(b"HMSG a 1 2 3 4\r\n") == Head(1, b"a", b"2", 3, 4)


@pytest.mark.parametrize("cut", [b"MSG a 1", b"MSG a 1 5\r\nab", b"PI"])
def test_a_new_connection_begins_anew(cut: bytes) -> None:
    heard = Heard()
    parser = heard.own_parser()
    assert fed(heard, parser, cut, 1) == []
    parser.reset()
    assert fed(heard, parser, b"MSG b 2 1\r\nx\r\n", 1) == [("msg", 2, b"b", b"", b"x", None)]


LIBRARY_AS_IT_WAS = """
import asyncio, importlib, pkgutil
from nats.errors import ProtocolError
from nats.protocol import parser

before = dict(vars(parser))
kept = {name: dict(vars(value)) for name, value in before.items() if isinstance(value, type)}
for package in ("omnisession_reference", "omnisession_faults"):
    path = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(path, package + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            print(module.name)
changed = [name for name, value in vars(parser).items() if before.get(name) is not value]
assert not changed, changed
assert kept == {name: dict(vars(getattr(parser, name))) for name in kept}
try:
    asyncio.run(parser.Parser().parse(b"MSG \\x0c 1 2\\r\\n{}\\r\\n"))
except ProtocolError:
    print("the library's parser is its own")
"""


def test_the_library_stays_as_it_was() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIBRARY_AS_IT_WAS],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.splitlines()
    assert {"omnisession_reference.connection", "omnisession_reference.service"} <= set(told)
    assert told[-1] == "the library's parser is its own"


def test_a_connection_reads_whatever_is_published() -> None:
    async def scenario(url: str) -> list[Incoming]:
        heard: list[Incoming] = []
        everything = asyncio.Event()

        def receive(message: Incoming) -> None:
            heard.append(message)
            if message.data == b"last":
                everything.set()

        connection = Connection(Log("error"))
        connection.receive = receive
        await connection.connect(url)  # pyright: ignore[reportUnknownMemberType]
        await connection.take("t.*", "")
        await connection.flush()
        peer = await nats.connect(url)  # pyright: ignore[reportUnknownMemberType]
        trace = {"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
        await peer.publish("t.a", LARGE * 9, reply="_INBOX.a", headers=trace)
        await peer.publish("t.a", b"")
        async with asyncio.timeout(PATIENCE_S):
            while len(heard) < 2:
                await asyncio.sleep(0)
        await asyncio.to_thread(publish_raw, url, b"PUB t.\x0c\xff _INBOX.\x0b 2\r\n{}\r\n")
        await peer.publish("t.b", b"last", headers={"other": "x"})
        async with asyncio.timeout(PATIENCE_S):
            await everything.wait()
        await peer.close()
        await connection.close()
        return heard

    with broker() as url:
        heard = asyncio.run(scenario(url))
    assert [(m.subject, m.reply, m.data, m.trace is not None) for m in heard] == [
        ("t.a", "_INBOX.a", LARGE * 9, True),
        ("t.a", "", b"", False),
        ("t.\x0c\udcff", "_INBOX.\x0b", b"{}", False),
        ("t.b", "", b"last", False),
    ]
