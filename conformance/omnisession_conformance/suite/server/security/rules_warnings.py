"""Rules on warnings before the end of a credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import maybe_int
from omnisession_conformance.protocol.roles import SECURE
from omnisession_conformance.roles.server.reading.lifetimes import lifetimes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

EXPIRING = "auth.expiring"
LAST_MS = 60_000
LEAST_MS = 4_000
"""Where less was left, nobody need be warned."""
NEAR_MS = 500
"""A server reads its clock before it writes its answer."""


@dataclass(frozen=True, slots=True)
class Told:
    """An end that a session was told, and when, by the server's own clock in ms."""

    record: Record
    at: int
    ends_at: int

    @property
    def half(self) -> int:
        """When half of the time is over."""
        return (self.at + self.ends_at) // 2

    @property
    def latest(self) -> int:
        """When it has to have been warned of."""
        return max(self.half, self.ends_at - LAST_MS) + BOUND_MS


def told_by(record: Record) -> Told | None:
    """The end that a `session.opened` tells, None where it tells none."""
    ends_at = maybe_int(record.payload.get("expires_at"))
    at = maybe_int((record.body or {}).get("timestamp"))
    return None if ends_at is None or at is None else Told(record, at, ends_at)


@rule("SECU-021", "SECU-022")
def warnings_are_of_the_end_told_last(trace: Trace, sweep: Sweep) -> None:
    """Judges that a session is warned of the end that it was told last, once, and not too early."""
    if SECURE not in trace.facts.profiles:
        return
    for lifetime in lifetimes(trace):
        told: Told | None = None
        warned: Record | None = None
        for record in _said(lifetime):
            if record.type != EXPIRING:
                now = told_by(record)
                if now is None or told is None or now.ends_at != told.ends_at:
                    told, warned = now, None
                continue
            if _is_of(record, told, sweep) and told is not None:
                _judge(record, told, warned, sweep)
                warned = record


def _said(lifetime: Lifetime) -> Iterator[Record]:
    """Answers that tell an end, or none, and warnings, in the order in which they were published."""
    opens = [
        e.answer
        for e in lifetime.session.exchanges
        if e.answer is not None and e.answer.type == "session.opened"
    ]
    said = [*opens, *(r for r in lifetime.session.control if r.type == EXPIRING)]
    yield from sorted((r for r in said if _is_of_life(r, lifetime)), key=lambda record: record.n)


def _is_of_life(record: Record, lifetime: Lifetime) -> bool:
    first = lifetime.opened
    return first is not None and record.n >= first.n


def _is_of(record: Record, told: Told | None, sweep: Sweep) -> bool:
    """Judge which end a session is warned of."""
    ends_at = maybe_int(record.payload.get("expires_at"))
    good = told is not None and ends_at == told.ends_at
    sweep.judge(
        "SECU-022",
        good,
        record,
        expected="no warning: no expires_at was told" if told is None else f"{told.ends_at}",
        seen=f"expires_at {ends_at}",
        pointer="/data/expires_at",
        also=() if told is None else (told.record,),
    )
    return good


def _judge(record: Record, told: Told, warned: Record | None, sweep: Sweep) -> None:
    """Judge that a warning is the first one, and not too early."""
    at = maybe_int((record.body or {}).get("timestamp")) or 0
    sweep.judge(
        "SECU-021",
        warned is None and at >= told.half - NEAR_MS,
        record,
        expected=f"one warning, at {told.half} or later by the server's own clock",
        seen=f"one at {at}" if warned is None else "another one",
        pointer="/timestamp",
        also=(told.record, *(() if warned is None else (warned,))),
    )
