"""All live sessions, indexed by everything that changes are addressed by."""

from collections import OrderedDict
from collections.abc import Mapping

from omnisession_reference.clock import Clock
from omnisession_reference.errors import Refusal
from omnisession_reference.protocol import LIMITS, longest_window_ms
from omnisession_reference.session import Key, Session

_Group = dict[Key, Session]


class Sessions:
    """The registry of sessions; addressing a group costs nothing but its members."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.began = clock.now_ms()
        self._live: _Group = {}
        self._by_user: dict[str, _Group] = {}
        self._by_kind: dict[str, _Group] = {}
        self._by_permission: dict[str, _Group] = {}
        self._ended: OrderedDict[Key, int] = OrderedDict()

    def new_epoch(self) -> int:
        """Return the epoch of a session that is opened now.

        An id is forgotten when some time has passed, or by a restart: it is seen to begin anew, in an epoch
        higher than any that its user was told before (CTRL-025).
        """
        return self._clock.now_ms()

    def all(self) -> list[Session]:
        """Return every live session."""
        return list(self._live.values())

    def of_user(self, user_id: str) -> Mapping[Key, Session]:
        """Return the live sessions of a user."""
        return self._by_user.get(user_id, {})

    def of_kind(self, kind: str) -> Mapping[Key, Session]:
        """Return the live sessions that opened a kind."""
        return self._by_kind.get(kind, {})

    def holding(self, permission: str) -> Mapping[Key, Session]:
        """Return the live sessions whose token grants a permission."""
        return self._by_permission.get(permission, {})

    def live(self, user_id: str, session_id: str) -> Session | None:
        """Return the session if it is live; refuses nothing."""
        return self._live.get((user_id, session_id))

    def find(self, user_id: str, session_id: str) -> Session | None:
        """Return the live session, or None if it was never opened; refuses an ended one."""
        key = (user_id, session_id)
        self._forget_old()
        if key in self._ended:
            raise Refusal(4101, "The session is over; open a new one with a new id.")
        return self._live.get(key)

    def require(self, user_id: str, session_id: str) -> Session:
        """Return the live session; refuses any other with 4041 or 4101."""
        session = self.find(user_id, session_id)
        if session is None:
            raise Refusal(4041, "There is no such session; open a new one.")
        return session

    def check_room(self, user_id: str) -> None:
        """Refuse one session more than a user may have."""
        if len(self.of_user(user_id)) >= LIMITS["sessions"]:
            raise Refusal(4291, f"Close one of your {LIMITS['sessions']} sessions first.")

    def add(self, session: Session) -> None:
        """Take in a session that was opened."""
        self._live[session.key] = session
        for index, name in self._entries(session):
            index.setdefault(name, {})[session.key] = session

    def end(self, session: Session) -> None:
        """Let a session go, and remember that it is over."""
        del self._live[session.key]
        for index, name in self._entries(session):
            group = index[name]
            del group[session.key]
            if not group:
                del index[name]
        self._ended[session.key] = self._clock.now_ms() + longest_window_ms()

    def _entries(self, session: Session) -> list[tuple[dict[str, _Group], str]]:
        return [
            (self._by_user, session.user_id),
            *((self._by_kind, kind) for kind in session.terms.kinds),
            *((self._by_permission, name) for name in session.grant.permissions),
        ]

    def _forget_old(self) -> None:
        now = self._clock.now_ms()
        while self._ended and next(iter(self._ended.values())) < now:
            self._ended.popitem(last=False)
