"""What shows that a session lived when an action was sent: what its client sent, and what was served."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from omnisession_conformance.roles.server.reading.lifetimes import NEVER, error_code, is_request
from omnisession_conformance.suite.server.subjects.rules import SERVER_TYPES

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record


class Signs:
    """The signs of life in one life of a session.

    `last_served` is the number of the last request that was answered, and not with an error, -1 where
    none was; `closed_ns` is when the session was first asked to end.
    """

    def __init__(self, lifetime: Lifetime) -> None:
        """Read what was sent in the session's name."""
        signs = [r for r in lifetime.asked() if _is_sign(r)]
        self._numbers = [r.n for r in signs]
        self._latest = list(accumulate((r.t_ns for r in signs), max))
        exchanges = lifetime.session.exchanges
        served = (e.request.n for e in exchanges if e.answers and error_code(e.answers[0]) is None)
        self.last_served = max(served, default=-1)
        closes = (e.request.t_ns for e in exchanges if e.request.type == "session.close")
        self.closed_ns = min(closes, default=NEVER)

    def last_ns(self, n: int, since_ns: int) -> int:
        """When the last sign before a record came, or a moment where none came later."""
        place = bisect_left(self._numbers, n)
        return max(since_ns, self._latest[place - 1]) if place else since_ns


def _is_sign(request: Record) -> bool:
    return is_request(request) and not request.flaws and request.type not in SERVER_TYPES


def signs_of_life(trace: Trace, lifetime: Lifetime) -> Signs:
    """The signs of a life of a session, read when they are asked for first."""
    known = trace.view(_known)
    if id(lifetime) not in known:
        known[id(lifetime)] = Signs(lifetime)
    return known[id(lifetime)]


def _known(_: Trace) -> dict[int, Signs]:
    return {}
