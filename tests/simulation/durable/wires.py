"""The broker between clients and instances: subscriptions of one queue group, and ways that differ.

What one connection sends keeps its order. A new connection has another way, which may be quicker than the
one before, whose last bytes still arrive.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.simulation.clock import VirtualClock

    from omnisession_reference.wire import Incoming

QUICK_MS = (1, 1, 1, 2, 3)
SLOW_MS = (20, 50, 80)
"""How long a way may take through a cluster: less than the margin for routes."""


@dataclass(slots=True)
class Way:
    """The bytes of one connection, as they come to the broker and to whoever listens."""

    takes_ms: float
    last_ms: float = 0.0


@dataclass
class Group:
    """Who is subscribed, as far as the broker knows."""

    clock: VirtualClock
    chance: Random
    counts: Counter[str] = field(default_factory=Counter[str])
    members: dict[str, Callable[[Incoming], None]] = field(
        default_factory=dict[str, "Callable[[Incoming], None]"]
    )

    def way(self) -> Way:
        """Make the way of a new connection."""
        is_slow = self.chance.random() < 0.15
        return Way(self.chance.choice(SLOW_MS if is_slow else QUICK_MS))

    def carry(self, way: Way, arrive: Callable[[], None]) -> None:
        """Carry something on a way, behind all that went before on it."""
        at_ms = self.clock.passed_ms + way.takes_ms + self.chance.random()
        way.last_ms = max(at_ms, way.last_ms)
        self.clock.call_at(way.last_ms, arrive)

    def join(self, name: str, take: Callable[[Incoming], None]) -> None:
        """Hear a part of what clients send."""
        self.members[name] = take

    def leave(self, name: str) -> None:
        """Hear no more of it."""
        self.members.pop(name, None)

    def ask(self, request: Incoming) -> None:
        """Carry what a client sends to one of the group."""

        def arrive() -> None:
            if not self.members:
                self.counts["nobody there"] += 1
                return
            self.members[self.chance.choice(sorted(self.members))](request)

        self.clock.call_later(self.chance.choice(QUICK_MS), arrive)
