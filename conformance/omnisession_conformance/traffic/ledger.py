"""The ledger: what the kit has published and the tap has not seen yet, and whose the rest is.

What actors publish is entered first and taken off once when the tap sees it; everything else comes
from the target or, on a broker shared with others, from strangers.

What a relay is to publish for the kit (a bridge between web sockets and the broker) comes with a reply
subject of the relay's own. Such a message is entered as that, and taken by its subject and bytes. All
others are taken with their reply subject alone: the same bytes with another one are the target's.

A broker may bring what the kit has published once more: from another account, from a stream that publishes
its messages again, on a subject that it is mapped to. That is nobody's message, and is not judged.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from omnisession_conformance.environment.marks import Marks
from omnisession_conformance.protocol.subjects import REPLY_PREFIXES, SERVICES, Side
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from omnisession_conformance.protocol.subjects import Address

LedgerKey = tuple[str, str, bytes]
SERVICE = b'"omnisession"'
"""What answers of the micro-service that a session server is have in them, and those of others lack."""


@dataclass(slots=True, eq=False)
class Relayed:
    """A message that a relay is to publish for the kit.

    `asks` says whether it asks for an answer: it comes with an inbox of the relay's then, else with no
    reply subject. `reply` is what it came with, None as long as the tap has not seen it.
    """

    subject: str
    data: bytes
    case: str | None
    asks: bool
    reply: str | None = None

    def fits(self, reply: str) -> bool:
        """Whether it may come with a reply subject: a forged one is no inbox of a relay."""
        return reply.startswith(REPLY_PREFIXES) if self.asks else not reply


@dataclass(slots=True)
class Ledger:
    """What the kit has published and the tap has not seen yet, and who owns which names.

    `marks` know every name that this run has made up, so that on a shared broker the kit's own affairs
    can be told from those of others. `kit` is the side that the kit plays. `repeats` is
    whether the broker may bring messages again: one of the kit's own, as it makes it, never does, and
    what comes twice there the target has sent.
    """

    shared_broker: bool
    marks: Marks = field(default_factory=Marks)
    kit: Side = Side.CLIENT
    repeats: bool = False
    _published: defaultdict[LedgerKey, deque[str | None]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _passing: defaultdict[LedgerKey, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    """What clients under test are about to publish beside a server under test."""
    _relayed: defaultdict[tuple[str, bytes], list[Relayed]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """What relays are about to publish for the kit, in the order in which they were given it."""
    _session_case: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _user_case: dict[str, str] = field(default_factory=dict[str, str])
    _inbox_case: dict[str, str | None] = field(default_factory=dict[str, str | None])
    services: set[str] = field(default_factory=set[str])
    """Inboxes on which micro-services were asked to answer."""
    _aside: list[str] = field(default_factory=list[str])
    _ever: set[bytes] = field(default_factory=set[bytes])
    """What the kit has published, as digests."""

    def set_aside(self, prefix: str) -> None:
        """Note that what is said below a subject prefix belongs to no case, whoever says it.

        Of the probe's own session the log has the end at most, and only where that was late.
        """
        self._aside.append(prefix)

    def enter(self, subject: str, reply: str, data: bytes, case: str | None) -> None:
        """Enter a message before it is published."""
        self._published[subject, reply, data].append(case)
        self._remember(subject, data)
        if reply:
            self._inbox_case[reply] = case
            if subject.startswith(SERVICES):
                self.services.add(reply)

    def relay(self, subject: str, data: bytes, case: str | None, *, asks: bool) -> Relayed:
        """Enter a message before it is given to a relay; see `Relayed`."""
        one = Relayed(subject, data, case, asks)
        self._relayed[subject, data].append(one)
        self._remember(subject, data)
        return one

    def give_up(self, relayed: Relayed) -> None:
        """Take a message off that a relay has refused to publish: what comes after all is not the kit's."""
        if relayed in self._relayed.get((relayed.subject, relayed.data), ()):
            self._leave(relayed)

    def not_relayed(self, case: str | None = None) -> tuple[Relayed, ...]:
        """What relays were given and the tap has not heard, in all or of a case; in no order of subjects.

        Whoever drives a relay looks here when a case ends, and before it gives up: a message that a relay
        has lost was never the target's to answer. Until it is given up, the next one like it is the kit's.
        """
        every = (one for waiting in self._relayed.values() for one in waiting)
        return tuple(one for one in every if case is None or one.case == case)

    def _leave(self, relayed: Relayed) -> None:
        """Take a message off that is entered."""
        key = (relayed.subject, relayed.data)
        self._relayed[key].remove(relayed)
        if not self._relayed[key]:
            del self._relayed[key]

    def _remember(self, subject: str, data: bytes) -> None:
        if self.repeats:
            self._ever.add(_digest(_bytes(subject) + data))
            if self.marks.among(data):
                self._ever.add(_digest(data))

    def withdraw(self, subject: str) -> set[str]:
        """Forget what was published on a subject, in whichever letters, and is not there; its cases."""
        gone = [key for key in self._published if key[0].lower() == subject.lower()]
        return {case for key in gone for case in self._published.pop(key) if case is not None}

    def own(self, user_id: str, session_id: str, case: str) -> None:
        """Note which case a session belongs to."""
        # Also one that the case has named itself.
        self.marks.learn_end(session_id)
        self._session_case[user_id, session_id] = case

    def lend(self, user_id: str, case: str) -> None:
        """Note that all that is said on subjects of a user belongs to a case."""
        self.marks.learn_end(user_id)
        self._user_case[user_id] = case

    def take(self, subject: str, reply: str, data: bytes) -> tuple[bool, str | None]:
        """Take a message off the ledger: whether the kit published it, and for which case."""
        key = (subject, reply, data)
        waiting = self._published.get(key)
        if not waiting:
            relayed = self._take_relayed(key) if self._relayed else None
            return (False, None) if relayed is None else (True, relayed.case)
        case = waiting.popleft()
        if not waiting:
            del self._published[key]
        return True, case

    def _take_relayed(self, key: LedgerKey) -> Relayed | None:
        """The first message given to a relay that a message may be; it keeps the reply subject.

        A relay asks each time on a new inbox. The same bytes on an inbox that somebody has asked on already
        are that request again, whoever sends it.
        """
        subject, reply, data = key
        if reply in self._inbox_case or self._passing.get(key):
            return None
        waiting = self._relayed.get((subject, data), ())
        found = next((one for one in waiting if one.fits(reply)), None)
        if found is not None:
            self._leave(found)
            found.reply = reply
            if reply:
                self._inbox_case[reply] = found.case
        return found

    def pass_on(self, subject: str, reply: str, data: bytes, case: str) -> None:
        """Enter what a client under test publishes, before the broker has it.

        Where both sides are under test, this alone tells what the client has said from what the server has.
        """
        self._passing[subject, reply, data].append(case)
        if reply:
            self._inbox_case[reply] = case

    def passed(self, subject: str, reply: str, data: bytes) -> str | None:
        """Take a message of a client under test off the ledger; its case, None where it is of no such."""
        waiting = self._passing.get((subject, reply, data)) if self._passing else None
        if not waiting:
            return None
        case = waiting.popleft()
        if not waiting:
            del self._passing[subject, reply, data]
        return case

    def attribute(self, where: Address, subject: str, data: bytes) -> tuple[Party, str | None]:
        """Tell the sender and the case of a message that is not the kit's own."""
        if subject.startswith(tuple(self._aside)):
            return Party.STRANGER, None
        if subject in self._inbox_case:
            # Every service on the broker answers there: the others are none of the kit's business.
            ours = subject not in self.services or SERVICE in data
            return Party.TARGET if ours else Party.STRANGER, self._inbox_case[subject]
        if self.repeats and self._is_repeated(where, subject, data):
            return Party.STRANGER, None
        case = self._case_of(where)
        if case is not None or not self.shared_broker or where.family == "hint":
            return Party.TARGET, case
        ours = self.marks.among(subject, data)
        return (Party.TARGET if ours else Party.STRANGER), None

    def _case_of(self, where: Address) -> str | None:
        """The case that a session belongs to, or a user."""
        if where.user is None:
            return None
        if where.session is not None:
            case = self._session_case.get((where.user, where.session))
            if case is not None:
                return case
        return self._user_case.get(where.user)

    def _is_repeated(self, where: Address, subject: str, data: bytes) -> bool:
        """Whether a message is one of the kit's own again: on its subject, or on one of nobody's.

        Elsewhere only bodies with names of the run in them count, which are one of a kind. On subjects of
        servers they are the target's: it may tell what it was told.
        """
        if _digest(_bytes(subject) + data) in self._ever:
            return True
        return where.family == "other" and _digest(data) in self._ever


def _bytes(subject: str) -> bytes:
    return subject.encode("utf-8", "surrogateescape")


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
