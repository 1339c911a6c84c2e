"""The list of what is pending."""

from dataclasses import replace

from omnisession_client.effects import CancelTimer
from omnisession_client.values import Pending, State

# Each action has a timer for its outcome, whose name is this and its id; one is for all copies.
OUTCOME, AGAIN = "outcome ", "again"


def find(state: State, action_id: object) -> Pending | None:
    """The pending action with an id, if there is one."""
    return next((one for one in state.pending if one.doing.action_id == action_id), None)


def put(state: State, changed: Pending) -> State:
    """Have an action in the place of the one with its id."""
    action_id = changed.doing.action_id
    pending = tuple(changed if one.doing.action_id == action_id else one for one in state.pending)
    return replace(state, pending=pending)


def without(state: State, gone: Pending) -> State:
    """Take an action out."""
    action_id = gone.doing.action_id
    pending = tuple(one for one in state.pending if one.doing.action_id != action_id)
    return replace(state, pending=pending)


def no_timer(one: Pending) -> CancelTimer:
    """Wait for no outcome of an action any more."""
    return CancelTimer(OUTCOME + one.doing.action_id)
