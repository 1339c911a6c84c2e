"""What client and broker say to each other: values, each with its exact bytes, and bytes made from values.

Words are bytes: subjects need not be UTF-8, and a broker compares ids of subscriptions as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

PING = b"PING\r\n"
PONG = b"PONG\r\n"
LINE_END = b"\r\n"


class Side(Enum):
    """One of the two that a wire is between."""

    CLIENT = "client"
    BROKER = "broker"

    @property
    def other(self) -> Side:
        """Who hears what this one says."""
        return Side.BROKER if self is Side.CLIENT else Side.CLIENT


@dataclass(frozen=True, slots=True)
class Info:
    """What a broker says of itself, first of all and whenever that changes; `text` is JSON."""

    raw: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Connect:
    """Who a client is; `text` is JSON."""

    raw: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    """Either side asks whether all that it said before was read."""

    raw: bytes = PING


@dataclass(frozen=True, slots=True)
class Pong:
    """Either side answers the oldest PING that it has not answered yet."""

    raw: bytes = PONG


@dataclass(frozen=True, slots=True)
class Ok:
    """The broker has taken an operation of a client that wants to be told so."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Err:
    """The broker has not taken it; `text` has its quotation marks."""

    raw: bytes
    text: bytes


@dataclass(frozen=True, slots=True)
class Sub:
    """A client begins to listen; `queue` is empty for a subscription of its own."""

    raw: bytes
    subject: bytes
    queue: bytes
    sid: bytes


@dataclass(frozen=True, slots=True)
class Unsub:
    """A client stops listening: at once, or when `most` messages have come altogether."""

    raw: bytes
    sid: bytes
    most: int | None


@dataclass(frozen=True, slots=True)
class _Carrying:
    """A line, and a body of `headers_size` bytes of headers and a payload, which stands at `body_at`."""

    raw: bytes
    subject: bytes
    reply: bytes
    body_at: int
    headers_size: int

    @property
    def headers(self) -> bytes:
        """The headers as they are written, their status line included; empty where there are none."""
        return self.raw[self.body_at : self.body_at + self.headers_size]

    @property
    def payload(self) -> bytes:
        """The body without its headers."""
        return self.raw[self.body_at + self.headers_size : -len(LINE_END)]


@dataclass(frozen=True, slots=True)
class Pub(_Carrying):
    """A client publishes: PUB, or HPUB where there are headers; `reply` is empty where there is none."""


@dataclass(frozen=True, slots=True)
class Msg(_Carrying):
    """The broker delivers to the subscription `sid`: MSG, or HMSG where there are headers."""

    sid: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no operation, and all that came behind them; `why` is a sentence.

    Nobody but the one who hears them can say what they mean, so there is no way back from here.
    """

    raw: bytes
    why: str


Op: TypeAlias = Info | Connect | Ping | Pong | Ok | Err | Sub | Unsub | Pub | Msg | Unreadable


def message(
    subject: bytes, sid: bytes, payload: bytes = b"", *, reply: bytes = b"", headers: bytes = b""
) -> bytes:
    """What a broker writes to deliver a message; `headers` are whole, with their status line."""
    words = [b"HMSG" if headers else b"MSG", subject, sid]
    if reply:
        words.append(reply)
    if headers:
        words.append(b"%d" % len(headers))
    words.append(b"%d" % (len(headers) + len(payload)))
    return b" ".join(words) + LINE_END + headers + payload + LINE_END


def no_responders(inbox: bytes, sid: bytes, asked: bytes = b"") -> bytes:
    """What a broker writes to `inbox` when nobody listens to the subject that was `asked`."""
    named = b"Nats-Subject: " + asked + LINE_END if asked else b""
    return message(inbox, sid, headers=b"NATS/1.0 503\r\n" + named + LINE_END)
