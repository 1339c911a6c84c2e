"""Faults of how long outcomes are remembered."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Outcome
from omnisession_reference.control import Control
from omnisession_reference.departed import Departed
from omnisession_reference.protocol import LIMITS, longest_window_ms
from omnisession_reference.session import Session
from omnisession_reference.store import OUTCOMES_PER_USER, MemoryStore
from omnisession_reference.wire import JsonObject

SOON_MS = 2_000
REFUSALS = 20


@fault("forgets-with-the-last-session", breaks="ACTION-023")
class ForgetsWithTheLastSession(Departed):
    """The outcomes of a user are forgotten with the end of the last session."""

    def left(self, user_id: str) -> None:
        super().left(user_id)
        self._store.forget_outcomes(user_id)


@fault("forgets-with-any-session", breaks="ACTION-023")
class ForgetsWithAnySession(Control):
    """The outcomes of a user are forgotten with the end of any session."""

    def end(self, session: Session, why: str) -> None:
        super().end(session, why)
        self.services.store.forget_outcomes(session.user_id)


@fault("full-memory-forgets-the-newest", breaks="ACTION-023")
class FullMemoryForgetsTheNewest(MemoryStore):
    """Once so many outcomes are known as are kept, the newest is forgotten and not the oldest."""

    def remember(self, user_id: str, outcome: Outcome) -> None:
        if len(self._outcomes.get(user_id, ())) < OUTCOMES_PER_USER:
            super().remember(user_id, outcome)


@fault("forgets-two-seconds-after", breaks="ACTION-023")
class ForgetsTwoSecondsAfter(Departed):
    """The outcomes of a user are forgotten two seconds after the end of the last session."""

    def left(self, user_id: str) -> None:
        super().left(user_id)

        def forget() -> None:
            if user_id in self._since:
                self._store.forget_outcomes(user_id)

        self._clock.call_later(SOON_MS, forget)


@fault("forgets-in-live-sessions", breaks="ACTION-023")
class ForgetsInLiveSessions(Departed):
    """The outcomes of a user are forgotten two seconds after an open, also while a session is live."""

    def came(self, user_id: str) -> None:
        super().came(user_id)
        self._clock.call_later(SOON_MS, lambda: self._store.forget_outcomes(user_id))


@fault("window-above-outcomes", breaks="ACTION-028")
class WindowAboveOutcomes(Control):
    """`limits.outcomes_ms` is half of the longest resume window that is granted."""

    def opened(self, session: Session) -> JsonObject:
        limits = {**LIMITS, "outcomes_ms": longest_window_ms() // 2}
        return {**super().opened(session), "limits": limits}


@fault("outcomes-as-long-as-the-window", breaks="ACTION-028")
class OutcomesAsLongAsTheWindow(Control):
    """Each session is told its own resume window for `limits.outcomes_ms`."""

    def opened(self, session: Session) -> JsonObject:
        limits = {**LIMITS, "outcomes_ms": session.terms.timers.resume_window_ms}
        return {**super().opened(session), "limits": limits}


@fault("refusals-forgotten-sooner", breaks="ACTION-023")
class RefusalsForgottenSooner(MemoryStore):
    """Of the outcomes of a user only the last 20 refusals are known."""

    def remember(self, user_id: str, outcome: Outcome) -> None:
        super().remember(user_id, outcome)
        known = self._outcomes[user_id]
        refused = [id_ for id_, one in known.items() if one.error is not None]
        for id_ in refused[:-REFUSALS]:
            del known[id_]
