"""What a client shows: its pending actions on top of its slices, before the server has done them."""

from omnisession_client.kinds import KINDS
from omnisession_client.kinds.kind import LOCAL, Limits
from omnisession_client.values import Pending, State
from omnisession_reference.wire import JsonObject

__all__ = ["LOCAL", "view"]


def view(state: State) -> dict[str, JsonObject]:
    """Fold what is pending over the slices; what is there already is not shown twice."""
    shown = dict(state.slices)
    for one in state.pending:
        if not one.seen or not creates(one):
            shown = folded(state, shown, one)
    return shown


def creates(one: Pending) -> bool:
    """Whether an action creates something."""
    return any(kind.creates and kind.creates.action == one.doing.type for kind in KINDS.values())


def folded(state: State, shown: dict[str, JsonObject], one: Pending) -> dict[str, JsonObject]:
    """The slices after an action, by the rule of its type; those that have none show nothing."""
    limits: Limits = {} if state.opened is None else state.opened.limits
    for name, held in shown.items():
        rule = KINDS[name].rules.get(one.doing.type)
        if rule is not None:
            after = rule(held, one.doing, state.config.user_id, limits)
            return {**shown, name: after}
    return shown
