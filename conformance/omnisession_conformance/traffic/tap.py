"""The tap: one subscription on `>`, in force before any stimulus, that records the whole run.

What actors publish is entered in the ledger first and taken off once when the tap sees it; everything
else comes from the target or, on a broker shared with others, from strangers. Losing the tap ends the
run: a log with a hole proves nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.environment.access import INBOX
from omnisession_conformance.environment.bounds import Bounds
from omnisession_conformance.errors import BrokerError, sentence
from omnisession_conformance.protocol.subjects import Side, classify
from omnisession_conformance.traffic.connection import (
    CONNECT_TIMEOUT_S,
    Heard,
    TapClient,
    connect_as,
)
from omnisession_conformance.traffic.record import Party, Record, side_of
from omnisession_conformance.traffic.rights import matches
from omnisession_conformance.traffic.room import Room

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.environment.access import Access
    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.traffic.ledger import Ledger
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.reader import Reader

SETTLE_TIMEOUT_S = 10
"""How long a message of the tap's own may take behind all that the broker has for it."""
REPUBLISHED = "Nats-Subject"
"""The header in which a stream that publishes its messages again names their subject."""
LATELY = 1_000
"""Messages on a subject among which one is looked for that comes again."""
DEAF = "the tap does not hear what is published on the broker"
LOST = "the tap lost its connection to the broker, which has ended or cuts off a reader that cannot keep up"
HEARING_NEEDS = (
    "The kit's user must be allowed to subscribe to `>` and to publish on `_INBOX.>`; "
    "`omnisession doctor` says whether that is so."
)


@dataclass(slots=True)
class Tap:
    """The recording connection of one run."""

    log: Log
    ledger: Ledger
    reader: Reader
    trace_prefix: str
    """Answers of the broker to trace-only probes come below this subject prefix."""
    on_lost: Callable[[str], None]
    room: Room = field(default_factory=lambda: Room(Bounds()))
    name: str | None = None
    """What the broker calls its connection."""
    client: TapClient | None = None
    heard: int = 0
    """Messages that came, kept or not."""
    inbox: str = INBOX
    """How the subjects begin on which it writes to itself."""
    unheard: tuple[str, ...] = ()
    """Patterns of subjects on which no client hears anything; what comes there is passed over."""
    _closing: bool = False
    _refused: str = ""
    _failed: bool = False
    """Whether a message is missing: what comes behind it would be a log with a hole."""

    @property
    def checker(self) -> Checker:
        """What judges bodies by their schemas."""
        return self.reader.checker

    async def open(self, access: Access) -> None:
        """Connect and have the subscription in force at the broker before returning.

        Raises BrokerError when the broker cannot be reached, or when the tap does not hear what it
        publishes itself, be it that the broker does not allow it.
        """
        client = await connect_as(
            lambda: TapClient(self._on_message),
            access,
            name=self.name,
            disconnected_cb=self._lost,
            lame_duck_mode_cb=self._leaving,
            error_cb=self._error,
        )
        self.client, self.inbox = client, access.inbox
        client.on_fewer_nodes = self._fewer_nodes
        client.on_end_of_work(self._idle)
        client.on_end_of_reading(self._deaf)
        await client.listen(">")
        if not await client.hears_itself(self._mark_subject, within_s=CONNECT_TIMEOUT_S):
            raise BrokerError(f"{self._refused or DEAF}. {HEARING_NEEDS}")

    async def settle(self) -> None:
        """Return when everything that the broker had for the tap so far is in the log.

        A tap that does not hear what it publishes itself has not heard the target either: it is lost.
        """
        if not await self.hears_itself(within_s=SETTLE_TIMEOUT_S):
            self.on_lost(DEAF)

    async def hears_itself(self, *, within_s: float) -> bool:
        """Whether a message of its own comes back to it, behind all that the broker had for it."""
        return self.client is None or await self.client.hears_itself(
            self._mark_subject, within_s=within_s
        )

    async def close(self) -> None:
        """Leave the broker."""
        self._closing = True
        if self.client is not None and not self.client.is_closed:
            await self.client.close()

    async def _lost(self) -> None:
        if not self._closing:
            self.on_lost(LOST)

    async def _leaving(self) -> None:
        # It closes its connections one by one: that of the target may be the first.
        if not self._closing:
            self.on_lost("the broker is about to end, and closes its connections (lame duck mode)")

    def _fewer_nodes(self, gone: str) -> None:
        if not self._closing:
            self.shut()
            self.on_lost(f"the broker's cluster has lost a node, and what was on it: {gone}")

    def shut(self) -> None:
        """Keep nothing that comes from now on: a log with a hole proves nothing."""
        self._failed = True

    async def _error(self, error: Exception) -> None:
        if not self._closing:
            self._refused = f"the tap's connection failed: {error}"
            self.on_lost(self._refused)

    def _deaf(self) -> None:
        if not self._closing:
            self.on_lost(DEAF)

    def _idle(self, what: str) -> None:
        if not self._closing:
            self.on_lost(f"the tap's connection {what}")

    @property
    def _mark_subject(self) -> str:
        return f"{self.trace_prefix}mark"

    def _on_message(self, message: Heard) -> None:
        self.heard += 1
        if self._failed or any(matches(pattern, message.subject) for pattern in self.unheard):
            return
        if (full := self.room.take(message.data)) is not None:
            self._failed = True
            self.on_lost(full)
            return
        try:
            self.log.append(self._record(message))
        except Exception as error:  # noqa: BLE001 - nats-py would stop to read, and tell nobody
            self._failed = True
            self.on_lost(f"the tap failed to read a message: {sentence(error)}")

    def _is_republished(self, message: Heard) -> bool:
        """Whether a stream of the broker says once more what was heard already, on a subject of its own."""
        first = message.headers.get(REPUBLISHED)
        if first is None:
            return False
        lately = self.log.on(first)[-LATELY:]
        return any(record.data == message.data for record in lately)

    def _record(self, message: Heard) -> Record:
        t_ns, at_ms = time.monotonic_ns(), time.time_ns() // 1_000_000
        subject, reply, data = message.subject, message.reply, message.data
        where = classify(subject)
        ours, case = self.ledger.take(subject, reply, data)
        of_client = None if ours else self.ledger.passed(subject, reply, data)
        if of_client is not None:
            party, case = Party.TARGET, of_client
        elif ours or subject.startswith(self.trace_prefix):
            party = Party.KIT
        else:
            party, case = self.ledger.attribute(where, subject, data)
            if self.ledger.repeats and where.family == "other" and self._is_republished(message):
                party, case = Party.STRANGER, None
        return self.reader.read(
            n=self.log.mark(),
            t_ns=t_ns,
            at_ms=at_ms,
            subject=subject,
            reply=reply,
            headers=message.headers,
            data=data,
            party=party,
            side=Side.CLIENT if of_client is not None else side_of(party, self.ledger.kit),
            case=case,
            address=where,
        )
