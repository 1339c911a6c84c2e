"""Faults of actions, their outcomes and their memory."""
# ruff: noqa: ARG002, D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.protocol import LIMITS
from omnisession_reference.session import Session
from omnisession_reference.store import MemoryStore
from omnisession_reference.wire import Incoming, JsonObject


@fault("no-outcome-on-inbox", breaks="ACTION-002")
class NoOutcomeOnInbox(Actions):
    """Outcomes are published on `.control` alone."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        return replace(super().read(message, row, session, body), reply="")


@fault("copies-applied", breaks="ACTION-005")
class CopiesApplied(Actions):
    """A copy of an action has its effect again."""

    def used(self, action: Action) -> None:
        known = self.known(action)
        if known is None or known.error is not None or not self.same(action, known):
            super().used(action)
        else:
            self.run(action)


@fault("used-numbers-applied", breaks="ACTION-010")
class UsedNumbersApplied(Actions):
    """A new action under a used number has its effect."""

    def used(self, action: Action) -> None:
        if self.known(action) is None:
            self.run(action)
        else:
            super().used(action)


@fault("one-memory-for-all", breaks="ACTION-021")
class OneMemoryForAll(MemoryStore):
    """The action ids of one user are taken for all users."""

    def outcome(self, user_id: str, action_id: str) -> Outcome | None:
        return super().outcome("", action_id)

    def remember(self, user_id: str, outcome: Outcome) -> None:
        super().remember("", outcome)


@fault("limit-off-by-one", breaks="LIMIT-002")
class LimitOffByOne(Actions):
    """An action of exactly the largest size is refused."""

    def too_large(self, data: bytes) -> bool:
        return len(data) >= LIMITS["action"]
