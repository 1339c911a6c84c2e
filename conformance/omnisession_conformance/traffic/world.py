"""What is known of the broker that the kit is connected to, by its own words and by trying it.

Nothing here comes from a target. What keeps every server from being judged there is told before the run;
what the broker cannot tell is left out of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_conformance.traffic.connection import CONNECT_TIMEOUT_S, connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.traffic.connection import OrderedClient

OLDEST = (2, 10)
"""The oldest nats-server that the kit is tried on in each of its own test runs."""
TRACING_SINCE = (2, 11)
LEAST_PAYLOAD = 1_048_576
"""A state may hold 786 432 bytes, and headers count: the protocol's limits are made for 1 MiB."""
LEAST_CONTROL_LINE = 512
"""Bytes of subject and reply subject: with ids of the longest tokens, and longer ones on purpose."""


@dataclass(frozen=True, slots=True)
class World:
    """A broker, as a client sees it.

    `max_payload` is in bytes. `takes_headers` is whether it takes messages with headers, and `cluster` the
    name of the cluster that it belongs to, if any. `long_lines` is whether it takes the subjects that the
    protocol allows.
    """

    version: tuple[int, int, int] = (0, 0, 0)
    max_payload: int = LEAST_PAYLOAD
    takes_headers: bool = True
    cluster: str = ""
    long_lines: bool = True

    @property
    def name(self) -> str:
        """What people call it."""
        return f"nats-server {'.'.join(map(str, self.version))}"

    @property
    def problems(self) -> tuple[str, ...]:
        """What keeps every server from being judged there, in sentences; most brokers have none."""
        found: list[str] = []
        if self.version[:2] < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            found.append(
                f"The broker is {self.name}, and the oldest that the kit supports is {oldest}."
            )
        if self.max_payload < LEAST_PAYLOAD:
            found.append(
                f"The broker takes messages of at most {self.max_payload} bytes, and the protocol's limits "
                f"need {LEAST_PAYLOAD}: set max_payload of the broker."
            )
        if not self.takes_headers:
            found.append(
                "The broker takes no headers, and the protocol has messages with them: leave out "
                "no_header_support of the broker."
            )
        if not self.long_lines:
            found.append(
                f"The broker takes no control lines of {LEAST_CONTROL_LINE} bytes, and the protocol's "
                "subjects need them: set max_control_line of the broker."
            )
        return tuple(found)

    @property
    def no_traces(self) -> str | None:
        """Why it answers no trace-only probes; None where it should."""
        if self.version[:2] < TRACING_SINCE:
            return f"{self.name} has no message traces, which come with {'.'.join(map(str, TRACING_SINCE))}"
        return None


def read_world(info: Mapping[str, Any], *, long_lines: bool = True) -> World:
    """Read what a broker says of itself when a client connects."""
    numbers = str(info.get("version", "")).partition("-")[0].split(".")
    digits = [int(n) if n.isdigit() else 0 for n in (*numbers, "0", "0", "0")][:3]
    return World(
        version=(digits[0], digits[1], digits[2]),
        max_payload=int(info.get("max_payload", 0)),
        takes_headers=bool(info.get("headers", False)),
        cluster=str(info.get("cluster", "")),
        long_lines=long_lines,
    )


async def look(access: Access, own_prefix: str, name: str | None) -> World:
    """Connect, ask and try the broker; raises BrokerError where it cannot be reached.

    What is published for that is below a subject prefix of the kit's own; `name` is the connection's.
    """
    client = await connect(access, name=name)
    try:
        lines = await _takes_long_lines(client, own_prefix)
        return read_world(client.info, long_lines=lines)
    finally:
        with contextlib.suppress(NatsError, OSError):
            await client.close()


async def _takes_long_lines(client: OrderedClient, own_prefix: str) -> bool:
    """Whether the connection outlives a subject as long as the protocol has them."""
    subject = own_prefix.ljust(LEAST_CONTROL_LINE - len("PUB  0"), "x")
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await client.publish(subject)
            await client.flush()
    except TimeoutError:
        # One that hangs says nothing about its limits.
        return not client.is_closed
    except (NatsError, OSError):
        return False
    return not client.is_closed
