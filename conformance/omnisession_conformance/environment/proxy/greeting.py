"""Where the broker is that a proxy leads to, and whether what it says can be read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from omnisession_conformance.environment.address import (
    DEFAULT_PORT,
    OVER_TLS,
    WEB_SOCKETS,
    read_addresses,
)
from omnisession_conformance.environment.proxy.info import NO_TLS, read_info
from omnisession_conformance.environment.proxy.operations import Info
from omnisession_conformance.environment.proxy.parser import Parser
from omnisession_conformance.errors import BrokerError, UsageError, sentence

if TYPE_CHECKING:
    from omnisession_conformance.environment.address import Login
    from omnisession_conformance.environment.proxy.operations import Op

GREETED_WITHIN_S = 10.0
PAGE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker is, and the credentials of its address."""

    host: str
    port: int
    login: Login


def read_place(url: str) -> Place:
    """Read the address of one broker; UsageError where it is none that a proxy can lead to."""
    address, *more = read_addresses((url,), "the broker behind a proxy")
    if more:
        raise UsageError("A proxy leads to one broker: give each node of a cluster its own.")
    if address.scheme in OVER_TLS:
        raise UsageError(f"The broker behind a proxy is at {address.scheme}://. {NO_TLS}")
    if address.scheme in WEB_SOCKETS:
        raise UsageError(
            "A proxy speaks to its broker without WebSocket: name its port for nats://."
        )
    return Place(address.host, urlsplit(address.url).port or DEFAULT_PORT, address.login)


async def greeted(place: Place) -> None:
    """Connect once, and read what the broker says first; BrokerError where no proxy can stand before it."""
    where = f"the broker at {place.host}:{place.port}"
    try:
        async with asyncio.timeout(GREETED_WITHIN_S):
            op = await _first(place)
    except TimeoutError:
        op = None
    except OSError as error:
        raise BrokerError(f"A proxy cannot reach {where}: {sentence(error)}.") from error
    if op is None:
        raise BrokerError(
            f"A proxy hears nothing of {where}: with handshake_first it waits for TLS. {NO_TLS}"
        )
    if not isinstance(op, Info):
        raise BrokerError(f"What is at {place.host}:{place.port} does not begin as a nats-server.")
    read_info(op)


async def _first(place: Place) -> Op | None:
    reader, writer = await asyncio.open_connection(place.host, place.port)
    parser = Parser()
    try:
        while data := await reader.read(PAGE_BYTES):
            if ops := parser.feed(data):
                return ops[0]
    finally:
        writer.close()
    return None
