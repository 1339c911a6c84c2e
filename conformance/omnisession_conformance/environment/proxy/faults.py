"""What is wrong with a wire: values, so that they can be drawn, shown and played again.

A fault without `for_ms` lasts until it is ended by hand. `to_broker` and `to_client` say which way it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from omnisession_conformance.environment.proxy.operations import Side

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Way:
    """How bytes get to one side: late, by chance later still, not for now, or not at all."""

    delay_ms: float = 0
    jitter_ms: float = 0
    held: bool = False
    lost: bool = False


CLEAR = Way()


@dataclass(frozen=True, slots=True)
class Delay:
    """Everything comes later by as much, and by up to `jitter_ms` more, in its order all the same."""

    to_broker_ms: float = 0
    to_client_ms: float = 0
    jitter_ms: float = 0
    for_ms: float | None = None

    def way(self, to: Side) -> Way:
        """How bytes get to a side."""
        delay_ms = self.to_broker_ms if to is Side.BROKER else self.to_client_ms
        return Way(delay_ms, self.jitter_ms)


@dataclass(frozen=True, slots=True)
class Hold:
    """Bytes wait, as on a line that stalls, and come in their order when that is over.

    Little of it waits here: then the one who writes cannot go on.
    """

    to_broker: bool = True
    to_client: bool = True
    for_ms: float | None = None

    def way(self, to: Side) -> Way:
        """How bytes get to a side."""
        return Way(held=self.to_broker if to is Side.BROKER else self.to_client)


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """Bytes vanish, and so does the end of the other side, while both believe that they are connected.

    A cut ends it, since a stream never loses its middle and goes on.
    """

    to_broker: bool = True
    to_client: bool = True
    for_ms: float | None = None

    def way(self, to: Side) -> Way:
        """How bytes get to a side."""
        return Way(lost=self.to_broker if to is Side.BROKER else self.to_client)


@dataclass(frozen=True, slots=True)
class Doubled:
    """The client loses its connection, and the broker does not know: it sends on, to nobody.

    When the client is back the broker knows two connections of it, until a cut ends the old one.
    """

    for_ms: float | None = None

    def way(self, to: Side) -> Way:
        """How bytes get to a side: what the client wrote before still comes to the broker."""
        return Way(lost=to is Side.CLIENT)


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends on both sides, and what is under way is lost: by FIN, or with `reset` by RST."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Outage:
    """All connections are cut and nobody gets a new one, as while a broker is started again.

    New ones are refused; or, as by what stands before a broker that is gone, taken and closed.
    """

    refused: bool = True
    for_ms: float | None = None


Lasting: TypeAlias = Delay | Hold | HalfOpen | Doubled
"""What is wrong with a connection for a while."""
Fault: TypeAlias = Lasting | Cut | Outage


def together(faults: Iterable[Lasting], to: Side) -> Way:
    """How bytes get to a side when several things are wrong at once."""
    ways = [fault.way(to) for fault in faults]
    if not ways:
        return CLEAR
    return Way(
        sum(way.delay_ms for way in ways),
        sum(way.jitter_ms for way in ways),
        any(way.held for way in ways),
        any(way.lost for way in ways),
    )
