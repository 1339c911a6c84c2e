"""Users without a live session: what is known of them alone is forgotten after a while."""

from collections import OrderedDict

from omnisession_reference.clock import Clock
from omnisession_reference.protocol import LIMITS
from omnisession_reference.store import Store


class Departed:
    """Forgets a user `limits.outcomes_ms` after the end of the last session, if none came since."""

    def __init__(self, clock: Clock, store: Store) -> None:
        self._clock = clock
        self._store = store
        # When the last session ended, the longest ago first.
        self._since: OrderedDict[str, float] = OrderedDict()
        self._is_waiting = False

    def came(self, user_id: str) -> None:
        """Note that a user has a session."""
        self._since.pop(user_id, None)

    def left(self, user_id: str) -> None:
        """Note that a user has no session any more."""
        self._since.pop(user_id, None)
        self._since[user_id] = self._clock.elapsed_ms()
        self._wait()

    def forget(self, user_id: str) -> None:
        """Let go of what nobody may ask for any more."""
        self._store.forget_outcomes(user_id)
        self._store.forget_user(user_id)

    def _wait(self) -> None:
        keep_ms = LIMITS.get("outcomes_ms")
        if self._since and not self._is_waiting and keep_ms is not None:
            self._is_waiting = True
            due_ms = next(iter(self._since.values())) + keep_ms
            self._clock.call_later(due_ms - self._clock.elapsed_ms(), self._look)

    def _look(self) -> None:
        self._is_waiting = False
        now, keep_ms = self._clock.elapsed_ms(), LIMITS["outcomes_ms"]
        # The same sum as the one that it waited for: another one may differ in its last bit, for ever.
        while self._since and next(iter(self._since.values())) + keep_ms <= now:
            self.forget(self._since.popitem(last=False)[0])
        self._wait()
