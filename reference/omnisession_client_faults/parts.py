"""Parts of wrong clients that keep actions pending, which more than one of them needs."""

from typing import Any

from omnisession_client.effects import Step, then
from omnisession_client.pending import sending
from omnisession_client.values import Pending, State
from omnisession_client_faults import memory
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject


@replacing("pending.outcomes.acked")
def notes_duplicates(original: Any, state: State, one: Pending, data: JsonObject) -> Step:
    """Remember which actions got an ack that says `duplicate`."""
    if data.get("status") == "duplicate":
        memory.of(state).setdefault("duplicates", set[str]()).add(one.doing.action_id)
    return original(state, one, data)


def was_a_duplicate(state: State, one: Pending) -> bool:
    """Whether an action got such an ack."""
    return one.doing.action_id in memory.of(state).get("duplicates", ())


@replacing("pending.outcomes.outcome")
def then_the_next(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """Send what is due whenever an outcome comes."""
    return then(original(state, type_, data), sending.live)
