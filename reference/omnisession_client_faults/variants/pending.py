"""How a client keeps actions pending, sends them again and takes them along."""

import json
from dataclasses import replace
from typing import Any

from omnisession_client import asking, recovery
from omnisession_client.effects import SetTimer, Step
from omnisession_client.messages import Dispatched
from omnisession_client.pending import sending
from omnisession_client.pending.lists import AGAIN, OUTCOME, find, put
from omnisession_client.values import Pending, State
from omnisession_client_faults.places import replacing
from omnisession_client_faults.variants import variant
from omnisession_client_faults.variants.acting import OWN_SUBJECTS
from omnisession_reference.wire import JsonObject, encode


@variant("sends-again-before-the-answer", of=("HYB-008",), replaces="update.ready")
def before_the_answer(original: Any, state: State) -> Step:
    """On a new connection all that is pending goes out again before the recovery is answered."""
    after, effects = original(state)
    if after.opened is None or after.phase != "recovering":
        return after, effects
    due = [one for one in after.pending if one.number is not None and one.status == "due"]
    sent = sending.send(after, [one for one in due if one.not_before_ms <= after.steady_ms])
    return sent[0], (*effects, *sent[1])


@variant("sends-again-before-and-behind", of=("HYB-008",), replaces="update.ready")
def before_and_behind(original: Any, state: State) -> Step:
    """On a new connection all goes out before the recovery is answered, as from a buffer, and once more."""
    after, effects = original(state)
    if after.opened is None or after.phase != "recovering":
        return after, effects
    due = [one for one in after.pending if one.number is not None and one.status == "due"]
    _, sent = sending.send(after, [one for one in due if one.not_before_ms <= after.steady_ms])
    return after, (*effects, *(effect for effect in sent if not isinstance(effect, SetTimer)))


def _later(state: State, one: Pending, least_ms: int = 0) -> Step:
    """Send one action again after a wait of its own."""
    bound = asking.bound_ms(state, max(one.copies, 1) - 1)
    until = state.steady_ms + least_ms
    waiting = put(state, replace(one, status="waiting", not_before_ms=until))
    return waiting, (SetTimer(OUTCOME + one.doing.action_id, least_ms, least_ms + bound),)


@replacing("pending.sending.later")
def _each_later(_original: Any, state: State, one: Pending, least_ms: int = 0) -> Step:
    return _later(state, one, least_ms)


@variant(
    "has-a-timer-for-each-action",
    _each_later,
    of=("HYB-007", "HYB-008"),
    replaces="pending.sending.rang",
)
def a_timer_for_each(original: Any, state: State, timer: str) -> Step:
    """An action that is sent again goes alone, when its own wait is over."""
    one = find(state, timer.removeprefix(OUTCOME))
    if timer == AGAIN or one is None or one.status != "waiting":
        return original(state, timer)
    if state.phase == "live":
        return sending.send(state, [one])
    return put(state, replace(sending.due(one), not_before_ms=0)), ()


@variant("waits-with-pending-ones-alike", of=("HYB-007",), replaces="pending.sending.wait")
def alike(original: Any, state: State, least_ms: int) -> Step:
    """Pending actions are sent again after the bound of their wait, and not at a random time before it."""
    after, effects = original(state, least_ms)
    return after, tuple(
        replace(e, at_least_ms=e.at_most_ms) if isinstance(e, SetTimer) else e for e in effects
    )


@variant("numbers-at-dispatch", of=("HYB-017",), replaces="pending.taking.dispatch")
def at_dispatch(original: Any, state: State, action: Dispatched) -> Step:
    """An action has its number from dispatch on, also while its session is not live."""
    after, effects = original(state, action)
    is_known = after.opened is not None and after.phase in ("offline", "recovering")
    return (sending.numbered(after) if is_known else after), effects


@variant("sends-while-it-recovers", of=("HYB-017",), replaces="pending.taking.dispatch")
def while_it_recovers(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched while a recovery is under way goes out at once, behind all that is pending."""
    after, effects = original(state, action)
    asks = after.phase == "recovering" and after.recovery.number is not None
    new = len(after.pending) > len(state.pending)
    if not (asks and new) or any(one.status != "sent" for one in state.pending):
        return after, effects
    sent = sending.send(after := sending.numbered(after), after.pending[-1:])
    return sent[0], (*effects, *sent[1])


@variant("is-never-full", of=("HYB-016",), replaces="pending.taking.MOST_PENDING")
def never_full(_original: int) -> int:
    """Any number of actions may be pending."""
    return 10**9


@variant("syncs-while-something-is-pending", of=("HYB-008", "CLI-016"), replaces="recovery.ask")
def syncs(original: Any, state: State) -> Step:
    """A recovery is a sync while something is pending."""
    if state.pending and state.recovery.want == recovery.RESUME:
        state = replace(state, recovery=replace(state.recovery, want=recovery.SYNC))
    return original(state)


@variant("keeps-the-time-of-dispatch", of=("HYB-009",), replaces="pending.sending._numbered")
def time_of_dispatch(original: Any, state: State, one: Pending) -> State:
    """The timestamp of an action is the time of its dispatch, in each session that it comes along into."""
    now_ms = state.now_ms
    return replace(original(replace(state, now_ms=one.doing.at_ms), one), now_ms=now_ms)


@variant("gives-up-some-time-early", of=("HYB-019",), replaces="pending.carrying.known")
def early(original: Any, state: State, sent_ms: int) -> State:
    """The margin before outcomes are forgotten is a quarter of the time."""
    after: State = original(state, sent_ms)
    if after.known_ms is None or state.opened is None:
        return after
    whole = state.opened.resume_window_ms + state.opened.limits["outcomes_ms"]
    return replace(after, known_ms=max(sent_ms + whole * 3 // 4, state.known_ms or 0))


@variant("gives-up-the-harmless-too", of=("HYB-019",), replaces="pending.carrying.is_harmless")
def harmless_too(_original: Any, _one: Pending) -> bool:
    """After a long absence what may be done twice without harm is given up as all else."""
    return False


@variant("gives-up-what-was-never-sent", of=("HYB-019",), replaces="pending.carrying.opened")
def never_sent(original: Any, state: State) -> State:
    """After a long absence what was dispatched meanwhile, and never sent, is given up as all else."""
    marked = tuple(replace(one, left=True) for one in state.pending)
    after: State = original(replace(state, pending=marked))
    there = {one.doing.action_id for one in after.pending}
    kept = tuple(one for one in state.pending if one.doing.action_id in there)
    return replace(after, pending=kept)


@variant(
    "sends-pending-ones-by-type", of=("HYB-001", "HYB-009"), replaces="pending.sending._numbered"
)
def by_type(original: Any, state: State, one: Pending) -> State:
    """Two types of pending actions go to the subjects that they have of their own."""
    after: State = original(state, one)
    made, doing = find(after, one.doing.action_id), one.doing
    if made is None or not made.body or doing.type not in OWN_SUBJECTS:
        return after
    subject, member = OWN_SUBJECTS[doing.type]
    body = json.loads(made.body)
    if member not in body["data"] or len(body["data"]) > 1:
        return after
    data = encode({**body.pop("data"), **body})
    return put(after, replace(made, subject=subject, body=data))


@variant("says-more-of-what-is-pending", of=("HYB-002",), replaces="report._pending")
def says_more(original: Any, one: Pending) -> JsonObject:
    """A report of what is pending says more of it than anybody asked for."""
    return {"type": one.doing.type, **original(one), "since": one.doing.at_ms}
