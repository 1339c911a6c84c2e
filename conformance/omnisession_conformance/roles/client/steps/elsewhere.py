"""What another session of the same user does, as this one is told of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.profiles import EVENTS
from omnisession_conformance.roles.client.puppet.steps import change

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.steps.acts import Acts


def act_elsewhere(acts: Acts, number: int, *, deliver: bool = True) -> None:
    """Let another session do something under a number of its own; states name no cause."""
    actor, served = acts.actor, acts.actor.served
    kind = served.kinds[0]
    if EVENTS not in served.features:
        actor.step(kind=kind, deliver=deliver)
        return
    type_, data = change(kind, 1_000 + number, time.time_ns() // 1_000_000)
    cause = {"action_id": "elsewhere", "session_id": "s-elsewhere", "client_seq": number}
    by = actor.user_id
    actor.puppet.event(served, type_, data, deliver=deliver, actor=by, cause=cause)
