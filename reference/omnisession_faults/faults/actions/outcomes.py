"""Faults of the outcomes of actions."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Session
from omnisession_reference.wire import JsonObject


@fault("silent-on-invalid-data", breaks="ACTION-001")
class SilentOnInvalidData(Actions):
    """An action with invalid data has no outcome."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        if outcome.error is None or outcome.error["code"] != 4001:
            super().tell(action, outcome, position, status)


@fault("two-acks", breaks="ACTION-001")
class TwoAcks(Session):
    """Every ack is published twice."""

    def push(self, type_name: str, data: JsonObject) -> JsonObject:
        if type_name == "action.ack":
            super().push(type_name, data)
        return super().push(type_name, data)


@fault("ack-and-nack", breaks="ACTION-001")
class AckAndNack(Actions):
    """A refused action is acked before its nack."""

    def refuse(self, action: Action, refusal: Refusal) -> None:
        received = Outcome(action.action_id, action.fingerprint)
        self.tell(action, received, action.session.position())
        super().refuse(action, refusal)


@fault("ack-before-effects", breaks="ACTION-003")
class AckBeforeEffects(Actions):
    """An ack carries the seq from before the effects."""

    def run(self, action: Action) -> None:
        self.seq_before = action.session.seq
        super().run(action)

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        if outcome.error is None and status == "applied":
            position = {**position, "seq": self.seq_before}
            self._book(action.session).done[action.client_seq] = (outcome, position)
        super().tell(action, outcome, position, status)


@fault("no-position-without-effect", breaks="ACTION-003")
class NoPositionWithoutEffect(Actions):
    """The ack of an action without effects has seq 0."""

    def run(self, action: Action) -> None:
        self.seq_before = action.session.seq
        super().run(action)

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        if outcome.error is None and status == "applied" and position["seq"] == self.seq_before:
            position = {**position, "seq": 0}
            self._book(action.session).done[action.client_seq] = (outcome, position)
        super().tell(action, outcome, position, status)


@fault("no-result", breaks="ACTION-024")
class NoResult(Actions):
    """The ack of a creation does not tell the id."""

    def settle(self, action: Action, outcome: Outcome) -> None:
        super().settle(action, replace(outcome, result=None))


@fault("no-result-in-copies", breaks="ACTION-024")
class NoResultInCopies(Actions):
    """The ack of a copy of a creation does not tell the id."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        told = replace(outcome, result=None) if status == "duplicate" else outcome
        super().tell(action, told, position, status)


@fault("copy-in-new-session-has-no-result", breaks="ACTION-024")
class CopyInNewSessionHasNoResult(Actions):
    """A copy of a creation that comes as the next action of another session is told no id."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        super().repeat_as_next(action, replace(known, result=None))


@fault("refusals-not-counted", breaks="ACTION-008")
class RefusalsNotCounted(Actions):
    """A final refusal does not move the count: its number is awaited for ever."""

    def refuse(self, action: Action, refusal: Refusal) -> None:
        outcome = self.refused(action, refusal)
        if not self.services.errors.retryable(refusal):
            self.services.store.remember(action.user_id, outcome)
        self.tell(action, outcome, action.session.position())


@fault("retryable-counted", breaks="ACTION-007")
class RetryableCounted(Actions):
    """A retryable refusal takes the number."""

    def forgotten(self, action: Action, refusal: Refusal) -> None:
        action.session.count(action.client_seq)
        super().forgotten(action, refusal)


@fault("retryable-remembered", breaks="ACTION-007")
class RetryableRemembered(Actions):
    """A retryable refusal is told again when the action comes again."""

    def forgotten(self, action: Action, refusal: Refusal) -> None:
        self.services.store.remember(action.user_id, self.refused(action, refusal))
        super().forgotten(action, refusal)
