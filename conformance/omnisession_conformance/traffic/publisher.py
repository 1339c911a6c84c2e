"""The publishing side of the kit: every message is entered in the ledger before it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.environment.draws import Draws
from omnisession_conformance.traffic.connection import CONNECT_TIMEOUT_S, connect
from omnisession_conformance.traffic.rights import Rights

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.environment.draws import App
    from omnisession_conformance.traffic.connection import OrderedClient
    from omnisession_conformance.traffic.ledger import Ledger


@dataclass(slots=True)
class Publisher:
    """One publishing connection; what it publishes arrives in its order."""

    client: OrderedClient
    ledger: Ledger
    draws: Draws
    another: Callable[[str], Awaitable[Publisher]]
    """Opens one more like it, by a name of its own; raises BrokerError."""
    rights: Rights = field(default_factory=Rights)
    name: str = ""
    _app: App = field(init=False)
    _inbox: str = field(init=False)

    def __post_init__(self) -> None:
        self._app = self.draws.app(self.draws.rng("publisher", self.name))
        self._inbox = self.draws.inbox(self._app)

    def inbox(self) -> str:
        """A new reply subject; no subscription is needed, since the tap sees it."""
        return self.draws.reply(self._app, self._inbox)

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
        try:
            if not self.client.is_closed:
                await self.client.close()
        finally:
            self.client.drop()


async def open_publisher(
    access: Access,
    ledger: Ledger,
    name: str,
    lose: Callable[[str], None],
    rights: Rights | None = None,
    draws: Draws | None = None,
) -> Publisher:
    """Connect a publishing connection; raises BrokerError.

    `lose` is told when it, or one more like it, does its work no more without being closed, or may not
    do what every run needs. `rights` is told what else the broker refuses.
    """
    known, draws = Rights() if rights is None else rights, draws or Draws()

    async def refused(error: Exception) -> None:
        known.refused(error, ledger, lose)

    client = await connect(access, name=draws.connection_name(name), no_echo=True, error_cb=refused)
    client.on_end_of_work(lambda what: lose(f"the connection of the kit's {name} {what}"))
    another = partial(open_publisher, access, ledger, lose=lose, rights=known, draws=draws)
    return Publisher(client, ledger, draws, another, known, name)
