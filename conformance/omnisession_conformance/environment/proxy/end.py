"""One end of a link: a socket, and how bytes of NATS stand in it.

A `Framing` that knows WebSocket, say, stands here between the two, and nothing else is changed by it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Protocol, cast

_RESET = struct.pack("ii", 1, 0)
"""The option of a socket that does not linger: closed, it sends RST."""


class Framing(Protocol):
    """How bytes of NATS stand in those of a socket; knows neither socket nor clock."""

    @property
    def over(self) -> bool:
        """Whether the other side has said its last below NATS, though its socket is open."""
        ...

    def receive(self, data: bytes) -> tuple[bytes, bytes]:
        """What bytes of the socket say, and what is answered to them below NATS."""
        ...

    def send(self, data: bytes) -> bytes:
        """The bytes of the socket that say this."""
        ...


class Owner(Protocol):
    """Who is told what happens at an end."""

    def opened(self, end: End) -> None:
        """It is connected."""
        ...

    def came(self, end: End, data: bytes) -> None:
        """Bytes of NATS have come."""
        ...

    def finished(self, end: End) -> None:
        """The other side says no more."""
        ...

    def gone(self, end: End) -> None:
        """It is closed."""
        ...

    def steered(self, end: End) -> None:
        """It can take more bytes, or no more: see `full`."""
        ...


class End(asyncio.Protocol):
    """A socket that is read and written; reading may wait."""

    def __init__(self, owner: Owner, framing: Framing | None = None) -> None:
        self.full = False
        """Whether the one who reads there is slower than what is written."""
        self._owner = owner
        self._framing = framing
        self._transport: asyncio.Transport | None = None
        self._reading = True

    @property
    def open(self) -> bool:
        """Whether bytes can be written."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def there(self) -> bool:
        """Whether it is connected and not wholly closed."""
        return self._transport is not None

    def write(self, data: bytes) -> None:
        """Write bytes of NATS; nobody hears them where it is closed."""
        if self._transport is not None and self.open:
            self._transport.write(data if self._framing is None else self._framing.send(data))

    def read_on(self, on: bool) -> None:
        """Read, or leave what comes where it is."""
        if self._transport is None or on == self._reading or not self.open:
            return
        self._reading = on
        (self._transport.resume_reading if on else self._transport.pause_reading)()

    def close(self) -> None:
        """Close it when all is written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self, *, reset: bool = False) -> None:
        """Close it now."""
        if self._transport is None:
            return
        if reset and (raw := self._transport.get_extra_info("socket")) is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        framing = self._framing
        if framing is None:
            self._owner.came(self, data)
            return
        if framing.over:
            return
        data, answer = framing.receive(data)
        if answer and self._transport is not None:
            self._transport.write(answer)
        if data:
            self._owner.came(self, data)
        if framing.over:
            self._owner.finished(self)

    def eof_received(self) -> bool:
        """See asyncio.Protocol; what is under way to it is still written."""
        self._owner.finished(self)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        del exc
        self._transport = None
        self._owner.gone(self)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        self.full = True
        self._owner.steered(self)

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        self.full = False
        self._owner.steered(self)
