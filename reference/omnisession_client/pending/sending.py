"""When pending actions are sent: once the session is live, and again after a wait or a cut.

A server takes actions in the order of their numbers, so that one which it refuses for now holds up all
behind it. Whenever a copy is due, everything without an outcome goes again, in order.
"""

from collections.abc import Iterable
from dataclasses import replace

from omnisession_client import asking, bodies, refusing
from omnisession_client.effects import CancelTimer, Effects, Publish, SetTimer, Step, then
from omnisession_client.pending import settling
from omnisession_client.pending.lists import AGAIN, OUTCOME, find, no_timer, put, without
from omnisession_client.values import Pending, Refused, State

# So many copies of the oldest one that is ahead of the server's count: a number is missing there. What
# fills such a gap came with one of them, or never comes: with their waits that is half a minute at most.
MOST_GAPS = 8


def live(state: State) -> Step:
    """Send what is due, if the session is live."""
    if state.phase != "live":
        return state, ()
    state, effects = settling.settled(state)
    state = waiting(numbered(state))
    now = [one for one in state.pending if one.status == "due"]
    return then(then((state, effects), lambda after: send(after, now)), waits_on)


def waiting(state: State) -> State:
    """Let those wait that the server wants later, be it on a new connection."""
    for one in state.pending:
        if one.status == "due" and one.not_before_ms > state.steady_ms:
            state = put(state, replace(one, status="waiting"))
    return state


def numbered(state: State) -> State:
    """Give numbers to all that have none, but for what proves to be none that the session takes."""
    for one in state.pending:
        if one.number is None:
            state = _numbered(state, one)
    return state


def _numbered(state: State, one: Pending) -> State:
    doing = one.doing
    body = bodies.action(state, doing.action_id, doing.type, doing.data, doing.expect)
    if reason := refusing.refusal(state, doing, body):
        return refusing.told(without(state, one), Refused(doing.action_id, reason=reason))
    subject, number = bodies.actions_subject(state), state.next_number
    state = put(state, replace(one, number=number, subject=subject, body=body or b""))
    return replace(state, next_number=number + 1)


def send(state: State, some: Iterable[Pending]) -> Step:
    """Send actions in their order; each copy has the same bytes."""
    effects: Effects = ()
    for one in some:
        state, more = publish(state, one)
        effects += more
    return state, (*effects, asking.next_ping(state)) if effects else ()


def publish(state: State, one: Pending) -> Step:
    """Send a copy of an action, and wait for its outcome."""
    wait_ms = state.config.timings.outcome_ms
    sent_ms = state.steady_ms if one.copies == 0 else one.sent_ms
    sent = replace(one, status="sent", copies=one.copies + 1, sent_ms=sent_ms, left=True)
    timer = SetTimer(OUTCOME + one.doing.action_id, wait_ms, wait_ms)
    return put(state, sent), (Publish(one.subject, one.body), timer)


def unanswered(state: State) -> tuple[Pending, ...]:
    """What has a number and no outcome, in order."""
    return tuple(one for one in state.pending if one.number is not None and one.status != "acked")


def later(state: State, one: Pending, least_ms: int = 0) -> Step:
    """Send an action again after a random wait, and not before the server wants it."""
    not_before = state.steady_ms + least_ms
    return wait(put(state, replace(one, status="waiting", not_before_ms=not_before)), least_ms)


def wait(state: State, least_ms: int) -> Step:
    """Set the timer for the next copies, unless it is set and no wait goes beyond it."""
    until = state.steady_ms + least_ms
    if state.again_ms is not None and (least_ms == 0 or until <= state.again_ms):
        return state, ()
    tries = [one.copies for one in unanswered(state)[:1]]
    bound = asking.bound_ms(state, max(0, *tries, 1) - 1)
    return replace(state, again_ms=until), (SetTimer(AGAIN, least_ms, least_ms + bound),)


def waits_on(state: State) -> Step:
    """Keep the timer for the next copies for what still waits, and for nothing else."""
    wanted = [one.not_before_ms for one in state.pending if one.status == "waiting"]
    if wanted:
        return wait(state, max(0, max(wanted) - state.steady_ms))
    if state.again_ms is None:
        return state, ()
    return replace(state, again_ms=None), (CancelTimer(AGAIN),)


def rang(state: State, timer: str) -> Step:
    """No outcome came in time, or the wait before the next copies is over."""
    if timer == AGAIN:
        return again(replace(state, again_ms=None))
    one = find(state, timer.removeprefix(OUTCOME))
    if one is None or one.status != "sent":
        return state, ()
    return later(state, one) if state.phase == "live" else (put(state, due(one)), ())


def again(state: State) -> Step:
    """Send everything without an outcome again, as soon as the session is live."""
    some = unanswered(state)
    if all(one.status != "waiting" for one in some):
        return state, ()
    if state.phase == "live":
        return send(state, some)
    for one in some:
        state = put(state, replace(due(one), not_before_ms=0))
    return state, ()


def due(one: Pending) -> Pending:
    """An action that is sent once the session is live."""
    return replace(one, status="due")


def lost(state: State) -> Step:
    """The connection is gone: on the next one everything is sent again, acked or not."""
    return replace(state, pending=tuple(due(one) for one in state.pending)), ()


def ended(state: State) -> Step:
    """The session is gone: nothing is waited for there."""
    effects = (*(no_timer(one) for one in state.pending), CancelTimer(AGAIN))
    return replace(state, again_ms=None), effects


def is_above(state: State) -> bool:
    """Whether the broker takes less by now than an action has that waits for its outcome."""
    return any(len(one.body) > state.max_payload for one in unanswered(state))


def exhausted(state: State) -> bool:
    """Whether the server misses a number that nothing pending has: only a new session has others."""
    return any(one.gap and one.copies > MOST_GAPS for one in unanswered(state)[:1])
