"""The tap: one subscription on `>`, in force before any stimulus, that records the whole run.

What actors publish is entered in the ledger first and taken off once when the tap sees it; everything
else comes from the target or, on a broker shared with others, from strangers. Losing the tap ends the
run: a log with a hole proves nothing.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omnisession_conformance.link import CONNECT_TIMEOUT_S, Heard, TapClient, connect
from omnisession_conformance.record import Origin, Record
from omnisession_conformance.schemas.catalogue import definition_for
from omnisession_conformance.schemas.strict import Flaw, decode
from omnisession_conformance.subjects import Address, classify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nats.aio.client import Client

    from omnisession_conformance.log import Log
    from omnisession_conformance.schemas.check import Checker

LedgerKey = tuple[str, str, bytes]


@dataclass(slots=True)
class Ledger:
    """What the kit has published and the tap has not seen yet, and who owns which names.

    `tag` is in every user and session id and inbox of this run, so that on a shared broker the
    kit's own affairs can be told from those of others.
    """

    tag: str
    shared_broker: bool
    _published: defaultdict[LedgerKey, deque[str | None]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _session_case: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _inbox_case: dict[str, str | None] = field(default_factory=dict[str, str | None])

    def enter(self, subject: str, reply: str, data: bytes, case: str | None) -> None:
        """Enter a message before it is published."""
        self._published[subject, reply, data].append(case)
        if reply:
            self._inbox_case[reply] = case

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

    def attribute(self, where: Address, subject: str, data: bytes) -> tuple[Origin, str | None]:
        """Tell the origin and the case of a message that is not the kit's own."""
        if subject in self._inbox_case:
            return Origin.TARGET, self._inbox_case[subject]
        if where.user is not None and where.session is not None:
            case = self._session_case.get((where.user, where.session))
            if case is not None:
                return Origin.TARGET, case
        if not self.shared_broker or where.family == "hint":
            return Origin.TARGET, None
        tag = self.tag
        ours = tag in subject or tag.encode() in data
        return (Origin.TARGET if ours else Origin.FOREIGN), None


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
            origin = Origin.KIT
        else:
            origin, case = self.ledger.attribute(where, subject, data)
        decoded = decode(data)
        flaws = decoded.flaws
        if origin is Origin.TARGET and decoded.body is not None:
            flaws += self._schema_flaws(where, decoded.body)
        return Record(
            n=self.log.mark(),
            t_ns=t_ns,
            at_ms=at_ms,
            subject=subject,
            reply=reply,
            headers=message.headers,
            data=data,
            body=decoded.body,
            flaws=flaws,
            origin=origin,
            case=case,
            address=where,
        )

    def _schema_flaws(self, where: Address, body: dict[str, Any]) -> tuple[Flaw, ...]:
        definition = definition_for(where.family, body)
        if definition is None or self.checker.is_valid(definition, body):
            return ()
        return tuple(
            Flaw(requirement=v.requirement, pointer=v.pointer, message=v.message)
            for v in self.checker.explain(definition, body)
        )
