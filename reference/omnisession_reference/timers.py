"""The clockwork of one session: heartbeats, states held back, expiry, the end of its credential."""

from collections.abc import Callable

from omnisession_reference.clock import Alarm, Clock
from omnisession_reference.session import Session

# The steady clock, which rings alarms, does not see that the machine slept or its clock was set.
LOOK_MS = 1_000
WARN_MS = 60_000
"""So long before its end a session is warned of it, or when half of the time is over (SECU-021)."""


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
        # The end that was told last, and when to warn of it: None once that is done.
        self._told: int | None = None
        self._warn_at: int | None = None
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
        """Ring before the session ends with its credential, if it does, and then; look each second."""
        if self._end is not None:
            self._end.cancel()
            self._end = None
        ends_at = self.session.ends_at
        if ends_at is None:
            return
        now = self._clock.wall_ms()
        if ends_at != self._told:
            self._told, self._warn_at = ends_at, self.warning_at(now, ends_at)
        due = ends_at if self._warn_at is None else self._warn_at
        self._end = self._clock.call_later(min(max(due - now, 0), LOOK_MS), self._on_end)

    def warning_at(self, now_ms: int, ends_at: int) -> int:
        """When to warn of an end that is told now: half of the time is over by then."""
        return max(now_ms + -(-(ends_at - now_ms) // 2), ends_at - WARN_MS)

    def warn(self) -> None:
        """Tell the client that its credential ends soon, and the session with it."""
        self.session.push("auth.expiring", {"expires_at": self.session.ends_at})

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
        now = self._clock.wall_ms()
        if self.session.is_over(now):
            self._expire(self.session)
            return
        if self._warn_at is not None and self._warn_at <= now:
            self._warn_at = None
            self.warn()
        self.watch_end()

    def _on_expiry(self) -> None:
        left = self.left_ms()
        if left > 0:
            self._expiry = self._clock.call_later(left, self._on_expiry)
        else:
            self._expire(self.session)
