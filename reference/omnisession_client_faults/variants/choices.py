"""Where the pages name two ways, the one that the reference client does not take."""

from typing import Any

from omnisession_client import answers, ending, reading, recovery
from omnisession_client.effects import Publish, Step, then
from omnisession_client.values import Pending, State
from omnisession_client_faults.variants import variant
from omnisession_reference.wire import JsonObject


@variant("is-closed-when-its-open-is-over", of=("CLI-030",), replaces="answers.refused")
def closed_at_its_open(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that is told that its session is over ends the client: its user has to want another."""
    over = asked == recovery.OPEN and reading.failure(data).code == answers.CLOSED
    return ending.over(state) if over else original(state, asked, data)


@variant(
    "syncs-after-a-nack", of=("HYB-006",), replaces="pending.outcomes.refused", mode="optimistic"
)
def syncs_after_a_nack(original: Any, state: State, one: Pending, code: int) -> Step:
    """What is refused for good is followed by a sync, so that nothing of it can be left."""
    return then(original(state, one, code), lambda now: recovery.begin(now, recovery.SYNC))


@variant(
    "keeps-what-is-counted-until-its-states-are-there",
    of=("HYB-002",),
    replaces="pending.settling.is_counted",
)
def keeps_until_states(original: Any, state: State, one: Pending) -> bool:
    """What the answer to a recovery counts stays pending until the states behind it have come."""
    waits = state.phase == "live" and state.recovery.goal is not None
    return not waits and original(state, one)


@variant(
    "sends-once-more-what-is-counted",
    of=("HYB-002", "HYB-015"),
    replaces="pending.settling.settled",
)
def sends_once_more(original: Any, state: State) -> Step:
    """What is counted and had no outcome is sent once more, so that its user hears of a refusal."""
    after, effects = original(state)
    if after.phase != "live":
        return after, effects
    left = {one.doing.action_id for one in after.pending}
    gone = [one for one in state.pending if one.doing.action_id not in left]
    unheard = [one for one in gone if one.doing.action_id in after.unheard]
    return after, (*effects, *(Publish(one.subject, one.body) for one in unheard if one.body))
