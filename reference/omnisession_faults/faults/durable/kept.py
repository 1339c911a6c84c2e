"""Faults of what a journal keeps: effects, outcomes, sessions."""
# ruff: noqa: ARG002, D102  an override means what it overrides

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from omnisession_durable.entries import Act, Limits, Outcome
from omnisession_durable.fold import Fold
from omnisession_durable.kept import Kept, Store
from omnisession_durable.people import Head, People
from omnisession_durable.recorded import (
    RecordedActions,
    RecordedClockwork,
    RecordedControl,
    RecordedSessions,
    RecordedStore,
)
from omnisession_durable.recorder import Recorder
from omnisession_faults.faults.registry import Fault, enter, fault
from omnisession_reference.action import Action
from omnisession_reference.action import Outcome as Told
from omnisession_reference.errors import Refusal
from omnisession_reference.wire import JsonObject

EVERY = 3


@fault("effects-in-memory", breaks="DUR-001", durable=True)
class EffectsInMemory(Recorder):
    """Of one action in three the journal has the outcome alone."""

    def acted(
        self, action: Action, outcome: Told, *, counts: bool = True, copy: bool = False
    ) -> None:
        super().acted(action, outcome, counts=counts, copy=copy)
        last = self._bodies[-1]
        if isinstance(last, Act) and last.client_seq % EVERY == 0:
            self._bodies[-1] = replace(last, writes=())


@fault("forgets-at-start", breaks="DUR-003", durable=True)
class ForgetsAtStart(Fold):
    """An instance has no effects of what was stored before it was started."""

    def __init__(self, domain: Kept, people: People) -> None:
        super().__init__(domain, people)
        self._began_ms = time.time() * 1_000

    def _act(self, seq: int, act: Act) -> tuple[JsonObject, ...]:
        if self.at_ms >= self._began_ms or self.conf is None:
            return super()._act(seq, act)
        self.people.count(act, self.conf.limits, self.at_ms)
        self.people.remember(seq, act, self.conf.limits)
        return act.writes


MESSAGES = ("put_message", "delete_message")


@fault("chat-in-memory", breaks="DUR-003", durable=True)
class ChatInMemory(Recorder):
    """The journal has no messages, and all else."""

    def acted(
        self, action: Action, outcome: Told, *, counts: bool = True, copy: bool = False
    ) -> None:
        super().acted(action, outcome, counts=counts, copy=copy)
        last = self._bodies[-1]
        if isinstance(last, Act):
            rest = tuple(write for write in last.writes if write["op"] not in MESSAGES)
            self._bodies[-1] = replace(last, writes=rest)


class _OutcomesInMemory(RecordedStore):
    """Outcomes of the journal are not looked at."""

    def outcome(self, user_id: str, action_id: str) -> Told | None:
        return Store.outcome(self, user_id, action_id)


class _TakesKnownIds(Fold):
    """The fold takes an action for new whose id is known."""

    def why_not_in_session(self, act: Act) -> str:
        why = super().why_not_in_session(act)
        return "" if why == "the id is known" else why


enter(
    Fault(
        "outcomes-in-memory",
        "DUR-004",
        "Whether an action was done is known to the instance alone that did it.",
        (_OutcomesInMemory, _TakesKnownIds),
        durable=True,
    )
)


@fault("results-in-memory", breaks="DUR-005", durable=True)
class ResultsInMemory(Recorder):
    """The journal knows that an action was acked, and not with which result."""

    def acted(
        self, action: Action, outcome: Told, *, counts: bool = True, copy: bool = False
    ) -> None:
        super().acted(action, outcome, counts=counts, copy=copy)
        last = self._bodies[-1]
        if isinstance(last, Act) and last.outcome.error is None:
            self._bodies[-1] = replace(last, outcome=Outcome(None, None))


@fault("nacks-in-memory", breaks="DUR-006", durable=True)
class NacksInMemory(People):
    """Of what was refused for good nothing is remembered."""

    def remember(self, seq: int, act: Act, limits: Limits) -> None:
        if act.outcome.error is None:
            super().remember(seq, act, limits)


@fault("sessions-die", breaks="DUR-007", durable=True)
class SessionsDie(RecordedControl):
    """Whoever takes over knows no session."""

    def go_on(
        self, heads: Iterable[Head], kept: Kept, sessions: RecordedSessions
    ) -> Iterator[None]:
        return iter(())


@fault("sessions-only-linger", breaks="DUR-007", durable=True)
class SessionsOnlyLinger(RecordedActions):
    """Sessions of the term before answer requests, and refuse every action for good."""

    at_ms: int

    def check(self, action: Action) -> None:
        if action.session.opened_at < self.at_ms:
            raise Refusal(4030, "This session is of another term.")
        super().check(action)


@fault("closed-sessions-forgotten", breaks="DUR-008", durable=True)
class ClosedSessionsForgotten(People):
    """The journal does not tell which sessions were closed."""

    def is_over(self, key: tuple[str, str]) -> bool:
        return False


@fault("counts-told-late", breaks="DUR-009", durable=True)
class CountsToldLate(RecordedControl):
    """The first states of a term count no action."""

    def make_again(self, head: Head, sessions: RecordedSessions) -> None:
        super().make_again(head, sessions)
        session = sessions.live(*head.key)
        if session is not None:
            session.last_action_seq = 0

    def go_on(
        self, heads: Iterable[Head], kept: Kept, sessions: RecordedSessions
    ) -> Iterator[None]:
        these = list(heads)
        yield from super().go_on(these, kept, sessions)
        for head in these:
            session = sessions.live(*head.key)
            if session is not None:
                session.count(head.last_action_seq)


@fault("takeover-without-states", breaks="DUR-010", durable=True)
class TakeoverWithoutStates(RecordedControl):
    """A term begins with whatever happens first."""

    def go_on(
        self, heads: Iterable[Head], kept: Kept, sessions: RecordedSessions
    ) -> Iterator[None]:
        for head in list(heads):
            self.make_again(head, sessions)
        for session in sessions.all():
            self.build_again(session, kept)
            yield


@fault("no-expiry-after-a-takeover", breaks="DUR-022", durable=True)
class NoExpiryAfterATakeover(RecordedClockwork):
    """Sessions of the term before are waited for until their clients say something."""

    def go_on(self, left_ms: float) -> None:
        super().go_on(left_ms)
        self._expiry.cancel()
