"""The tap: one subscription on `>`, in force before any stimulus, that records the whole run.

What actors publish is entered in the ledger first and taken off once when the tap sees it; everything
else comes from the target or, on a broker shared with others, from strangers. Losing the tap ends the
run: a log with a hole proves nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_conformance.errors import BrokerError, sentence
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.traffic.connection import CONNECT_TIMEOUT_S, Heard, TapClient, connect
from omnisession_conformance.traffic.record import Origin, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nats.aio.client import Client

    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.traffic.ledger import Ledger
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.reader import Reader


@dataclass(slots=True)
class Tap:
    """The recording connection of one run."""

    log: Log
    ledger: Ledger
    reader: Reader
    trace_prefix: str
    """Answers of the broker to trace-only probes come below this subject prefix."""
    on_lost: Callable[[str], None]
    client: Client | None = None
    _closing: bool = False
    _failed: bool = False
    """Whether a message could not be read: what comes behind it would be a log with a hole."""

    @property
    def checker(self) -> Checker:
        """What judges bodies by their schemas."""
        return self.reader.checker

    async def open(self, url: str, options: Mapping[str, Any]) -> None:
        """Connect and have the subscription in force at the broker before returning.

        Raises BrokerError when the broker cannot be reached or does not allow the subscription.
        """
        self.client = await connect(
            url,
            options,
            client=TapClient(self._on_message),
            name="omnisession tap",
            disconnected_cb=self._lost,
            error_cb=self._error,
        )
        try:
            await self.client.subscribe(">")  # pyright: ignore[reportUnknownMemberType]
            await self.client.flush(timeout=CONNECT_TIMEOUT_S)
        except NatsError as error:
            raise BrokerError(
                f"The kit cannot listen to every subject at {url}: {sentence(error)}"
            ) from error

    async def settle(self) -> None:
        """Return when everything that the broker had for the tap so far is in the log.

        Raises the client's errors where the broker does not answer.
        """
        if self.client is not None:
            await self.client.flush(timeout=CONNECT_TIMEOUT_S)

    async def close(self) -> None:
        """Leave the broker."""
        self._closing = True
        if self.client is not None and not self.client.is_closed:
            await self.client.close()

    async def _lost(self) -> None:
        if not self._closing:
            self.on_lost("the tap lost its connection to the broker")

    async def _error(self, error: Exception) -> None:
        if not self._closing:
            self.on_lost(f"the tap's connection failed: {error}")

    def _on_message(self, message: Heard) -> None:
        if self._failed:
            return
        try:
            self.log.append(self._record(message))
        except Exception as error:  # noqa: BLE001 - nats-py would stop to read, and tell nobody
            self._failed = True
            self.on_lost(f"the tap failed to read a message: {sentence(error)}")

    def _record(self, message: Heard) -> Record:
        t_ns, at_ms = time.monotonic_ns(), time.time_ns() // 1_000_000
        subject, reply, data = message.subject, message.reply, message.data
        where = classify(subject)
        ours, case = self.ledger.take(subject, reply, data)
        if ours or subject.startswith(self.trace_prefix):
            origin = Origin.KIT
        else:
            origin, case = self.ledger.attribute(where, subject, data)
        return self.reader.read(
            n=self.log.mark(),
            t_ns=t_ns,
            at_ms=at_ms,
            subject=subject,
            reply=reply,
            headers=message.headers,
            data=data,
            origin=origin,
            case=case,
            address=where,
        )
