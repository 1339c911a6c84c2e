"""A way to a broker that can be cut."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.environment.proxy.faults import Cut
from omnisession_conformance.environment.proxy.proxy import faulty_proxy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from omnisession_conformance.environment.proxy.link import Link
    from omnisession_conformance.environment.proxy.proxy import Proxy


@dataclass
class Gate:
    """A proxy, and how often a client has connected through it."""

    proxy: Proxy
    connections: int = 0

    @property
    def url(self) -> str:
        return self.proxy.url

    def cut(self) -> None:
        """End every connection at once."""
        self.proxy.apply(Cut())


@contextlib.asynccontextmanager
async def gate_to(url: str) -> AsyncGenerator[Gate]:
    """Hand everything on to a broker, both ways."""
    connected: list[Link] = []

    def connects(link: Link) -> None:
        connected.append(link)
        gate.connections = len(connected)

    async with faulty_proxy(url, on_connect=connects) as proxy:
        gate = Gate(proxy)
        yield gate
