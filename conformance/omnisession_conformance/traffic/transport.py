"""The stream to the broker, as nats-py has it, but for what it would have asyncio write on the terminal.

The library starts TLS on a protocol that was made for a plain stream, and asyncio warns on standard error
whenever a broker closes such a connection.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nats.aio.transport import TcpTransport

if TYPE_CHECKING:
    import ssl
    from urllib.parse import ParseResult


class _OverTls(asyncio.StreamReaderProtocol):
    """Feeds a reader with what came over TLS, where no side can close its half alone."""

    def eof_received(self) -> bool:
        """Note the end; the transport closes itself."""
        super().eof_received()
        return False


class StreamTransport(TcpTransport):
    """A connection over TCP, with TLS where that is asked for."""

    def __bool__(self) -> bool:
        """Whether it may be used: the library makes one of its own in the place of one that may not."""
        return True

    async def connect_tls(
        self,
        uri: str | ParseResult,
        ssl_context: ssl.SSLContext,
        buffer_size: int,
        connect_timeout: int,
    ) -> None:
        """Make the handshake on the connection that is there; raises OSError and TimeoutError."""
        loop, plain = asyncio.get_running_loop(), self._bare_io_writer
        if plain is None:
            raise ConnectionError("there is no connection to start TLS on")
        reader = asyncio.StreamReader(buffer_size, loop)
        protocol = _OverTls(reader)
        host = uri if isinstance(uri, str) else uri.hostname
        async with asyncio.timeout(connect_timeout):
            transport = await loop.start_tls(
                plain.transport, protocol, ssl_context, server_hostname=host
            )
        if transport is None:
            raise ConnectionError("the broker closed the connection in the TLS handshake")
        self._io_reader = reader
        self._io_writer = asyncio.StreamWriter(transport, protocol, reader, loop)
