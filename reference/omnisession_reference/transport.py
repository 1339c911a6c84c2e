"""The stream to the broker, as the library has it, but for what asyncio would write into the log.

The library starts TLS on a protocol made for a plain stream: asyncio warns at each connection's end.
"""

import asyncio
import ssl
from urllib.parse import ParseResult

from nats.aio.transport import TcpTransport


class _OverTls(asyncio.StreamReaderProtocol):
    """No side of TLS can close its half of the connection alone."""

    def eof_received(self) -> bool:
        super().eof_received()
        return False


class StreamTransport(TcpTransport):
    """A connection over TCP, with TLS where that is asked for."""

    def __bool__(self) -> bool:
        """Whether it may be used: the library would replace one that may not."""
        return True

    async def connect_tls(
        self,
        uri: str | ParseResult,
        ssl_context: ssl.SSLContext,
        buffer_size: int,
        connect_timeout: int,
    ) -> None:
        """Make the handshake; raises OSError and TimeoutError."""
        loop, plain = asyncio.get_running_loop(), self._bare_io_writer
        if plain is None:
            raise ConnectionError
        reader = asyncio.StreamReader(buffer_size, loop)
        protocol = _OverTls(reader)
        host = uri if isinstance(uri, str) else uri.hostname
        async with asyncio.timeout(connect_timeout):
            transport = await loop.start_tls(
                plain.transport, protocol, ssl_context, server_hostname=host
            )
        if transport is None:
            raise ConnectionError
        self._io_reader = reader
        self._io_writer = asyncio.StreamWriter(transport, protocol, reader, loop)
