"""The journal as a broker keeps it: one order, stamped by the clock of whoever leads; beats vanish from it.

What is appended may be lost, come late or twice; what is handed over comes in its order.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.simulation.clock import START

from omnisession_durable.fold import Stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.clock import VirtualClock

BEATS_LAST_MS = 2_000
SIGNS_LAST_MS = 6_000
LOST, DOUBLED, LATE = 0.03, 0.02, 0.05
BEAT = b'"t":"beat"'
SIGNS = b'"t":"signs"'
DECIDED = b'"n":'
CONF = b'"t":"conf"'
OWN = b'"t":"own"'
SPEAKS = b'"speaks":true'
NIL = b'"t":"nil"'


class Stream:
    """The entries, and who is told of a new one."""

    def __init__(self, clock: VirtualClock, chance: Random, told: Callable[[Stored], None]) -> None:
        self.clock = clock
        self.counts = Counter[str]()
        self.entries: list[Stored] = []
        self.skew_ms = 0
        self.refuses = 0
        self._refused: set[bytes] = set()
        self._last_ms: dict[str, float] = {}
        self.signs_ms: dict[str, float] = {}
        """When those who speak have sent the beat that tells so and is stored."""
        self.claimed_ms = 0.0
        """When the claim was sent that was stored last."""
        self.noise = 1
        self.no_leader_until = 0.0
        self.withholds_until = 0.0
        """Decisions that come before are not stored before; beats are."""
        self._chance = chance
        self._told = told
        self._times: list[float] = []
        self.begins_at = 1

    def append(self, who: str, data: bytes, refused: Callable[[], None]) -> None:
        """Store an entry, or not; `refused` is called when that is certain.

        What one instance appends comes in its order, but for what is late.
        """
        if self.refuses and DECIDED in data and NIL not in data:
            self.refuses -= 1
            self._refused.add(data)
        if data in self._refused:
            # Whatever is wrong with these bytes stays wrong with them.
            self.counts["refused"] += 1
            self.clock.call_later(self._chance.randint(1, 5), refused)
            return
        sent_ms = self.clock.passed_ms
        waits_ms = max(self.withholds_until - sent_ms, 0) if DECIDED in data else 0
        for at_ms in self._comes(who):
            self.clock.call_at(at_ms + waits_ms, lambda: self._comes_in(who, data, sent_ms))

    def _comes_in(self, who: str, data: bytes, sent_ms: float) -> None:
        if BEAT in data and SPEAKS in data:
            self.signs_ms[who] = max(sent_ms, self.signs_ms.get(who, 0.0))
        if OWN in data:
            self.claimed_ms = sent_ms
        self.store(data)

    def store(self, data: bytes) -> None:
        """Store an entry now."""
        at_ms = START + int(self.clock.passed_ms) + self.skew_ms
        stored = Stored(len(self.entries) + 1, at_ms, data)
        self.entries.append(stored)
        self._times.append(self.clock.passed_ms)
        self.counts["entries"] += BEAT not in data
        self._told(stored)

    def after(self, seq: int) -> list[Stored]:
        """What is there from a place on; old beats are not."""
        return [
            one
            for one in self.entries[max(seq - 1, 0) :]
            if one.seq >= self.begins_at and self._is_there(one)
        ]

    def _is_there(self, stored: Stored) -> bool:
        since_ms = self.clock.passed_ms - self._times[stored.seq - 1]
        if SIGNS in stored.data:
            return since_ms <= SIGNS_LAST_MS
        return BEAT not in stored.data or since_ms <= BEATS_LAST_MS

    def lose_the_begin(self, behind: int) -> bool:
        """Lose all up to the entry of this sequence; say whether something stays that rests on it."""
        self.begins_at = behind + 1
        rest = self.entries[behind:]
        return any(DECIDED in one.data or OWN in one.data for one in rest)

    def lose_the_end(self, count: int) -> None:
        """Lose what came last, as a node does that was without power."""
        del self.entries[max(len(self.entries) - count, 1) :]
        del self._times[len(self.entries) :]

    def _comes(self, who: str) -> list[float]:
        """When an entry is stored: never, once, or twice."""
        chance, now_ms = self._chance, self.clock.passed_ms
        waits = max(self.no_leader_until - now_ms, 0)
        if waits and chance.random() < 0.5:
            self.counts["lost without a leader"] += 1
            return []
        if chance.random() < LOST * self.noise:
            self.counts["entries lost"] += 1
            return []
        usual = max(now_ms + waits + chance.randint(1, 3), self._last_ms.get(who, 0.0))
        self._last_ms[who] = usual
        if chance.random() < LATE * self.noise:
            self.counts["entries late"] += 1
            usual += chance.randint(100, 2_500)
        if chance.random() < DOUBLED * self.noise:
            self.counts["entries doubled"] += 1
            return [usual, usual + chance.randint(0, 900)]
        return [usual]
