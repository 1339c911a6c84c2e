"""Faults of what is known of an action when it, or another under its id, comes again or is held."""
# ruff: noqa: D102  an override means what it overrides

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_faults.inside import book_of, outcomes_of
from omnisession_reference.action import Action, Effects, Handler, Outcome
from omnisession_reference.actions import TOP_LEVEL, Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.rate import Rate
from omnisession_reference.services import Services
from omnisession_reference.session import Session
from omnisession_reference.wire import Incoming, JsonObject, fingerprint

OF_FORM = (4001, 4002, 4003)
KEPT = 256

# -- held ----------------------------------------------------------------------------------------------


@fault("held-wait-begins-anew", breaks="ACTION-012")
class HeldWaitBeginsAnew(Actions):
    """Each action that is held lets the time of those held before it begin anew."""

    def ahead(self, action: Action) -> None:
        super().ahead(action)
        gap_ms = action.session.terms.timers.gap_ms
        for number, batch in book_of(self, action.session).held.items():
            again = [held for held, alarm in batch if not alarm.cancel()]
            book_of(self, action.session).held[number] = [
                (held, self.services.clock.call_later(gap_ms, lambda a=held: self.give_up(a)))
                for held in again
            ]


@fault("held-copy-is-done-again", breaks="ACTION-020")
class HeldCopyIsDoneAgain(Actions):
    """A copy of an acked action that was held is done again when its turn comes."""

    def release(self, session: Session) -> None:
        held = book_of(self, session).held
        while batch := held.pop(session.last_action_seq + 1, None):
            for action, alarm in batch:
                alarm.cancel()
                if action.client_seq == session.last_action_seq + 1:
                    self.run(action)
                else:
                    self.decide(action)


@fault("held-read-as-of-another-subject", breaks="CHAT-002")
class HeldReadAsOfAnotherSubject(Actions):
    """An action of a shared subject that was held is judged as one of `user.actions`."""

    def release(self, session: Session) -> None:
        held = book_of(self, session).held
        for batch in held.values():
            for place, (action, alarm) in enumerate(batch):
                if action.row in TOP_LEVEL:
                    data = action.body.get("data")
                    batch[place] = (replace(action, row="user.actions", data=data), alarm)
        super().release(session)


@fault("held-compared-with-the-revision-of-its-arrival", breaks="ACTION-011")
class HeldComparedWithTheRevisionOfItsArrival(Actions):
    """What a held action expects is compared with the revision that there was when it came."""

    def ahead(self, action: Action) -> None:
        data, expect = action.data, action.body.get("expect")
        named = data.get("article_id") if isinstance(data, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        article = self.services.store.article(str(named)) if expect else None  # pyright: ignore[reportUnknownArgumentType]
        if article is not None and expect and expect.get("revision") != article["revision"]:
            vars(self).setdefault("_stale", {})[action.action_id] = article["revision"]
        super().ahead(action)

    def check(self, action: Action) -> None:
        super().check(action)
        revision = vars(self).get("_stale", {}).pop(action.action_id, None)
        if revision is not None:
            raise Refusal(4090, "The article has changed; look at it again.", revision=revision)


# -- known ---------------------------------------------------------------------------------------------


@fault("empty-expect-is-none", breaks="ACTION-009")
class EmptyExpectIsNone(Actions):
    """In bodies of one id an empty `expect` is as good as none."""

    def read(self, message: Incoming, row: str, session: Session, body: JsonObject) -> Action:
        action = super().read(message, row, session, body)
        what = fingerprint([body.get("type"), action.data, body.get("expect") or None])
        return replace(action, fingerprint=what)


@fault("noops-leave-no-trace", breaks="ACTION-020")
class NoopsLeaveNoTrace(Actions):
    """The outcome of a `session.noop` is not remembered beyond its session."""

    def settle(self, action: Action, outcome: Outcome) -> None:
        super().settle(action, outcome)
        if action.body.get("type") == "session.noop":
            outcomes_of(self.services.store)[action.user_id].pop(action.action_id, None)


@fault("what-changed-nothing-is-not-known", breaks="ACTION-020")
class WhatChangedNothingIsNotKnown(Actions):
    """The outcome of an action that changed nothing is not remembered beyond its session."""

    def __init__(self, services: Services, handlers: Mapping[str, Handler], rate: Rate) -> None:
        changed: set[str] = set()

        def noting(handler: Handler) -> Handler:
            def run(action: Action, /) -> Effects:
                effects = handler(action)
                if effects.changes:
                    changed.add(action.action_id)
                return effects

            return run

        noted = {name: noting(handler) for name, handler in handlers.items()}
        super().__init__(services, noted, rate)
        vars(self)["_changed"] = changed

    def settle(self, action: Action, outcome: Outcome) -> None:
        super().settle(action, outcome)
        if outcome.error is None and action.action_id not in vars(self)["_changed"]:
            outcomes_of(self.services.store)[action.user_id].pop(action.action_id, None)


@fault("ids-of-invalid-actions-are-free", breaks="ACTION-009")
class IdsOfInvalidActionsAreFree(Actions):
    """The id of an action that was refused for its form may be that of another."""

    def known(self, action: Action) -> Outcome | None:
        outcome = super().known(action)
        if outcome is None or outcome.error is None or self.same(action, outcome):
            return outcome
        return None if outcome.error["code"] in OF_FORM else outcome


@fault("ids-of-refused-actions-are-free", breaks="ACTION-009")
class IdsOfRefusedActionsAreFree(Actions):
    """The id of an action that was refused for what it asks may be that of another."""

    def known(self, action: Action) -> Outcome | None:
        outcome = super().known(action)
        if outcome is None or outcome.error is None or self.same(action, outcome):
            return outcome
        return outcome if outcome.error["code"] in OF_FORM else None


@fault("copies-fill-the-memory", breaks="ACTION-023")
class CopiesFillTheMemory(Actions):
    """Of a user so many outcomes are remembered as have to be, those of copies among them."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        super().tell(action, outcome, position, status)
        told: dict[str, deque[str]] = vars(self).setdefault("_told", {})
        last = told.setdefault(action.user_id, deque(maxlen=KEPT))
        last.append(action.action_id)
        if action.user_id not in outcomes_of(self.services.store):
            return
        kept, known = set(last), outcomes_of(self.services.store)[action.user_id]
        for action_id in [name for name in known if name not in kept]:
            del known[action_id]


@fault("headers-counted", breaks="LIMIT-002")
class HeadersCounted(Actions):
    """The size of an action is measured with its trace."""

    def receive(self, message: Incoming, row: str, user_id: str | None) -> None:
        if message.trace and self.too_large(message.data + message.trace.encode()):
            raise Refusal(4130, "The action is too long.")
        super().receive(message, row, user_id)
