"""What a link needs of the proxy that it is a part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from random import Random

    from omnisession_conformance.environment.proxy.dialogue import Hear
    from omnisession_conformance.environment.proxy.end import Framing
    from omnisession_conformance.environment.proxy.info import Door
    from omnisession_conformance.environment.proxy.link import Link
    from omnisession_conformance.environment.proxy.parser import Sizes


class Around(Protocol):
    """What a link is a part of."""

    @property
    def door(self) -> Door:
        """Where clients find it."""
        ...

    @property
    def sizes(self) -> Sizes:
        """What is kept of an operation."""
        ...

    @property
    def chance(self) -> Random:
        """What is drawn comes of it."""
        ...

    def framing(self) -> Framing | None:
        """How bytes of NATS stand in those of a client's socket, if not as they are."""
        ...

    def hearer(self, link: Link) -> Hear | None:
        """Who hears what is said on a link."""
        ...

    @property
    def parsed(self) -> bool:
        """Whether all that is said is read, and not only what has to be."""
        ...

    async def dial(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Connect to the broker; OSError where that is not to be had."""
        ...

    def changed(self, link: Link) -> None:
        """Something has happened to a link."""
        ...

    def failed(self, error: Exception) -> None:
        """The proxy cannot do what it is for."""
        ...
