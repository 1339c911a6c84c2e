"""Faults of actions that are refused with 4092 and done all the same, and of refusals told anew."""
# ruff: noqa: D102  an override means what it overrides

from dataclasses import replace

from omnisession_faults.faults.registry import fault
from omnisession_reference.action import Action, Outcome
from omnisession_reference.actions import Actions
from omnisession_reference.errors import Refusal
from omnisession_reference.wire import JsonObject


def _do(actions: Actions, action: Action, types: tuple[str, ...]) -> None:
    """Have the effect of an action without its outcome, if it is of one of the types and may be done."""
    if action.body.get("type") not in types:
        return
    try:
        actions.check(action)
        effects = actions.handlers[action.body["type"]](action)
    except Refusal:
        return
    actions.services.fanout.apply(effects.changes)


def _do_new(actions: Actions, action: Action, types: tuple[str, ...]) -> None:
    """Do an action that came under a used number for the first time."""
    if actions.known(action) is None:
        _do(actions, action, types)


@fault("reused-id-types", breaks="ACTION-009")
class ReusedIdTypes(Actions):
    """A typing under the id of another action is refused, and told all the same."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if not self.same(action, known):
            _do(self, action, ("chat.typing",))
        super().repeat_as_next(action, known)


@fault("reused-id-selects", breaks="ACTION-009")
class ReusedIdSelects(Actions):
    """A selection under the id of another action is refused, and made all the same."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if not self.same(action, known):
            _do(self, action, ("article.select",))
        super().repeat_as_next(action, known)


@fault("reused-id-edits", breaks="ACTION-009")
class ReusedIdEdits(Actions):
    """A start or end of an edit under the id of another action is refused, and done all the same."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if not self.same(action, known):
            _do(self, action, ("article.edit_start", "article.edit_end"))
        super().repeat_as_next(action, known)


@fault("reused-id-deletes", breaks="ACTION-009")
class ReusedIdDeletes(Actions):
    """A deletion under the id of another action is refused, and done all the same."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if not self.same(action, known):
            _do(self, action, ("article.delete", "chat.delete", "url.delete"))
        super().repeat_as_next(action, known)


@fault("used-number-types", breaks="ACTION-010")
class UsedNumberTypes(Actions):
    """A typing under a used number is refused, and told all the same."""

    def used(self, action: Action) -> None:
        _do_new(self, action, ("chat.typing",))
        super().used(action)


@fault("used-number-selects", breaks="ACTION-010")
class UsedNumberSelects(Actions):
    """A selection under a used number is refused, and made all the same."""

    def used(self, action: Action) -> None:
        _do_new(self, action, ("article.select",))
        super().used(action)


@fault("used-number-starts-edit", breaks="ACTION-010")
class UsedNumberStartsEdit(Actions):
    """A start of an edit under a used number is refused, and done all the same."""

    def used(self, action: Action) -> None:
        _do_new(self, action, ("article.edit_start",))
        super().used(action)


@fault("used-number-publishes", breaks="ACTION-010")
class UsedNumberPublishes(Actions):
    """A publish under a used number is refused, and done all the same."""

    def used(self, action: Action) -> None:
        _do_new(self, action, ("article.publish",))
        super().used(action)


@fault("used-number-changes-url", breaks="ACTION-010")
class UsedNumberChangesUrl(Actions):
    """An update of a url under a used number is refused, and done all the same."""

    def used(self, action: Action) -> None:
        _do_new(self, action, ("url.update",))
        super().used(action)


@fault("copy-tells-revision-of-now", breaks="ACTION-006")
class CopyTellsRevisionOfNow(Actions):
    """A copy of what was refused for its revision tells the revision of now."""

    def tell(
        self, action: Action, outcome: Outcome, position: JsonObject, status: str = "applied"
    ) -> None:
        if status == "duplicate" and outcome.error is not None and outcome.error["code"] == 4090:
            article = self.services.store.article(action.data["article_id"])
            if article is not None:
                details = {"revision": article["revision"]}
                outcome = replace(outcome, error={**outcome.error, "details": details})
        super().tell(action, outcome, position, status)


@fault("stale-copy-done-where-it-fits", breaks="ACTION-006")
class StaleCopyDoneWhereItFits(Actions):
    """What was refused for its revision is judged again when it comes as the next number."""

    def repeat_as_next(self, action: Action, known: Outcome) -> None:
        if known.error is not None and known.error["code"] == 4090 and self.same(action, known):
            self.run(action)
        else:
            super().repeat_as_next(action, known)
