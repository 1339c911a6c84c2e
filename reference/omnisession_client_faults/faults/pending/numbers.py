"""Numbers of actions that are pending."""

import json
from dataclasses import replace
from typing import Any

from omnisession_client import reading
from omnisession_client.effects import Step
from omnisession_client.values import Pending, State
from omnisession_client_faults.faults import fault
from omnisession_reference.wire import JsonObject, encode


@fault("drops-by-the-number-of-a-cause", breaks="HYB-004", replaces="pending.seeing.seen")
def by_a_cause(original: Any, state: State, body: JsonObject) -> State:
    """An action is no longer pending once an event has its number in `cause`, of whatever session."""
    number = (reading.mapping(body.get("cause")) or {}).get("client_seq")
    after: State = original(state, body)
    rest = (one for one in after.pending if number is None or one.number != number)
    return replace(after, pending=tuple(rest))


@fault("closes-up-behind-a-nack", breaks="HYB-006", replaces="pending.outcomes.refused")
def closes_up(original: Any, state: State, one: Pending, code: int) -> Step:
    """What is pending behind an action that was refused for good has numbers that are one lower."""
    after, effects = original(state, one, code)

    def moved(other: Pending) -> Pending:
        if other.number is None or one.number is None or other.number < one.number:
            return other
        number = other.number - 1
        body = encode({**json.loads(other.body), "client_seq": number})
        return replace(other, number=number, body=body)

    pending = tuple(moved(other) for other in after.pending)
    return replace(after, pending=pending, next_number=after.next_number - 1), effects
