"""The log of a run: every record in order of arrival, indexed, and waits that are queries on it.

Nothing here awaits "the next message": a wait looks at what is already there, then again whenever a
record arrives on the topics it named, until its deadline.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from omnisession_conformance.protocol.subjects import Side
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from omnisession_conformance.traffic.record import Record

T = TypeVar("T")
STREAM = ("state", "events")
Key = tuple[str, str]
SLOW_LOOK_S = 0.005
"""What looks longer than this for its message is not called again with each message that comes."""
REST = 4.0
"""So many times as long as it looked it then rests: waits take a part of the time, however many wait."""


class RunOver(Exception):  # noqa: N818 - it says that the run ended, not that something is wrong
    """The target or the tap is gone: every wait ends at once."""


def session_topic(user_id: str, session_id: str) -> str:
    """The wait topic that every message on a session's three subjects belongs to."""
    return f"session {user_id} {session_id}"


class Log:
    """All records of one run."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._by_subject: defaultdict[str, list[Record]] = defaultdict(list)
        self._streams: defaultdict[Key, list[Record]] = defaultdict(list)
        self._control: defaultdict[Key, list[Record]] = defaultdict(list)
        self._heads: defaultdict[Key, tuple[int, int]] = defaultdict(lambda: (0, 0))
        self._of_case: defaultdict[str, list[Record]] = defaultdict(list)
        self._waiters: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._over: RunOver | None = None
        self.before_giving_up: Callable[[], Awaitable[None]] | None = None
        """Called when a wait has come to its deadline: what is heard by its end still counts."""

    def append(self, record: Record) -> None:
        """Add a record and wake the waits on its subject and its session."""
        self.records.append(record)
        self._by_subject[record.subject].append(record)
        if record.case is not None and record.party is Party.TARGET:
            self._of_case[record.case].append(record)
        where = record.address
        if where.user is not None and where.session is not None:
            key = (where.user, where.session)
            served = record.side is Side.SERVER and record.party is not Party.STRANGER
            if where.family in STREAM and served:
                self._streams[key].append(record)
                self._heads[key] = max(self._heads[key], _head_of(record))
            elif where.family == "control" and served:
                self._control[key].append(record)
            self._wake(session_topic(*key))
        self._wake(record.subject)

    def _wake(self, topic: str) -> None:
        for waiter in self._waiters.get(topic, ()):
            if not waiter.done():
                waiter.set_result(None)

    def end(self, reason: str) -> None:
        """End every wait, now and later, with `RunOver`."""
        self._over = RunOver(reason)
        for waiters in self._waiters.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(RunOver(reason))

    def mark(self) -> int:
        """The number that the next record will get."""
        return len(self.records)

    def on(self, subject: str) -> Sequence[Record]:
        """Every record on a subject, in order."""
        return self._by_subject.get(subject, [])

    def stream(self, user_id: str, session_id: str) -> Sequence[Record]:
        """States and events that the server published in a session, in tap order."""
        return self._streams.get((user_id, session_id), [])

    def head(self, user_id: str, session_id: str) -> tuple[int, int]:
        """The highest epoch and seq that a session's stream has shown; zeros before its first."""
        return self._heads.get((user_id, session_id), (0, 0))

    def control(self, user_id: str, session_id: str) -> Sequence[Record]:
        """What the server published on a session's `.control`, in tap order."""
        return self._control.get((user_id, session_id), [])

    def of_case(self, case: str) -> Sequence[Record]:
        """What the target published in a case, in tap order."""
        return self._of_case.get(case, [])

    def since(self, mark: int) -> Iterator[Record]:
        """Records from a mark on."""
        return iter(self.records[mark:])

    async def wait(
        self, topics: Sequence[str], find: Callable[[], T | None], *, timeout_s: float
    ) -> T | None:
        """Return what `find` finds, as soon as it does; None when the deadline passed.

        `find` is called at once and after every record on one of `topics` (a subject, or a
        `session_topic`). Raises RunOver when the run ended meanwhile.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        sure = self.before_giving_up is None
        while True:
            if self._over is not None:
                raise self._over
            began = loop.time()
            if (found := find()) is not None:
                return found
            looked_s = loop.time() - began
            if (left := deadline - loop.time()) <= 0:
                if sure or self.before_giving_up is None:
                    return None
                await self.before_giving_up()
                sure = True
                continue
            if looked_s > SLOW_LOOK_S:
                # It looks through a flood, and each message of that would have it look again.
                await self._next(loop, (), min(left, looked_s * REST))
            else:
                await self._next(loop, topics, left)

    async def _next(
        self, loop: asyncio.AbstractEventLoop, topics: Sequence[str], timeout_s: float
    ) -> None:
        waiter: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(timeout_s, _release, waiter)
        for topic in topics:
            self._waiters[topic].add(waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            for topic in topics:
                self._waiters[topic].discard(waiter)
                if not self._waiters[topic]:
                    del self._waiters[topic]


def _head_of(record: Record) -> tuple[int, int]:
    return (record.integer("epoch") or 0, record.integer("seq") or 0)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
