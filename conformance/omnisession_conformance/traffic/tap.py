"""The tap: one subscription on `>`, in force before any stimulus, that records the whole run.

What actors publish is entered in the ledger first and taken off once when the tap sees it; everything
else comes from the target or, on a broker shared with others, from strangers. Losing the tap ends the
run: a log with a hole proves nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nats.errors import Error as NatsError

from omnisession_conformance.errors import BrokerError, sentence
from omnisession_conformance.protocol.schemas.catalogue import definition_for
from omnisession_conformance.protocol.schemas.strict import Decoded, Flaw, decode
from omnisession_conformance.protocol.subjects import classify
from omnisession_conformance.traffic.connection import CONNECT_TIMEOUT_S, Heard, TapClient, connect
from omnisession_conformance.traffic.record import Origin, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nats.aio.client import Client

    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.traffic.ledger import Ledger
    from omnisession_conformance.traffic.log import Log


@dataclass(slots=True)
class Tap:
    """The recording connection of one run."""

    log: Log
    ledger: Ledger
    checker: Checker
    trace_prefix: str
    """Answers of the broker to trace-only probes come below this subject prefix."""
    on_lost: Callable[[str], None]
    client: Client | None = None
    _closing: bool = False
    _failed: bool = False
    """Whether a message could not be read: what comes behind it would be a log with a hole."""
    _invalid: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Numbers of the records that fail their schema, with the definition that judged them."""

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
        decoded = _decode(data)
        n = self.log.mark()
        judged = origin is Origin.TARGET and not self.ledger.asked_services(subject)
        if judged and decoded.body is not None:
            definition = definition_for(where.family, decoded.body)
            if definition is not None and not self.checker.is_valid(definition, decoded.body):
                self._invalid.append((n, definition))
        return Record(
            n=n,
            t_ns=t_ns,
            at_ms=at_ms,
            subject=subject,
            reply=reply,
            headers=message.headers,
            data=data,
            body=decoded.body,
            flaws=decoded.flaws,
            origin=origin,
            case=case,
            address=where,
        )

    def explain(self, within_s: float) -> None:
        """Add to the bodies that fail their schema what is wrong with them; call when the run is over.

        It takes too long to be done while messages come in. When the time is up, what was found last
        stands for the rest of the same definition: of thousands only the first are shown.
        """
        deadline = time.monotonic() + within_s
        last: dict[str, tuple[Flaw, ...]] = {}
        for n, definition in self._invalid:
            record = self.log.records[n]
            if definition not in last or time.monotonic() < deadline:
                found = self.checker.explain(definition, record.body)
                last[definition] = tuple(
                    Flaw(requirement=v.requirement, pointer=v.pointer, message=v.message)
                    for v in found
                )
            flaws = (*record.flaws, *last[definition])
            self.log.records[n] = replace(record, flaws=flaws)
        self._invalid.clear()


@lru_cache(maxsize=64)
def _decode(data: bytes) -> Decoded:
    """Decode a body; an outcome comes twice within moments, and so does what a session repeats."""
    return decode(data)
