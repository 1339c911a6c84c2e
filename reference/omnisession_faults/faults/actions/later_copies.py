"""Faults of copies that come later, elsewhere, or under a number that was used."""
# ruff: noqa: D102  an override means what it overrides

import json
from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal

FIRST: dict[str, str] = {}


def _without_expect(action: Action) -> str:
    return json.dumps([action.body.get("type"), action.data], sort_keys=True)


@fault("refusals-of-one-session", breaks="ACTION-020")
class RefusalsOfOneSession(Actions):
    """A refusal is remembered in its session, and the action is judged anew in another one."""

    def known(self, action: Action) -> Outcome | None:
        known = super().known(action)
        if known is None or known.error is None:
            return known
        here = self._book(action.session).done.values()
        return known if any(o.action_id == known.action_id for o, _ in here) else None


@fault("refused-judged-anew-as-next", breaks="ACTION-006")
class RefusedJudgedAnewAsNext(Actions):
    """A copy of a refused action that comes as the next number is judged anew."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if known.error is not None and self.same(action, known):
            self.run(action)
        else:
            super().repeat_as_next(action, known)


@fault("used-number-forgets-its-refusal", breaks="ACTION-010")
class UsedNumberForgetsItsRefusal(Actions):
    """An action that was refused for its used number is done when it comes as the next one."""

    def used(self, action: Action) -> None:
        known = self.known(action)
        super().used(action)
        if known is None:
            kept: dict[str, Outcome] = vars(self.services.store)["_outcomes"][action.user_id]
            kept.pop(action.action_id, None)


@fault("reused-id-means-the-last", breaks="ACTION-009")
class ReusedIdMeansTheLast(Actions):
    """After `4092` as the next number an id means the body that came last."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        super().repeat_as_next(action, known)
        if not self.same(action, known):
            refusal = Refusal(4092, "Another action used this action_id.")
            self.services.store.remember(action.user_id, self.refused(action, refusal))


@fault("reused-number-means-the-last", breaks="ACTION-009")
class ReusedNumberMeansTheLast(Actions):
    """After `4092` in the number of the first copy, that one gets `4092` as well."""

    def used(self, action: Action) -> None:
        taken = self._book(action.session).done.get(action.client_seq)
        super().used(action)
        if taken is not None and taken[0].action_id == action.action_id:
            outcome = taken[0]
            if not self.same(action, outcome):
                outcome = self.refused(
                    action, Refusal(4092, "Another action used this client_seq.")
                )
            self._book(action.session).done[action.client_seq] = (outcome, taken[1])


@fault("first-body-is-known-at-any-number", breaks="ACTION-010")
class FirstBodyIsKnownAtAnyNumber(Actions):
    """A known action under a used number gets its outcome, whichever action took the number."""

    def used(self, action: Action) -> None:
        known = self.known(action)
        if known is not None and self.same(action, known):
            self.tell(action, known, action.session.position(), "duplicate")
        else:
            super().used(action)


@fault("expect-may-be-left-out", breaks="ACTION-009")
class ExpectMayBeLeftOut(Actions):
    """A copy without the `expect` of the first one is taken for a copy."""

    def same(self, action: Action, outcome: Outcome) -> bool:
        if super().same(action, outcome):
            return True
        known = FIRST.get(action.action_id) == _without_expect(action)
        return "expect" not in action.body and outcome.action_id == action.action_id and known

    def run(self, action: Action) -> None:
        FIRST[action.action_id] = _without_expect(action)
        super().run(action)


@fault("version-before-copies", breaks="ACTION-005")
class VersionBeforeCopies(Actions):
    """A copy of another version than the first one is refused for that."""

    def used(self, action: Action) -> None:
        try:
            self.services.versions.accept(action.body.get("v"))
        except Refusal as refusal:
            self.forgotten(action, refusal)
        else:
            super().used(action)


@fault("copy-looks-for-what-it-names", breaks="ACTION-020")
class CopyLooksForWhatItNames(Actions):
    """A copy in another session, of what is not there any more, is refused."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        named = action.body.get("data", {})
        gone = "article_id" in named and self.services.store.article(named["article_id"]) is None
        if gone and known.error is None:
            self.settle(action, self.refused(action, Refusal(4040, "There is no such article.")))
        else:
            super().repeat_as_next(action, known)


@fault("copy-elsewhere-without-details", breaks="ACTION-020")
class CopyElsewhereWithoutDetails(Actions):
    """A copy of a refused action in another session gets the error without its details."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if known.error is not None:
            known = replace(known, error={n: v for n, v in known.error.items() if n != "details"})
        super().repeat_as_next(action, known)
