"""How long the kit waits for what must come, and whether a missing message can be blamed on the target."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from omnisession_conformance.protocol.bounds import BOUND_S, MARGIN_MS

LEAST_MARGIN_S = MARGIN_MS / 1_000
ROUND_TRIPS = 5
TICK_S = 0.025
BLAME_LAG_S = 0.5
"""With the kit's own loop this late during a wait, a missing message is nobody's fault."""
STALL_S = 0.1
"""Shorter pauses of the loop are within the margins of every bound."""
KEPT_TICKS = 800


@dataclass(slots=True)
class Clock:
    """Measured round trip and loop lag of this run, and the deadlines that follow from them."""

    round_trip_s: float = 0.0
    _lags: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT_TICKS))
    stalls: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Stretches (from, to on the monotonic clock, in ns) in which the kit's own loop or the broker stood
    still."""
    _stood_still: list[tuple[int, int, float]] = field(default_factory=list[tuple[int, int, float]])
    """The parts of them in which it surely did, with their lengths in seconds."""
    _due_s: float | None = None
    """When the watch is to wake up next, None before it began."""
    _worst_lag_s: float = 0.0
    """The worst of the last `BOUND_S`, kept because every wait asks for it."""

    @property
    def margin_s(self) -> float:
        """What a deadline of the protocol is stretched by before something counts as absent."""
        return max(LEAST_MARGIN_S, ROUND_TRIPS * self.round_trip_s) + self._worst_lag_s

    @property
    def answer_s(self) -> float:
        """How long to wait for an answer or outcome."""
        return BOUND_S + self.margin_s

    def within(self, milliseconds: float) -> float:
        """How long to wait, in seconds, for something that must come within a time of the protocol."""
        return milliseconds / 1_000 + self.margin_s

    def worst_lag_s(self, last_s: float) -> float:
        """The worst lag of the loop in the last so many seconds."""
        now = asyncio.get_running_loop().time()
        since = now - last_s
        # What waits for its turn behind a stall may have it before the watch, which has noted none.
        worst = max(0.0, now - self._due_s) if self._due_s is not None else 0.0
        for at, lag in reversed(self._lags):
            if at < since:
                break
            worst = max(worst, lag)
        return worst

    def blames_nobody(self, waited_s: float) -> bool:
        """Whether the machine was too slow during a wait to call its end a fault of the target."""
        return self.worst_lag_s(waited_s + TICK_S) > BLAME_LAG_S

    def stood_still_s(self, from_ns: int, to_ns: int) -> float:
        """How long, at the longest, kit or broker surely stood still in a stretch of time."""
        met = (s for start, end, s in self._stood_still if start <= to_ns and end >= from_ns)
        return max(met, default=0.0)

    def stood_still(self, from_ns: int, to_ns: int, lag_s: float) -> None:
        """Note a stretch in which, for its last so many seconds, nothing was seen, whoever had said it."""
        self.stalls.append((from_ns, to_ns))
        self._stood_still.append((to_ns - round(lag_s * 1e9), to_ns, lag_s))

    def late_by(self, lag_s: float) -> None:
        """Note that what was published is seen so late, whatever the loop does."""
        if lag_s > STALL_S:
            self._lags.append((asyncio.get_running_loop().time(), lag_s))

    async def calm(self, for_s: float, *, within_s: float) -> None:
        """Return when the loop has been on time for a while, or when waiting for that took too long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within_s
        while self.worst_lag_s(for_s) > STALL_S and loop.time() < deadline:
            await asyncio.sleep(TICK_S)

    async def watch(self) -> None:
        """Measure the loop's lag until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                before = loop.time()
                self._due_s = before + TICK_S
                await asyncio.sleep(TICK_S)
                now = loop.time()
                self._ticked(now, max(0.0, now - before - TICK_S))
        except asyncio.CancelledError:
            self._due_s = None

    def _ticked(self, now: float, lag: float) -> None:
        self._lags.append((now, lag))
        self._worst_lag_s = self.worst_lag_s(BOUND_S)
        if lag > STALL_S:
            at = time.monotonic_ns()
            self.stood_still(at - round((lag + TICK_S) * 1e9), at, lag)
