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


def _under_an_id(types: tuple[str, ...]) -> type[Actions]:
    class UnderAnId(Actions):
        def repeat_as_next(self, action: Action, known: Outcome) -> None:
            if not self.same(action, known):
                _do(self, action, types)
            super().repeat_as_next(action, known)

    return UnderAnId


def _under_a_number(types: tuple[str, ...]) -> type[Actions]:
    class UnderANumber(Actions):
        def used(self, action: Action) -> None:
            if self.known(action) is None:
                _do(self, action, types)
            super().used(action)

    return UnderANumber


OF_IDS = {
    "types": ("A typing {} is refused, and told", ("chat.typing",)),
    "selects": ("A selection {} is refused, and made", ("article.select",)),
    "edits": (
        "A start or end of an edit {} is refused, and done",
        ("article.edit_start", "article.edit_end"),
    ),
    "deletes": (
        "A deletion {} is refused, and done",
        ("article.delete", "chat.delete", "url.delete"),
    ),
}
OF_NUMBERS = {
    "types": ("A typing {} is refused, and told", ("chat.typing",)),
    "selects": ("A selection {} is refused, and made", ("article.select",)),
    "starts-edit": ("A start of an edit {} is refused, and done", ("article.edit_start",)),
    "publishes": ("A publish {} is refused, and done", ("article.publish",)),
    "changes-url": ("An update of a url {} is refused, and done", ("url.update",)),
}
"""By name what is said of an action under the id of another one, or under a used number, and its types."""

for _name, (_said, _types) in OF_IDS.items():
    _part = _under_an_id(_types)
    _part.__doc__ = f"{_said.format('under the id of another action')} all the same."
    fault(f"reused-id-{_name}", breaks="ACTION-009")(_part)
for _name, (_said, _types) in OF_NUMBERS.items():
    _part = _under_a_number(_types)
    _part.__doc__ = f"{_said.format('under a used number')} all the same."
    fault(f"used-number-{_name}", breaks="ACTION-010")(_part)


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
