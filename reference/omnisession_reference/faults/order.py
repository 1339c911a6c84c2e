"""Faults of numbers and their order."""
# ruff: noqa: D102  an override means what it overrides

from collections.abc import Sequence

from omnisession_reference.action import Action
from omnisession_reference.actions import Actions
from omnisession_reference.change import Change
from omnisession_reference.errors import Refusal
from omnisession_reference.fanout import Fanout
from omnisession_reference.faults.registry import fault
from omnisession_reference.timers import Clockwork
from omnisession_reference.wire import JsonObject


@fault("seq-for-refusals", breaks="ORDER-002")
class SeqForRefusals(Actions):
    """A refused action takes a seq that no message has."""

    def refuse(self, action: Action, refusal: Refusal) -> None:
        action.session.next_seq()
        super().refuse(action, refusal)


@fault("counted-at-first-effect", breaks="ORDER-006")
class CountedAtFirstEffect(Fanout):
    """The first of several effects already counts the action."""

    def tell_acting(self, action: Action, own: Sequence[tuple[Change, JsonObject]]) -> None:
        action.session.count(action.client_seq)
        super().tell_acting(action, own)


@fault("heartbeat-ahead", breaks="ORDER-007")
class HeartbeatAhead(Clockwork):
    """A heartbeat names the next seq."""

    def beat(self) -> None:
        self.session.flush()
        position = self.session.position()
        ahead = {**position, "seq": position["seq"] + 1}
        self.session.push("session.heartbeat", {"position": ahead})
