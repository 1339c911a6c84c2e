"""Faults of instances: one that speaks though it was deposed, one that leaves, one that differs."""
# ruff: noqa: D102  an override means what it overrides

import asyncio
import json
import math
import os
import time
from collections import deque
from collections.abc import Callable

from omnisession_durable.appending import Appending, Then
from omnisession_durable.candidacy import Candidacy
from omnisession_durable.core_term import CoreTerm
from omnisession_durable.decoding import Poison
from omnisession_durable.entries import Body
from omnisession_durable.fold import Judged, Stored, Verdict
from omnisession_durable.journal import Journal
from omnisession_durable.lease import Lease
from omnisession_durable.posts import Post
from omnisession_durable.recorded import RecordedControl
from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_reference.discovery import Discovery
from omnisession_reference.log import Log

STOOD_STILL_S = 0.8
"""Beats of two instances come far more often."""
LATE_S = 0.5
SLOW_MS = 5_000


class NoLease(Lease):
    """Whoever owned the journal when it looked last speaks."""

    def left(self, now: float) -> float:
        return max(super().left(now), -1.0 if math.isinf(self._sent) else 1_000.0)


class _ReadsLate(Journal):
    """What was stored while it stood still is read a while after it goes on."""

    def __init__(
        self, log: Log, on_entry: Callable[[Stored], None], on_refused: Callable[[bytes], None]
    ) -> None:
        waiting: deque[Stored] = deque()
        last_s = time.monotonic()

        def catch_up() -> None:
            while waiting:
                on_entry(waiting.popleft())

        def read(stored: Stored) -> None:
            nonlocal last_s
            since_s, last_s = time.monotonic() - last_s, time.monotonic()
            if since_s > STOOD_STILL_S and not waiting:
                asyncio.get_running_loop().call_later(LATE_S, catch_up)
            elif not waiting:
                on_entry(stored)
                return
            waiting.append(stored)

        super().__init__(log, read, on_refused)


class AcksAtOnce(Appending):
    """What is decided counts before it was stored."""

    def add(self, body: Body, then: Then) -> None:
        super().add(body, lambda _judged, _is_own: None)
        then(Judged(0, 0, _NOT_STORED, Verdict.COUNTS), True)


class _AnswersOnly(CoreTerm):
    """Without a lease nothing is said but answers."""

    def say(self, post: Post) -> None:
        lease, now = self._instance.lease, self._instance.clock.elapsed_ms()
        if Lease.left(lease, now) > 0 or post.subject.startswith("_INBOX."):
            super().say(post)


_NOT_STORED = Poison("it was not stored yet")

enter(
    Fault(
        "speaks-after-a-freeze",
        "DUR-011",
        "An instance that stood still speaks on until it has read that another one has taken its place.",
        (NoLease, _ReadsLate),
        durable=True,
    )
)
enter(
    Fault(
        "answers-after-a-freeze",
        "DUR-011",
        "An instance that stood still says nothing more in sessions, and answers as if it owned them.",
        (NoLease, _ReadsLate, AcksAtOnce, _AnswersOnly),
        durable=True,
    )
)
enter(
    Fault(
        "acks-after-a-freeze",
        "DUR-012",
        "The same, and what is decided is acked before it was stored.",
        (NoLease, _ReadsLate, AcksAtOnce),
        durable=True,
    )
)


@fault("takes-over-slowly", breaks="DUR-021", durable=True)
class TakesOverSlowly(Candidacy):
    """Whoever takes the place of an instance that has ended waits for five seconds more."""

    def begins_at(self) -> float:
        return super().begins_at() + (SLOW_MS if self._silent else 0)


@fault("ends-sessions-when-it-leaves", breaks="DUR-023", durable=True)
class EndsSessionsWhenItLeaves(RecordedControl):
    """A planned stop of the instance that serves ends all sessions."""

    def announce_stop(self, after_ms: int) -> None:
        super().announce_stop(after_ms)
        for session in list(self.services.sessions.all()):
            self.end(session, "closed")


@fault("instances-differ", breaks="DUR-024", durable=True)
class InstancesDiffer(Discovery):
    """Each instance tells a limit of its own."""

    def metadata(self) -> dict[str, str]:
        told = super().metadata()
        limits = json.loads(told["limits"])
        limits["sessions"] += int(os.environ.get("OMNISESSION_INSTANCE", "1"))
        return {**told, "limits": json.dumps(limits)}
