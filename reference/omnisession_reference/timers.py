"""The clockwork of one session: heartbeats, states held back, expiry."""

from collections.abc import Callable

from omnisession_reference.clock import Alarm, Clock
from omnisession_reference.session import Session

# The steady clock, which rings alarms, does not see that the machine slept or its clock was set.
LOOK_MS = 1_000


class Clockwork:
    """Runs from open until the session is over."""

    def __init__(self, session: Session, clock: Clock, expire: Callable[[Session], None]) -> None:
        self.session = session
        self._clock = clock
        self._expire = expire
        self._granted = session.terms.timers
        self._alive_at: float = clock.elapsed_ms()
        self._next_beat = self._alive_at + self._granted.heartbeat_ms
        self._heartbeat = clock.call_later(self._granted.heartbeat_ms, self._on_heartbeat)
        self._expiry = clock.call_later(self._granted.resume_window_ms, self._on_expiry)
        self._coalesce: Alarm | None = None
        self._end: Alarm | None = None
        self.watch_end()

    def touch(self) -> None:
        """Note a sign of life; the expiry alarm looks at it when it rings."""
        self._alive_at = self._clock.elapsed_ms()

    def hold_back(self) -> None:
        """Publish held-back states within `coalesce_ms` of the first change."""
        if self._coalesce is None and self._granted.coalesce_ms > 0:
            self._coalesce = self._clock.call_later(self._granted.coalesce_ms, self._on_coalesce)

    def stop(self) -> None:
        """Cancel every alarm."""
        self._heartbeat.cancel()
        self._expiry.cancel()
        for alarm in (self._coalesce, self._end):
            if alarm is not None:
                alarm.cancel()

    def watch_end(self) -> None:
        """Ring when the session ends with its credential, if it does; look again each second."""
        if self._end is not None:
            self._end.cancel()
            self._end = None
        if self.session.ends_at is not None:
            left = self.session.ends_at - self._clock.wall_ms()
            self._end = self._clock.call_later(min(max(left, 0), LOOK_MS), self._on_end)

    def beat(self) -> None:
        """Tell the position, after everything that it is to cover."""
        self.session.flush()
        data = {"position": self.session.position()}
        if self.session.digests:
            data["digests"] = self.session.digests_now()
        self.session.push("session.heartbeat", data)

    def left_ms(self) -> float:
        """Tell how long the client may stay silent from now on."""
        return self._alive_at + self._granted.resume_window_ms - self._clock.elapsed_ms()

    def _on_heartbeat(self) -> None:
        # Counted from when it was due, not from when the loop came to it: no drift.
        now = self._clock.elapsed_ms()
        self._next_beat = max(self._next_beat + self._granted.heartbeat_ms, now)
        self._heartbeat = self._clock.call_later(self._next_beat - now, self._on_heartbeat)
        self.beat()

    def _on_coalesce(self) -> None:
        self._coalesce = None
        self.session.flush()

    def _on_end(self) -> None:
        if self.session.is_over(self._clock.wall_ms()):
            self._expire(self.session)
        else:
            self.watch_end()

    def _on_expiry(self) -> None:
        left = self.left_ms()
        if left > 0:
            self._expiry = self._clock.call_later(left, self._on_expiry)
        else:
            self._expire(self.session)
