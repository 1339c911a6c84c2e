"""Faults in how a session is warned of the end of its credential."""

from collections.abc import Callable

from omnisession_faults.faults.registry import Fault, enter
from omnisession_reference.auth import Grant
from omnisession_reference.clock import Clock
from omnisession_reference.control import Control
from omnisession_reference.out import Out, Send
from omnisession_reference.session import Session
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject, tok

EXPIRING = "auth.expiring"
JUST_BEFORE_MS = 150


class _EndsWithToken(Control):
    """Sessions end with their token."""

    ends_with_token = True


def _enter(name: str, breaks: str, what: str, *parts: type) -> None:
    control = () if any(issubclass(part, Control) for part in parts) else (_EndsWithToken,)
    enter(Fault(name, breaks, what, (*parts, *control), secure=True))


class _NeverWarns(Clockwork):
    def warn(self) -> None:
        pass


class _WarnsTwice(Clockwork):
    def warn(self) -> None:
        super().warn()
        super().warn()


class _WarnsLate(Clockwork):
    def warn(self) -> None:
        ends_at = self.session.ends_at or 0
        left = ends_at - self._clock.wall_ms() - JUST_BEFORE_MS
        self._clock.call_later(max(left, 0), super().warn)


class _WarnsAtOnce(Clockwork):
    def watch_end(self) -> None:
        super().watch_end()
        if self._warn_at is not None:
            self._warn_at = 0


class _WarnsOfTheFirst(Clockwork):
    def __init__(self, session: Session, clock: Clock, expire: Callable[[Session], None]) -> None:
        self._warned = False
        super().__init__(session, clock, expire)

    def warn(self) -> None:
        if not self._warned:
            super().warn()
        self._warned = True


class _WarnsWheneverTold(Control):
    ends_with_token = True

    def renew(self, session: Session, granted: Grant) -> None:
        end, session.ends_at = session.ends_at, (session.ends_at or 0) + 1
        session.timers.watch_end()
        session.ends_at = end
        super().renew(session, granted)


class _WarnsInSeconds(Clockwork):
    def warn(self) -> None:
        self.session.push(EXPIRING, {"expires_at": (self.session.ends_at or 0) // 1_000})


class _WarnsOfTheEndBefore(Clockwork):
    def warning_at(self, now_ms: int, ends_at: int) -> int:
        due = super().warning_at(now_ms, ends_at)

        def warn() -> None:
            # The one that is in force is warned of as ever.
            if self.session.ends_at != ends_at:
                self.session.push(EXPIRING, {"expires_at": ends_at})

        self._clock.call_later(due - now_ms, warn)
        return due


class _WarnsWithoutAnEnd(Clockwork):
    def watch_end(self) -> None:
        super().watch_end()

        def warn() -> None:
            end = self._clock.wall_ms() + 60_000
            self.session.push(EXPIRING, {"expires_at": end})

        if self.session.ends_at is None:
            self._clock.call_later(1_000, warn)


class _WarnsAllOfAUser(Out):
    def __init__(self, send: Send, clock: Clock) -> None:
        super().__init__(send, clock)
        self._opened: dict[str, JsonObject] = {}

    def answer(self, reply: str, body: JsonObject) -> None:
        super().answer(reply, body)
        if body["type"] == "session.opened":
            prefix = f"session.{tok(body['user_id'])}.{tok(body['session_id'])}"
            self._opened[prefix] = body

    def control(self, prefix: str, body: JsonObject) -> None:
        super().control(prefix, body)
        if body["type"] != EXPIRING:
            return
        for other, opened in self._opened.items():
            if other != prefix and opened["user_id"] == body["user_id"]:
                super().control(other, {**body, "session_id": opened["session_id"]})


_enter(
    "never-warns", "SECU-021", "A session ends with its token, and nobody was warned.", _NeverWarns
)
_enter("warns-twice", "SECU-021", "A session is warned twice of its end.", _WarnsTwice)
_enter("warns-late", "SECU-021", "The warning comes just before the end.", _WarnsLate)
_enter(
    "warns-at-once", "SECU-021", "The warning comes as soon as the session is open.", _WarnsAtOnce
)
_enter(
    "warns-of-the-first-end",
    "SECU-021",
    "A session that was renewed after its warning gets none any more.",
    _WarnsOfTheFirst,
)
_enter(
    "warns-whenever-told",
    "SECU-021",
    "An open again with the same token has the session warned once more.",
    _WarnsWheneverTold,
)
_enter("warns-in-seconds", "SECU-022", "The end in the warning is in seconds.", _WarnsInSeconds)
_enter(
    "warns-of-the-end-before",
    "SECU-022",
    "A session that was renewed is warned of the end that it had before.",
    _WarnsOfTheEndBefore,
)
_enter(
    "warns-without-an-end",
    "SECU-022",
    "A session whose token has no end is warned of one in a minute.",
    _WarnsWithoutAnEnd,
)
_enter(
    "warns-all-of-a-user",
    "SECU-022",
    "Where one session of a user is warned, all of them are.",
    _WarnsAllOfAUser,
)
