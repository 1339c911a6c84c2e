"""Messages are read as the broker writes them; everything else is the library's affair."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from nats.errors import ProtocolError
from nats.protocol.parser import Parser

from omnisession_conformance.traffic.parser import MessageParser

PLAIN = (
    b'INFO {"server_id":"s"}\r\n'
    b"PING\r\n"
    b"MSG a.b 1 2\r\n{}\r\n"
    b"MSG a.b 12 _INBOX.x 0\r\n\r\n"
    b"+OK\r\n"
    b"HMSG a.b 3 12 14\r\nNATS/1.0\r\n\r\n{}\r\n"
    b"HMSG a.b 3 _INBOX.y 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"
    b"MSG\ta.b \t4  11\r\nMSG b 1 2\r\n\r\n"
    b"-ERR 'Permissions Violation'\r\n"
    b"PONG\r\n"
)
"""What both read alike."""


@dataclass
class Client:
    """Keeps what a parser tells a client."""

    told: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])

    async def deliver(self, *message: Any) -> None:
        self.told.append(("message", *message))

    _process_msg = deliver

    async def _process_err(self, text: str) -> None:
        self.told.append(("error", text))

    async def _process_ping(self) -> None:
        self.told.append(("ping",))

    async def _process_pong(self) -> None:
        self.told.append(("pong",))

    async def _process_info(self, info: object) -> None:
        self.told.append(("info", info))


def ours(client: Client) -> Parser:
    parser = MessageParser(client)
    parser.deliver = client.deliver
    return parser


def parsed(parser: Parser, *parts: bytes) -> None:
    async def parse() -> None:
        for part in parts:
            await parser.parse(part)

    asyncio.run(parse())


def test_it_reads_what_the_library_reads() -> None:
    mine, theirs = Client(), Client()
    parsed(ours(mine), PLAIN)
    parsed(Parser(theirs), PLAIN)
    assert mine.told == theirs.told
    assert [told[0] for told in mine.told] == [
        *("info", "ping", "message", "message", "message", "message", "message", "error", "pong")
    ]


def test_bytes_may_come_in_any_parts() -> None:
    whole = Client()
    parsed(ours(whole), PLAIN)
    for size in range(1, 40):
        pieces = Client()
        parsed(ours(pieces), *(PLAIN[at : at + size] for at in range(0, len(PLAIN), size)))
        assert pieces.told == whole.told, size


@pytest.mark.parametrize(
    ("line", "subject", "reply"),
    [
        (b"MSG odd\x0csubject 1 2\r\n{}\r\n", b"odd\x0csubject", b""),
        (b"MSG odd\x0bsubject 1 odd\x0creply 2\r\n{}\r\n", b"odd\x0bsubject", b"odd\x0creply"),
        (b"MSG user.\xff 1 2\r\n{}\r\n", b"user.\xff", b""),
    ],
)
def test_a_word_ends_at_a_space_or_a_tab_only(line: bytes, subject: bytes, reply: bytes) -> None:
    client = Client()
    parsed(ours(client), line, line)
    assert client.told == [("message", 1, subject, reply, b"{}", None)] * 2


def test_the_library_itself_still_stumbles() -> None:
    with pytest.raises(ProtocolError):
        parsed(Parser(Client()), b"MSG odd\x0csubject 1 2\r\n{}\r\n")


@pytest.mark.parametrize(
    "line",
    [
        b"MSG a 1\r\n",
        b"MSG a one 2\r\n",
        b"HMSG a 1 2\r\n",
        b"HELLO\r\n",
        b"\n",
        b"X" * 5_000 + b"\r\n",
    ],
)
def test_what_is_no_line_of_the_protocol(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        parsed(ours(Client()), line)


def test_a_new_connection_begins_with_nothing_of_the_old() -> None:
    client = Client()
    parser = ours(client)
    for rest in (b"MSG a 1 5\r\n{", b"PI"):
        parsed(parser, rest)
        parser.reset()
    parsed(parser, b"PING\r\n")
    assert client.told == [("ping",)]
