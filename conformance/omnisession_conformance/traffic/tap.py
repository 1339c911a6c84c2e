"""The tap: one subscription on `>`, in force before any stimulus, that records the whole run.

What actors publish is entered in the ledger first and taken off once when the tap sees it; everything
else comes from the target or, on a broker shared with others, from strangers. Losing the tap ends the
run: a log with a hole proves nothing.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.schemas.catalogue import definition_for
from omnisession_conformance.protocol.schemas.strict import Decoded, Flaw, decode
from omnisession_conformance.protocol.subjects import SERVICES, Address, Side, classify
from omnisession_conformance.traffic.connection import CONNECT_TIMEOUT_S, Heard, TapClient, connect
from omnisession_conformance.traffic.record import Party, Record, side_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nats.aio.client import Client

    from omnisession_conformance.protocol.schemas.check import Checker
    from omnisession_conformance.traffic.log import Log

LedgerKey = tuple[str, str, bytes]
SERVICE = b'"omnisession"'
"""What answers of the micro-service that a session server is have in them, and those of others lack."""


@dataclass(slots=True)
class Ledger:
    """What the kit has published and the tap has not seen yet, and who owns which names.

    `tag` is in every user and session id and inbox of this run, so that on a shared broker the
    kit's own affairs can be told from those of others. `kit` is the side that the kit plays.
    """

    tag: str
    shared_broker: bool
    kit: Side = Side.CLIENT
    _published: defaultdict[LedgerKey, deque[str | None]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _session_case: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _inbox_case: dict[str, str | None] = field(default_factory=dict[str, str | None])
    _service_inboxes: set[str] = field(default_factory=set[str])

    def enter(self, subject: str, reply: str, data: bytes, case: str | None) -> None:
        """Enter a message before it is published."""
        self._published[subject, reply, data].append(case)
        if reply:
            self._inbox_case[reply] = case
            if subject.startswith(SERVICES):
                self._service_inboxes.add(reply)

    def asked_services(self, subject: str) -> bool:
        """Whether a subject is an inbox on which micro-services were asked to answer."""
        return subject in self._service_inboxes

    def own(self, user_id: str, session_id: str, case: str) -> None:
        """Note which case a session belongs to."""
        self._session_case[user_id, session_id] = case

    def take(self, subject: str, reply: str, data: bytes) -> tuple[bool, str | None]:
        """Take a message off the ledger: whether the kit published it, and for which case."""
        key = (subject, reply, data)
        waiting = self._published.get(key)
        if not waiting:
            return False, None
        case = waiting.popleft()
        if not waiting:
            del self._published[key]
        return True, case

    def attribute(self, where: Address, subject: str, data: bytes) -> tuple[Party, str | None]:
        """Tell the sender and the case of a message that is not the kit's own."""
        if subject in self._inbox_case:
            # Every service on the broker answers there: the others are none of the kit's business.
            ours = subject not in self._service_inboxes or SERVICE in data
            return Party.TARGET if ours else Party.STRANGER, self._inbox_case[subject]
        if where.user is not None and where.session is not None:
            case = self._session_case.get((where.user, where.session))
            if case is not None:
                return Party.TARGET, case
        if not self.shared_broker or where.family == "hint":
            return Party.TARGET, None
        tag = self.tag
        ours = tag in subject or tag.encode() in data
        return (Party.TARGET if ours else Party.STRANGER), None


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
        await self.client.subscribe(">")  # pyright: ignore[reportUnknownMemberType]
        await self.client.flush(timeout=CONNECT_TIMEOUT_S)

    async def settle(self) -> None:
        """Return when everything that the broker had for the tap so far is in the log."""
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
        self.log.append(self._record(message))

    def _record(self, message: Heard) -> Record:
        t_ns, at_ms = time.monotonic_ns(), time.time_ns() // 1_000_000
        subject, reply, data = message.subject, message.reply, message.data
        where = classify(subject)
        ours, case = self.ledger.take(subject, reply, data)
        if ours or subject.startswith(self.trace_prefix):
            party = Party.KIT
        else:
            party, case = self.ledger.attribute(where, subject, data)
        side = side_of(party, self.ledger.kit)
        decoded = _decode(data)
        n = self.log.mark()
        judged = party is Party.TARGET and not self.ledger.asked_services(subject)
        if judged and decoded.body is not None:
            definition = definition_for(where.family, decoded.body, side)
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
            party=party,
            side=side,
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
