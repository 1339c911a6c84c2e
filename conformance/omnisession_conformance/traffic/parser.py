"""Reads what the broker sends: messages here, every other line by nats-py's own parser.

Words of a control line end at spaces and tabs only: that is how the broker reads and writes them. The
library's patterns end them at any white space, and take a message on a subject with a form feed in it
for a broken line, which costs the connection.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from nats.errors import ProtocolError
from nats.protocol.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Deliver = Callable[[int, bytes, bytes, bytes, Any], Awaitable[None]]
    """Takes the number of a subscription, subject, reply subject, payload, and headers or None."""

_WORD = rb"[ \t]+([^ \t\r\n]+)"
_NUMBER = rb"[ \t]+([0-9]+)"
_TO = _WORD + _NUMBER + rb"(?:" + _WORD + rb")?"
_MSG = re.compile(rb"MSG" + _TO + _NUMBER + rb"\r\n")
_HMSG = re.compile(rb"HMSG" + _TO + _NUMBER + _NUMBER + rb"\r\n")
_OF_A_MESSAGE = (b"MSG", b"HMSG")
_LINE_END = b"\r\n"


class Head(NamedTuple):
    """What the control line of a message says: `size` bytes follow, the first of them are headers."""

    subscription: int
    subject: bytes
    reply: bytes
    headers: int
    size: int


class MessageParser(Parser):
    """The parser of one connection, which gives it `deliver`; what it is fed may end anywhere.

    Raises ProtocolError for a line that is none of the protocol.
    """

    deliver: Deliver

    def reset(self) -> None:
        """Begin anew, as a new connection does."""
        super().reset()
        self._unread = bytearray()
        self._head: Head | None = None

    async def parse(self, data: bytes = b"") -> None:
        """Take bytes in, and hand over every message and line that they complete."""
        self._unread += data
        while self._unread:
            if self._head is None:
                self._head = self._take_head()
            if self._head is None:
                if not await self._hand_on_line():
                    return
            elif len(self._unread) < self._head.size + len(_LINE_END):
                return
            else:
                await self.deliver(*self._take_message(self._head))

    def _take_head(self) -> Head | None:
        if match := _MSG.match(self._unread):
            subject, subscription, reply, size = match.groups()
            headers = b"0"
        elif match := _HMSG.match(self._unread):
            subject, subscription, reply, headers, size = match.groups()
        else:
            return None
        del self._unread[: match.end()]
        return Head(int(subscription), subject, reply or b"", int(headers), int(size))

    def _take_message(self, head: Head) -> tuple[int, bytes, bytes, bytes, bytes | None]:
        body = bytes(self._unread[: head.size])
        del self._unread[: head.size + len(_LINE_END)]
        self._head = None
        headers, payload = (
            (body[: head.headers], body[head.headers :]) if head.headers else (None, body)
        )
        return head.subscription, head.subject, head.reply, payload, headers

    async def _hand_on_line(self) -> bool:
        """Give the library a line that belongs to no message; tells whether there was a whole one."""
        end = self._unread.find(b"\n") + 1
        if not end:
            return False
        line = bytes(self._unread[:end])
        del self._unread[:end]
        if line.startswith(_OF_A_MESSAGE):
            raise ProtocolError
        await super().parse(line)
        if self.buf:
            # It would wait for the rest of a line that has come already.
            raise ProtocolError
        return True
