"""What the client's place counts is done, whatever told so."""

from dataclasses import replace

from omnisession_client.effects import Step
from omnisession_client.pending import seeing
from omnisession_client.pending.lists import no_timer
from omnisession_client.values import Pending, Position, State

# So many outcomes a server remembers, so as many may still come.
MOST_UNHEARD = 256


def ahead(state: State, at: Position) -> State:
    """Note a position that the client has yet to reach, where it counts more than those before."""
    most = max((state.counted, *(other.last_action_seq for other in state.ahead)))
    if at.last_action_seq <= most:
        return state
    return replace(state, ahead=(*state.ahead, at))


def settled(state: State) -> Step:
    """Go by the positions that are reached: what they count is no longer pending."""
    place = state.place
    reached = [at for at in state.ahead if place is not None and at.place <= place]
    if reached:
        counted = max(state.counted, *(at.last_action_seq for at in reached))
        rest = tuple(at for at in state.ahead if at not in reached)
        state = replace(state, counted=counted, ahead=rest)
    state = seeing.shown(state)
    done = [one for one in state.pending if is_counted(state, one)]
    if not done:
        return state, ()
    unheard = tuple(one.doing.action_id for one in done if one.status != "acked")
    state = replace(
        state,
        pending=tuple(one for one in state.pending if not is_counted(state, one)),
        unheard=(*state.unheard, *unheard)[-MOST_UNHEARD:],
    )
    return state, tuple(no_timer(one) for one in done)


def is_counted(state: State, one: Pending) -> bool:
    """Whether the client's place counts an action."""
    return one.number is not None and one.number <= state.counted
