"""Sessions and outcomes, as the journal has them."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from omnisession_durable.entries import Act, End, Limits, Open, Outcome
from omnisession_reference.session import Key
from omnisession_reference.wire import JsonObject

UNSAID_MS = 1_000
"""For so long a sign of life may be on its way to the journal."""


@dataclass(slots=True)
class Head:
    """A live session: what was agreed, where it was opened, and how far its actions count."""

    key: Key
    opened: int
    terms: JsonObject
    last_action_seq: int = 0
    numbers: OrderedDict[int, str] = field(default_factory=OrderedDict[int, str])
    """Which action took which of the last numbers."""
    lived_ms: int = 0
    """When its client gave the last sign of life that the journal tells of."""
    renewed_ms: int = 0
    """When the first owner took over after that: nobody could hear its client before."""

    def left_ms(self, at_ms: int, window_ms: int) -> int:
        """For how long its client may be silent from now on, by all that the journal tells.

        Each owner has had all of them for silent who gave a sign less than half a window ago. A take-over
        gives the window anew, once: another one gives nothing that this has given.
        """
        until_ms = max(
            self.lived_ms + window_ms + window_ms // 2 + UNSAID_MS, self.renewed_ms + window_ms
        )
        return min(max(until_ms - at_ms, 0), window_ms)


@dataclass(frozen=True, slots=True)
class Known:
    """A final outcome that is remembered, with the entry that has it first."""

    seq: int
    fingerprint: str
    outcome: Outcome


_NONE: Mapping[str, Known] = {}


class People:
    """Who has sessions, and what became of whose actions. Times are fold time."""

    def __init__(self) -> None:
        self._live: dict[Key, Head] = {}
        self._by_user: dict[str, dict[Key, None]] = {}
        self._ended: OrderedDict[Key, int] = OrderedDict()
        self._outcomes: dict[str, OrderedDict[str, Known]] = {}
        # When the last session of a user ended, the longest ago first.
        self._away: OrderedDict[str, int] = OrderedDict()

    def head(self, key: Key) -> Head | None:
        """A live session."""
        return self._live.get(key)

    def heads(self) -> Iterable[Head]:
        """All live sessions, in the order in which they were opened."""
        return self._live.values()

    def is_over(self, key: Key) -> bool:
        """Whether a session has ended not long ago."""
        return key in self._ended

    def has_room(self, user: str, limits: Limits) -> bool:
        """Whether a user may open one session more."""
        return len(self._by_user.get(user, ())) < limits.sessions

    def known(self, user: str, action_id: str) -> Known | None:
        """The final outcome of an action of a user."""
        return self._outcomes.get(user, _NONE).get(action_id)

    def open(self, seq: int, opened: Open, at_ms: int) -> None:
        """Take in a session."""
        key = (opened.user, opened.session)
        self._live[key] = Head(key, seq, opened.terms, lived_ms=at_ms)
        self._by_user.setdefault(opened.user, {})[key] = None
        self._away.pop(opened.user, None)

    def end(self, ended: End, at_ms: int) -> None:
        """Let a session go, and remember that it is over."""
        key = (ended.user, ended.session)
        del self._live[key]
        own = self._by_user[ended.user]
        del own[key]
        self._ended[key] = at_ms
        if not own:
            del self._by_user[ended.user]
            self._away[ended.user] = at_ms

    def live_on(self, keys: Iterable[Key], at_ms: int) -> None:
        """Note that clients have given signs of life."""
        for key in keys:
            head = self._live.get(key)
            if head is not None:
                head.lived_ms = max(head.lived_ms, at_ms)

    def live_all(self, at_ms: int) -> None:
        """Take all clients for alive: nobody knows how long they were silent."""
        for head in self._live.values():
            head.lived_ms = max(head.lived_ms, at_ms)

    def renew(self, at_ms: int, unheard_ms: int) -> None:
        """Note that another owner takes over: who has lived since the one before did may live on.

        Whoever was renewed before has lost so much of that window as nobody was there to hear a client.
        """
        for head in self._live.values():
            if head.renewed_ms <= head.lived_ms:
                head.renewed_ms = at_ms
            else:
                head.renewed_ms = min(head.renewed_ms + unheard_ms, at_ms)

    def count(self, act: Act, limits: Limits, at_ms: int) -> None:
        """Count an action in its session, if it takes a number; it is a sign of life."""
        head = self._live[act.user, act.session]
        head.lived_ms = max(head.lived_ms, at_ms)
        if not act.client_seq:
            return
        head.last_action_seq = act.client_seq
        head.numbers[act.client_seq] = act.action_id
        if len(head.numbers) > limits.outcomes:
            head.numbers.popitem(last=False)

    def remember(self, seq: int, act: Act, limits: Limits) -> None:
        """Keep a final outcome; the oldest ones of the user go."""
        outcomes = self._outcomes.setdefault(act.user, OrderedDict())
        outcomes[act.action_id] = Known(seq, act.fingerprint, act.outcome)
        if len(outcomes) > limits.outcomes:
            outcomes.popitem(last=False)

    def forget(self, at_ms: int, limits: Limits) -> None:
        """Forget what is over for long enough: ended sessions, and outcomes of users who are away."""
        while self._ended and next(iter(self._ended.values())) + limits.window_ms < at_ms:
            self._ended.popitem(last=False)
        while self._away and next(iter(self._away.values())) + limits.outcomes_ms < at_ms:
            user, _ = self._away.popitem(last=False)
            self._outcomes.pop(user, None)

    def as_json(self) -> JsonObject:
        """All of it, for a digest and for whoever compares two folds."""
        return {
            "live": [
                [*one.key, one.opened, one.last_action_seq, list(one.numbers.items())]
                for one in self._live.values()
            ],
            "ended": [[*key, at] for key, at in self._ended.items()],
            "away": list(self._away.items()),
            "outcomes": {
                user: [[name, one.seq, one.fingerprint, one.outcome.ok] for name, one in of.items()]
                for user, of in self._outcomes.items()
            },
        }
