"""What is to become of a request, by all that was folded so far. It writes nothing and says nothing."""

from dataclasses import dataclass

from omnisession_durable.decoding import CLOSED
from omnisession_durable.domain import Action, Decider, Later, Looking
from omnisession_durable.entries import Act, Body, End, Open, Outcome
from omnisession_durable.fold import Fold
from omnisession_durable.messages import Ask, Request, Try
from omnisession_durable.people import Head, Known
from omnisession_reference.session import Key

UNKNOWN_SESSION, SESSION_OVER, UNKNOWN_KIND, TOO_MANY = 4041, 4101, 4220, 4291
GAP, NUMBER_USED = 4091, 4092


@dataclass(frozen=True, slots=True)
class Ready:
    """It was decided before: the outcome of an action, none for a session that is open."""

    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It is refused and forgotten."""

    code: int
    outcome: Outcome | None = None


Found = Ready | Refused | Body
"""An entry that is to be appended, or what needs none."""


class Deciding:
    """Looks at the fold, and nowhere else."""

    def __init__(self, fold: Fold, decider: Decider) -> None:
        self._fold = fold
        self._decider = decider

    def decide(self, request: Request) -> Found:
        """Say what is to become of a request."""
        match request:
            case Try(action):
                return self.act(action)
            case Ask("open"):
                return self.open(request)
            case Ask("close"):
                return self.close(request)
            case _:
                raise ValueError(f"nothing is to be decided of {request.what}")

    def open(self, request: Ask) -> Found:
        """Open a session, or show an open one again."""
        people, limits = self._fold.people, self._fold.conf
        if people.head(request.key) is not None:
            return Ready()
        if people.is_over(request.key):
            return Refused(SESSION_OVER)
        terms = request.terms or {}
        if not self._fold.domain.agrees(terms):
            return Refused(UNKNOWN_KIND)
        if limits is None or not people.has_room(request.key[0], limits.limits):
            return Refused(TOO_MANY)
        return Open(*request.key, terms)

    def close(self, request: Ask) -> Found:
        """End a session."""
        if self._fold.people.head(request.key) is None:
            return Refused(self.not_live(request.key))
        return End(*request.key, CLOSED)

    def not_live(self, key: Key) -> int:
        """Why there is no such session."""
        return SESSION_OVER if self._fold.people.is_over(key) else UNKNOWN_SESSION

    def act(self, action: Action) -> Found:
        """Give a copy of an action its outcome, known or new."""
        key = (action.user, action.session)
        head = self._fold.people.head(key)
        if head is None:
            return Refused(self.not_live(key))
        known = self._fold.people.known(action.user, action.action_id)
        if action.client_seq <= head.last_action_seq:
            return self.used(action, head, known)
        if action.client_seq > head.last_action_seq + 1:
            return Refused(GAP)
        if known is not None:
            outcome = known.outcome if self.is_same(action, known) else _used()
            return self.entry(action, outcome, copy=True)
        return self.new(action)

    def used(self, action: Action, head: Head, known: Known | None) -> Found:
        """A number that was taken: by a copy, or by something else."""
        taken = head.numbers.get(action.client_seq)
        if known is None:
            return self.entry(action, _used(), counts=False)
        if taken == action.action_id and self.is_same(action, known):
            return Ready(known.outcome)
        return Refused(NUMBER_USED, _used())

    def is_same(self, action: Action, known: Known) -> bool:
        """Whether an action is a copy of the one that has this outcome."""
        return known.fingerprint == action.fingerprint

    def new(self, action: Action) -> Found:
        """Decide on an action that is next and new."""
        looking = Looking(self._fold.domain)
        decision = self._decider.decide(action, looking, self._fold.at_ms)
        if isinstance(decision, Later):
            return Refused(decision.error["code"], Outcome(error=decision.error))
        entry = self.entry(action, decision.outcome)
        return Act(
            entry.user,
            entry.session,
            entry.action_id,
            entry.client_seq,
            entry.type,
            entry.fingerprint,
            entry.outcome,
            looking.reads,
            decision.writes,
        )

    def entry(
        self, action: Action, outcome: Outcome, *, copy: bool = False, counts: bool = True
    ) -> Act:
        """Write an outcome for the journal."""
        return Act(
            action.user,
            action.session,
            action.action_id,
            action.client_seq if counts else 0,
            action.type,
            action.fingerprint,
            outcome,
            copy=copy,
        )


def _used() -> Outcome:
    return Outcome(error={"code": NUMBER_USED})
