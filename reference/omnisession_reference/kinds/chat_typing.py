"""Who types at the moment: the one thing here that ends by the clock."""

from collections.abc import Callable, Collection

from omnisession_reference.clock import Alarm, Clock
from omnisession_reference.protocol import LIMITS

LEAST_MS = 200
MOST_MS = 6_000


class Typing:
    """The users who type, each with the alarm that ends it."""

    def __init__(self, clock: Clock, on_end: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_end = on_end
        self._alarms: dict[str, Alarm] = {}

    def users(self) -> Collection[str]:
        """Return the ids of all who type."""
        return list(self._alarms)

    def start(self, user_id: str, ttl_ms: int | None) -> bool:
        """Let a user type from now on; True if it did not before."""
        known = self._alarms.get(user_id)
        if known is not None:
            known.cancel()
        elif len(self._alarms) >= LIMITS["participants"]:
            return False  # one more would not fit into a state
        ttl = self.granted(ttl_ms)
        self._alarms[user_id] = self._clock.call_later(ttl, lambda: self.ring(user_id))
        return known is None

    def stop(self, user_id: str) -> bool:
        """Let a user type no more; True if it did."""
        alarm = self._alarms.pop(user_id, None)
        if alarm is not None:
            alarm.cancel()
        return alarm is not None

    def granted(self, ttl_ms: int | None) -> int:
        """Clamp the time that an action asks for."""
        return MOST_MS if ttl_ms is None else max(LEAST_MS, min(MOST_MS, ttl_ms))

    def ring(self, user_id: str) -> None:
        """End a user's typing because its time is over."""
        del self._alarms[user_id]
        self._on_end(user_id)
