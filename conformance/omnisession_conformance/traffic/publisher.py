"""The publishing side of the kit: every message is entered in the ledger before it leaves."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.environment.access import INBOX
from omnisession_conformance.traffic.connection import CONNECT_TIMEOUT_S, connect
from omnisession_conformance.traffic.rights import Rights

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.traffic.connection import OrderedClient
    from omnisession_conformance.traffic.ledger import Ledger


@dataclass(slots=True)
class Publisher:
    """One publishing connection; what it publishes arrives in its order."""

    client: OrderedClient
    ledger: Ledger
    another: Callable[[str], Awaitable[Publisher]]
    """Opens one more like it, by a name of its own; raises BrokerError."""
    rights: Rights = field(default_factory=Rights)
    prefix: str = INBOX
    """How its inboxes begin."""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def inbox(self, label: str = "a") -> str:
        """A new reply subject; no subscription is needed, since the tap sees it."""
        return (
            f"{self.prefix}.{self.ledger.tag}{self.client.client_id}.{label}{next(self._numbers)}"
        )

    async def publish(
        self,
        subject: str,
        data: bytes,
        *,
        reply: str = "",
        headers: Mapping[str, str] | None = None,
        case: str | None = None,
    ) -> None:
        """Publish bytes on a subject.

        Raises RightLackingError where the kit may not, and the client's errors where the broker is gone.
        """
        self.rights.require(subject)
        self.ledger.enter(subject, reply, data, case)
        await self.client.publish(subject, data, reply, dict(headers) if headers else None)

    async def probe(self, subject: str, answer_subject: str) -> None:
        """Ask the broker who would receive a message on `subject`, without delivering it (ADR-41).

        Raises RightLackingError where the kit may not publish there: the broker would tell of nobody.
        """
        self.rights.require(subject)
        headers = {"Nats-Trace-Dest": answer_subject, "Nats-Trace-Only": "true"}
        await self.client.publish(subject, b"", "", headers)

    async def flush(self) -> None:
        """Return when the broker has taken everything published so far."""
        await self.client.flush(timeout=CONNECT_TIMEOUT_S)

    async def close(self) -> None:
        """Leave the broker."""
        if not self.client.is_closed:
            await self.client.close()


async def open_publisher(
    access: Access,
    ledger: Ledger,
    name: str,
    lose: Callable[[str], None],
    rights: Rights | None = None,
) -> Publisher:
    """Connect a publishing connection; raises BrokerError.

    `lose` is told when it, or one more like it, does its work no more without being closed, or may not
    do what every run needs. `rights` is told what else the broker refuses.
    """
    known = Rights() if rights is None else rights

    async def refused(error: Exception) -> None:
        known.refused(error, ledger, lose)

    client = await connect(access, name=f"omnisession {name}", no_echo=True, error_cb=refused)
    client.on_end_of_work(lambda what: lose(f"the connection of the kit's {name} {what}"))
    another = partial(open_publisher, access, ledger, lose=lose, rights=known)
    return Publisher(client, ledger, another, known, access.inbox)
