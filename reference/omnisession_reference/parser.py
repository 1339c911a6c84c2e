"""Reads what the broker sends: messages here, everything else with the library.

The broker ends the words of a control line at spaces and tabs alone, so a client can publish on a
subject with, say, a form feed in it. The library's own parser takes that for a broken line and drops
the connection.
"""

import re
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from nats.errors import ProtocolError
from nats.protocol.parser import Parser

# Takes subscription, subject, reply subject, payload and headers, of which there may be none.
Deliver = Callable[[int, bytes, bytes, bytes, bytes | None], Awaitable[None]]

_WORD = rb"[ \t]+([^ \t\n]+)"
_NUMBER = rb"[ \t]+([0-9]+)"
_TO = _WORD + _NUMBER + rb"(?:" + _WORD + rb")?"
_MSG = re.compile(rb"MSG" + _TO + _NUMBER + rb"\r\n")
_HMSG = re.compile(rb"HMSG" + _TO + _NUMBER + _NUMBER + rb"\r\n")
_LINE_END = b"\r\n"


class Head(NamedTuple):
    """The control line of a message; the bytes after it are headers first, and `size` in all."""

    subscription: int
    subject: bytes
    reply: bytes
    headers: int
    size: int


def read_head(line: bytes) -> Head:
    """Read the control line of a message; raises ProtocolError for what is none."""
    if match := _MSG.fullmatch(line):
        subject, subscription, reply, size = match.groups()
        return Head(int(subscription), subject, reply or b"", 0, int(size))
    if match := _HMSG.fullmatch(line):
        subject, subscription, reply, headers, size = match.groups()
        return Head(int(subscription), subject, reply or b"", int(headers), int(size))
    raise ProtocolError


class MessageParser(Parser):
    """The parser of one connection, which is to give it `deliver`; what it is fed may end anywhere."""

    deliver: Deliver

    def reset(self) -> None:
        """Begin anew, as a new connection does."""
        super().reset()
        self._unread = bytearray()
        self._head: Head | None = None

    async def parse(self, data: bytes = b"") -> None:
        """Take in bytes, and hand over what is whole with them."""
        self._unread.extend(data)
        while await (self._take_line() if self._head is None else self._take_body(self._head)):
            pass

    async def _take_line(self) -> bool:
        end = self._unread.find(b"\n") + 1
        if end == 0:
            return False
        line = bytes(self._unread[:end])
        del self._unread[:end]
        if line.startswith((b"MSG", b"HMSG")):
            self._head = read_head(line)
        else:
            await super().parse(line)
        return True

    async def _take_body(self, head: Head) -> bool:
        if len(self._unread) < head.size + len(_LINE_END):
            return False
        body = bytes(self._unread[: head.size])
        del self._unread[: head.size + len(_LINE_END)]
        self._head = None
        headers, payload = body[: head.headers] or None, body[head.headers :]
        await self.deliver(head.subscription, head.subject, head.reply, payload, headers)
        return True
