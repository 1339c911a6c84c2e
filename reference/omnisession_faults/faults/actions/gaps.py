"""Faults of the order of actions, and of actions ahead of it."""
# ruff: noqa: D102  an override means what it overrides

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action
from omnisession_reference.actions import TOP_LEVEL, Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.session import Session


@fault("subjects-apart", breaks="ACTION-011")
class SubjectsApart(Actions):
    """Actions on the shared subjects are not held until their turn comes."""

    def ahead(self, action: Action) -> None:
        if action.row in TOP_LEVEL:
            self.run(action)
        else:
            super().ahead(action)


@fault("held-from-last-to-first", breaks="ACTION-011")
class HeldFromLastToFirst(Actions):
    """When a gap closes, the actions that wait are applied from the last to the first."""

    def release(self, session: Session) -> None:
        held = self._book(session).held
        if session.last_action_seq + 1 not in held:
            return
        for number in sorted(held, reverse=True):
            for action, alarm in held.pop(number):
                alarm.cancel()
                self.run(action)


@fault("held-in-order-of-arrival", breaks="ACTION-011")
class HeldInOrderOfArrival(Actions):
    """When a gap closes, the actions that wait are applied in the order in which they came."""

    def release(self, session: Session) -> None:
        held = self._book(session).held
        if session.last_action_seq + 1 not in held:
            return
        for number in [*held]:
            for action, alarm in held.pop(number):
                alarm.cancel()
                self.run(action)


@fault("gap-applied", breaks="ACTION-012")
class GapApplied(Actions):
    """An action ahead of the count is applied when the gap did not close."""

    def refuse_gap(self, action: Action) -> None:
        self.run(action)


@fault("gap-waits-for-ever", breaks="ACTION-012")
class GapWaitsForEver(Actions):
    """An action ahead of the count is held until the gap closes, however long that takes."""

    def ahead(self, action: Action) -> None:
        if action.session.terms.timers.gap_ms == 0:
            super().ahead(action)
            return
        alarm = self.services.clock.call_later(600_000, lambda: self.give_up(action))
        self._book(action.session).held.setdefault(action.client_seq, []).append((action, alarm))


@fault("gap-is-final", breaks="ACTION-012")
class GapIsFinal(Actions):
    """An action ahead of the count is refused with a final error."""

    def refuse_gap(self, action: Action) -> None:
        self.forgotten(action, Refusal(4001, "The client_seq is not the next one."))


@fault("gap-without-number", breaks="ACTION-012")
class GapWithoutNumber(Actions):
    """The refusal of an action ahead of the count does not tell which number is awaited."""

    def refuse_gap(self, action: Action) -> None:
        self.forgotten(action, Refusal(4091, "Send the actions before this one first."))
