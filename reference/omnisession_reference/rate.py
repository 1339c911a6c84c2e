"""How many actions a session may send: off unless the operator asks for it."""

from dataclasses import dataclass

from omnisession_reference.clock import Clock
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Key, Session


@dataclass(slots=True)
class Bucket:
    """What a session may still send: tokens, as of a time."""

    tokens: float
    at_ms: float


class Rate:
    """Lets a session do so many actions a second, and as many at once; None lets it do all."""

    def __init__(self, clock: Clock, per_second: int | None) -> None:
        self._clock = clock
        self._per_second = per_second
        self._buckets: dict[Key, Bucket] = {}

    def take(self, session: Session) -> None:
        """Let one action pass, or refuse it for now."""
        most = self._per_second
        if most is None:
            return
        now = self._clock.elapsed_ms()
        bucket = self._buckets.setdefault(session.key, Bucket(most, now))
        bucket.tokens = min(most, bucket.tokens + (now - bucket.at_ms) * most / 1_000)
        bucket.at_ms = now
        if bucket.tokens < 1:
            wait_ms = int((1 - bucket.tokens) * 1_000 / most) + 1
            raise Refusal(4290, "Send more slowly.", retry_after_ms=wait_ms)
        bucket.tokens -= 1

    def forget(self, session: Session) -> None:
        """Let go of a session that is over."""
        self._buckets.pop(session.key, None)
