"""Faults of whose message is handled next."""
# ruff: noqa: ARG002, D102  an override means what it overrides

import time

from omnisession_faults.faults.registry import fault
from omnisession_reference.turns import Turns
from omnisession_reference.wire import Incoming

# So slow is an action that waits for its store: what others do meanwhile is the point.
ACTION_S = 0.015


@fault("one-slow-line-for-all", breaks="CTRL-001")
class OneSlowLineForAll(Turns):
    """Messages are handled in the order in which they came, and each action takes 15 ms."""

    def user_of(self, message: Incoming) -> str:
        return ""

    def next(self) -> None:
        if self._users[""].messages[0][0].subject.startswith("user.actions."):
            time.sleep(ACTION_S)
        super().next()
