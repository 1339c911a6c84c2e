"""What is sent again on a new connection."""

import json
from dataclasses import replace
from typing import Any

from omnisession_client.effects import Step
from omnisession_client.pending import sending
from omnisession_client.pending.lists import put
from omnisession_client.values import Pending, Position, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.parts import then_the_next
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject


def _again(some: list[Pending]) -> list[Pending]:
    """What was sent already, on a connection that is gone."""
    return [one for one in some if one.copies and one.status == "due"]


def _as_sent(state: State, some: list[Pending]) -> State:
    """Take actions for sent; the timers of their outcomes run on."""
    for one in some:
        state = put(state, replace(one, status="sent"))
    return state


def _but(original: Any, state: State, some: Any, left: list[Pending]) -> Step:
    """Send some actions but those that are left out."""
    return original(_as_sent(state, left), [one for one in some if one not in left])


@fault("sends-the-newest-again", breaks="HYB-008", replaces="pending.sending.send")
def the_newest(original: Any, state: State, some: Any) -> Step:
    """On a new connection only the last of the pending actions is sent again."""
    some = list(some)
    return _but(original, state, some, _again(some)[:-1])


@fault("sends-the-oldest-again", breaks="HYB-008", replaces="pending.sending.send")
def the_oldest(original: Any, state: State, some: Any) -> Step:
    """On a new connection only the first of the pending actions is sent again."""
    some = list(some)
    return _but(original, state, some, _again(some)[1:])


@fault("sends-nothing-again", breaks="HYB-008", replaces="pending.sending.lost")
def nothing(_original: Any, state: State) -> Step:
    """On a new connection nothing is sent again before the time for its outcome is over."""
    return state, ()


@fault("sends-again-after-the-first-cut", breaks="HYB-008", replaces="pending.sending.lost")
def after_the_first(original: Any, state: State) -> Step:
    """After the second cut nothing is sent again before the time for its outcome is over."""
    return original(state) if memory.count(state, "cuts") == 1 else (state, ())


@fault("sends-again-what-had-no-ack", breaks="HYB-008", replaces="pending.sending.lost")
def no_ack(original: Any, state: State) -> Step:
    """What was acked, and is not counted yet, is not sent again on a new connection."""
    acked = [one for one in state.pending if one.status == "acked"]
    after, effects = original(state)
    for one in acked:
        after = put(after, one)
    return after, effects


@fault("sends-again-from-the-last", breaks="HYB-008", replaces="pending.sending.send")
def from_the_last(original: Any, state: State, some: Any) -> Step:
    """What was pending is sent again from the last to the first."""
    again = _again(some := list(some))
    return original(state, [*reversed(again), *(one for one in some if one not in again)])


@fault("sends-again-behind-what-is-new", breaks="HYB-008", replaces="pending.sending.send")
def behind_what_is_new(original: Any, state: State, some: Any) -> Step:
    """What was dispatched during a cut goes out before what was pending."""
    return original(state, sorted(some, key=lambda one: one.copies > 0))


@fault("sends-again-at-the-next-dispatch", breaks="HYB-008", replaces="acting.live")
def at_the_next_dispatch(original: Any, state: State) -> Step:
    """What was pending is sent again on a new connection when something is dispatched there."""
    waiting = tuple(_again(list(state.pending)))
    rest = tuple(one for one in state.pending if one not in waiting)
    after, effects = original(replace(state, pending=rest))
    return replace(after, pending=(*waiting, *after.pending)), effects


@fault("sends-nothing-again-after-states", breaks="HYB-008", replaces="answers.states_follow")
def after_states(original: Any, state: State, at: Position, kinds: int) -> State:
    """A recovery that is answered by states is no reason to send anything again."""
    after = original(state, at, kinds)
    return _as_sent(after, _again(list(after.pending)))


@fault("sends-nothing-again-after-a-resume", breaks="HYB-008", replaces="answers.resumed")
def after_a_resume(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Only a recovery that is answered by states is a reason to send anything again."""
    if data.get("mode") != "snapshot":
        state = _as_sent(state, _again(list(state.pending)))
    return original(state, at, data)


@replacing("pending.sending.waits_on")
def _sets_no_timer_for_them(original: Any, state: State) -> Step:
    waiting = tuple(_again(list(state.pending)))
    rest = tuple(one for one in state.pending if one not in waiting)
    after, effects = original(replace(state, pending=rest))
    return replace(after, pending=state.pending), effects


@fault(
    "sends-one-again-at-a-time",
    then_the_next,
    _sets_no_timer_for_them,
    breaks="HYB-008",
    replaces="pending.sending.send",
)
def one_at_a_time(original: Any, state: State, some: Any) -> Step:
    """On a new connection each pending action waits for the outcome of the one before."""
    again = _again(some := list(some))
    if not again:
        return original(state, some)
    flies = any(one.status == "sent" for one in state.pending)
    return original(state, [] if flies else again[:1])


@fault("numbers-its-copies-anew", breaks="HYB-007", replaces="pending.sending.lost")
def numbers_anew(original: Any, state: State) -> Step:
    """On a new connection all that is pending has new numbers."""
    after, effects = original(state)
    for one in after.pending:
        if one.copies:
            number = after.next_number
            body = json.dumps({**json.loads(one.body), "client_seq": number}).encode()
            after = put(after, replace(one, number=number, body=body))
            after = replace(after, next_number=number + 1)
    return after, effects


@fault("never-sends-the-silent-again", breaks="HYB-007", replaces="pending.sending.rang")
def never_the_silent(original: Any, state: State, timer: str) -> Step:
    """Of pending actions one without an outcome is sent again by a nack or a cut alone."""
    return original(state, timer) if timer == sending.AGAIN else (state, ())


@fault("sends-pending-ones-again-at-once", breaks="HYB-007", replaces="pending.sending.later")
def at_once(_original: Any, state: State, one: Pending, _least_ms: int = 0) -> Step:
    """A pending action that got a retryable nack is sent again without a wait."""
    return sending.publish(state, one)
