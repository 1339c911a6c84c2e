"""The ledger: what the kit has published and the tap has not seen yet, and whose the rest is.

What actors publish is entered first and taken off once when the tap sees it; everything else comes
from the target or, on a broker shared with others, from strangers.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.subjects import SERVICES, Side
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from omnisession_conformance.protocol.subjects import Address

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
    services: set[str] = field(default_factory=set[str])
    """Inboxes on which micro-services were asked to answer."""

    def enter(self, subject: str, reply: str, data: bytes, case: str | None) -> None:
        """Enter a message before it is published."""
        self._published[subject, reply, data].append(case)
        if reply:
            self._inbox_case[reply] = case
            if subject.startswith(SERVICES):
                self.services.add(reply)

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
            ours = subject not in self.services or SERVICE in data
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
