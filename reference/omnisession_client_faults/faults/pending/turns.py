"""Pending actions that go wrong at one turn: over two cuts, in a second session, at one kind of answer."""

from dataclasses import replace
from typing import Any

from omnisession_client import reading
from omnisession_client.effects import SetTimer, Step
from omnisession_client.messages import Answered, Dispatched
from omnisession_client.pending import carrying
from omnisession_client.pending.lists import put
from omnisession_client.values import Pending, Position, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject


@fault("hears-no-count-of-pongs", breaks="HYB-002", mode="hybrid", replaces="answers.pong")
def of_pongs(original: Any, state: State, body: Any, data: Any) -> Step:
    """The last_action_seq of a pong counts nothing."""
    after, effects = original(state, body, data)
    return replace(after, counted=state.counted, ahead=state.ahead), effects


@replacing("update.began")
def _keeps_count(original: Any, state: State, session_id: str) -> Step:
    memory.of(state)["counted"] = state.counted
    return original(state, session_id)


@fault(
    "takes-its-count-along",
    _keeps_count,
    breaks="HYB-002",
    mode="hybrid",
    replaces="answers.opened",
)
def count_along(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """What the session before has counted counts in a new one."""
    kept = memory.of(state)
    after, effects = original(state, at, data)
    return replace(after, counted=max(after.counted, kept.get("counted", 0))), effects


@fault("remembers-one-position", breaks="HYB-002", mode="hybrid", replaces="pending.settling.ahead")
def one_position(original: Any, state: State, at: Position) -> State:
    """Of positions that are to be reached only the last that was told is remembered."""
    return replace(original(state, at), ahead=(at,))


@fault(
    "drops-by-an-ack-while-it-recovers", breaks="HYB-002", mode="hybrid", replaces="hearing.release"
)
def while_recovering(original: Any, state: State) -> Step:
    """What was told while a recovery was under way counts at once, wherever the client is."""
    after, effects = original(state)
    most = max((after.counted, *(at.last_action_seq for at in after.ahead)))
    return replace(after, counted=most), effects


@fault(
    "sends-nothing-again-when-nothing-was-missed",
    breaks="HYB-008",
    mode="hybrid",
    replaces="answers.resumed",
)
def nothing_missed(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """A recovery that brings nothing is no reason to send anything again."""
    if data.get("mode") != "current":
        return original(state, at, data)
    for one in state.pending:
        if one.status == "due" and one.copies:
            state = put(state, replace(one, status="sent"))
    return original(state, at, data)


@fault(
    "sends-nothing-again-when-cut-twice",
    breaks="HYB-008",
    mode="hybrid",
    replaces="pending.sending.lost",
)
def cut_twice(original: Any, state: State) -> Step:
    """A second cut, before the recovery of the first is answered, loses what was to be sent again."""
    if state.phase == "live" or not any(one.copies for one in state.pending):
        return original(state)
    pending = tuple(replace(one, status="sent") if one.copies else one for one in state.pending)
    return replace(state, pending=pending), ()


@fault("sends-again-one-in-two", breaks="HYB-008", mode="hybrid", replaces="pending.sending.lost")
def one_in_two(original: Any, state: State) -> Step:
    """A list that is changed while it is walked: each second pending action is not sent again."""
    after, effects = original(state)
    pending = tuple(
        one if index % 2 else new
        for index, (one, new) in enumerate(zip(state.pending, after.pending, strict=True))
    )
    return replace(after, pending=pending), effects


@fault("sends-again-after-three-seconds", breaks="HYB-008", mode="hybrid", replaces="acting.live")
def with_a_wait(original: Any, state: State) -> Step:
    """What was sent before a cut goes out three seconds after the recovery on the new connection."""
    late = [one for one in state.pending if one.status == "due" and one.copies]
    if not late or state.phase != "live":
        return original(state)
    for one in late:
        state = put(state, replace(one, status="waiting"))
    step = original(replace(state, again_ms=state.steady_ms + 3_000))
    return step[0], (*step[1], SetTimer("again", 3_000, 3_000))


@fault(
    "takes-along-by-action-id", breaks="HYB-009", mode="hybrid", replaces="pending.carrying.began"
)
def by_action_id(original: Any, state: State) -> State:
    """What comes along into a new session is in the order of the ids, as a map gives it."""
    after = original(state)
    return replace(after, pending=tuple(sorted(after.pending, key=lambda one: one.doing.action_id)))


@fault(
    "takes-along-behind-what-is-new",
    breaks="HYB-009",
    mode="hybrid",
    replaces="pending.sending.numbered",
)
def behind_what_is_new(original: Any, state: State) -> State:
    """What comes along is numbered behind what was dispatched before the new session was open."""
    old = tuple(one for one in state.pending if one.number is None and one.left)
    if not old:
        return original(state)
    rest = tuple(one for one in state.pending if one not in old)
    return original(replace(state, pending=(*rest, *old)))


@fault("takes-along-at-the-next-dispatch", breaks="HYB-009", mode="hybrid", replaces="acting.live")
def at_the_next_dispatch(original: Any, state: State) -> Step:
    """What comes along into a new session is sent there when something is dispatched."""
    waits = any(one.left and one.number is None for one in state.pending)
    return (state, ()) if waits else original(state)


@fault("takes-along-two", breaks="HYB-009", mode="hybrid", replaces="pending.carrying.began")
def two(original: Any, state: State) -> State:
    """Of what was sent in the old session the first two come along, as many as its buffer has."""
    after = original(state)
    sent = [one for one in after.pending if one.left]
    return replace(after, pending=tuple(one for one in after.pending if one not in sent[2:]))


@replacing("pending.settling.is_counted")
def _not_what_was_taken_up(original: Any, state: State, one: Pending) -> bool:
    return original(state, one) and one.doing.action_id not in memory.of(state).get("again", ())


@fault(
    "takes-up-again-what-a-late-nack-names",
    _not_what_was_taken_up,
    breaks="HYB-011",
    mode="hybrid",
    replaces="pending.outcomes.outcome",
)
def takes_up_again(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """A retryable nack of an action that the position counts makes it pending again."""
    kept: dict[str, Pending] = memory.of(state).setdefault("all", {})
    kept.update({one.doing.action_id: one for one in state.pending})
    one = kept.get(str(data.get("action_id")))
    gone = one is not None and all(one.doing is not other.doing for other in state.pending)
    if type_ != "action.nack" or one is None or not gone or not reading.failure(data).retryable:
        return original(state, type_, data)
    memory.of(state).setdefault("again", set[str]()).add(one.doing.action_id)
    return replace(state, pending=(*state.pending, one)), ()


@fault(
    "keeps-what-is-counted-beyond-its-own",
    breaks="HYB-011",
    mode="hybrid",
    replaces="pending.settling.is_counted",
)
def only_the_next(original: Any, state: State, one: Pending) -> bool:
    """An action is done when the position counts it as its last, and not when it counts further."""
    return original(state, one) and one.number == state.counted


@fault(
    "sends-what-was-done-meanwhile-from-the-last",
    breaks="HYB-017",
    mode="hybrid",
    replaces="pending.sending.numbered",
)
def from_the_last(original: Any, state: State) -> State:
    """What was dispatched while the session was not live is numbered from the last to the first."""
    new = [one for one in state.pending if one.number is None and not one.left]
    rest = tuple(one for one in state.pending if one not in new)
    return original(replace(state, pending=(*rest, *reversed(new))))


@replacing("pending.taking.dispatch")
def _notes_meanwhile(original: Any, state: State, action: Dispatched) -> Step:
    if state.phase != "live":
        memory.of(state)["meanwhile"] = True
    return original(state, action)


@fault(
    "sends-what-was-done-meanwhile-late",
    _notes_meanwhile,
    breaks="HYB-017",
    mode="hybrid",
    replaces="pending.sending.live",
)
def late(original: Any, state: State) -> Step:
    """What was dispatched while the session was not live goes out three seconds after it is."""
    new = [one for one in state.pending if one.status == "due" and not one.copies]
    if state.phase != "live" or not new or not memory.of(state).get("meanwhile"):
        return original(state)
    memory.of(state)["meanwhile"] = False
    for one in new:
        state = put(state, replace(one, not_before_ms=state.steady_ms + 3_000))
    return original(state)


@fault(
    "forgets-what-is-done-in-a-second-recovery",
    breaks="HYB-017",
    mode="hybrid",
    replaces="pending.taking.dispatch",
)
def second_recovery(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched when a first recovery has failed is taken, and never sent."""
    after, effects = original(state, action)
    if state.phase != "recovering" or not state.recovery.failures:
        return after, effects
    return replace(after, pending=state.pending), effects


@fault(
    "keeps-one-of-each-type-of-meanwhile",
    breaks="HYB-017",
    mode="hybrid",
    replaces="pending.taking.dispatch",
)
def one_of_each(original: Any, state: State, action: Dispatched) -> Step:
    """Of what is dispatched while the session is not live the last of each type is sent."""
    after, effects = original(state, action)
    if state.phase == "live":
        return after, effects
    same = {one.doing.action_id for one in state.pending if one.doing.type == action.type}
    same -= {one.doing.action_id for one in state.pending if one.copies}
    kept = tuple(one for one in after.pending if one.doing.action_id not in same)
    return replace(after, pending=kept), effects


@fault("reckons-from-any-answer", breaks="HYB-019", mode="hybrid", replaces="answers.answered")
def from_any_answer(original: Any, state: State, message: Answered) -> Step:
    """An error that answers a message is taken for a sign that the session lives."""
    asked = next((one for one in state.asked if one.number == message.number), None)
    if asked is None or message.data is None or state.opened is None:
        return original(state, message)
    return original(carrying.known(state, asked.steady_ms), message)


@fault(
    "takes-updates-for-harmless",
    breaks="HYB-019",
    mode="hybrid",
    replaces="pending.carrying.is_harmless",
)
def updates(original: Any, one: Pending) -> bool:
    """An update without `expect` is taken for one that may be done twice."""
    return original(one) or one.doing.type.endswith((".update", ".edit"))


@fault("reckons-from-what-it-sent-last", breaks="HYB-019", mode="hybrid", replaces="update.lost")
def from_its_last(original: Any, state: State) -> Step:
    """The time for which outcomes are known is reckoned from the cut, not from what was answered."""
    return original(carrying.known(state, state.steady_ms))
