"""What is dispatched while the session is not live."""

from dataclasses import replace
from typing import Any

from omnisession_client import recovery
from omnisession_client.effects import Effects, Step, Taken
from omnisession_client.messages import Dispatched
from omnisession_client.pending import sending
from omnisession_client.values import Pending, Position, Refused, State
from omnisession_client_faults import memory
from omnisession_client_faults.faults import fault
from omnisession_client_faults.parts import then_the_next
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject


def _forgotten(original: Any, state: State, action: Dispatched, *, when: bool) -> Step:
    """Say that an action is taken, and keep nothing of it at such a time."""
    after, effects = original(state, action)
    is_taken = len(after.pending) > len(state.pending)
    return (state, (Taken(action.action_id, None),)) if when and is_taken else (after, effects)


@fault("forgets-what-is-done-offline", breaks="HYB-017", replaces="pending.taking.dispatch")
def offline(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched without a connection is taken, and never sent."""
    return _forgotten(original, state, action, when=state.phase == "offline")


@fault("forgets-what-is-done-before-opened", breaks="HYB-017", replaces="pending.taking.dispatch")
def before_opened(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched before the answer to the first open is taken, and never sent."""
    first = memory.of(state).setdefault("first", state.session_id) == state.session_id
    return _forgotten(original, state, action, when=first and state.opened is None)


@fault("forgets-what-is-done-in-a-resume", breaks="HYB-017", replaces="pending.taking.dispatch")
def in_a_resume(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched while a resume is under way is taken, and never sent."""
    resumes = state.phase == "recovering" and state.recovery.want == recovery.RESUME
    return _forgotten(original, state, action, when=resumes and state.recovery.number is not None)


@fault("forgets-what-is-done-in-a-sync", breaks="HYB-017", replaces="pending.taking.dispatch")
def in_a_sync(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched while a sync is under way is taken, and never sent."""
    syncs = state.phase == "recovering" and state.recovery.want == recovery.SYNC
    return _forgotten(original, state, action, when=syncs)


@replacing("answers.opened")
def _notes_that_it_was_open(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    memory.of(state)["was open"] = True
    return original(state, at, data)


@fault(
    "forgets-what-is-done-between-sessions",
    _notes_that_it_was_open,
    breaks="HYB-017",
    replaces="pending.taking.dispatch",
)
def between_sessions(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched while a new session is opened is taken, and never sent."""
    when = state.phase == "opening" and bool(memory.of(state).get("was open"))
    return _forgotten(original, state, action, when=when)


@fault("forgets-what-is-done-in-after-ms", breaks="HYB-017", replaces="pending.taking.dispatch")
def in_after_ms(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched while the server is to be left alone is taken, and never sent."""
    waits = state.recovery.number is None and state.not_before_ms > state.steady_ms
    return _forgotten(original, state, action, when=waits and state.phase != "live")


@fault("refuses-what-is-not-for-now", breaks="HYB-017", replaces="pending.taking.refusal")
def not_for_now(original: Any, state: State, action: Dispatched) -> str | None:
    """An action is refused while the session is not live, as clients do that keep nothing."""
    return original(state, action) or (None if state.phase == "live" else "not_live")


@fault("keeps-the-newest-of-meanwhile", breaks="HYB-017", replaces="pending.sending.live")
def the_newest(original: Any, state: State) -> Step:
    """Of what was dispatched while the session was not live only the last is sent."""
    if state.phase == "live":
        new = [one for one in state.pending if one.number is None]
        kept = tuple(one for one in state.pending if one.number is not None or one is new[-1])
        state = replace(state, pending=kept)
    return original(state)


def _without(original: Any, state: State, hidden: tuple[Pending, ...]) -> Step:
    """Take a step as if some were not pending; they stay, behind the others."""
    rest = tuple(one for one in state.pending if one not in hidden)
    after, effects = original(replace(state, pending=rest))
    return replace(after, pending=(*after.pending, *hidden)), effects


@fault("waits-for-the-next-dispatch", breaks="HYB-017", replaces="acting.live")
def for_the_next_dispatch(original: Any, state: State) -> Step:
    """What was dispatched while the session was not live waits until something is dispatched when it is."""
    return _without(original, state, tuple(one for one in state.pending if one.number is None))


@replacing("pending.sending.waits_on")
def _waits_for_those_alone(original: Any, state: State) -> Step:
    return _without(original, state, tuple(one for one in state.pending if not one.copies))


@fault(
    "sends-one-at-a-time",
    then_the_next,
    _waits_for_those_alone,
    breaks="HYB-017",
    replaces="pending.sending.send",
)
def one_at_a_time(original: Any, state: State, some: list[Pending]) -> Step:
    """An action is first sent when all before it have their outcomes."""
    flying = [one for one in some if one.copies]
    busy = any(one.copies and one.status != "acked" for one in state.pending)
    return original(state, flying if busy else list(some)[:1])


@fault("sends-what-nobody-reads", breaks="HYB-017", replaces="pending.taking.dispatch")
def what_nobody_reads(original: Any, state: State, action: Dispatched) -> Step:
    """What is dispatched without a connection is taken for sent, and comes again when no outcome does."""
    after, effects = original(state, action)
    if state.phase != "offline" or state.opened is None:
        return after, effects
    sent: Effects
    after, sent = sending.send(sending.numbered(after), after.pending[len(state.pending) :])
    return after, (*effects, *sent[1:])


@fault("says-nothing-of-late-refusals", breaks="HYB-015", replaces="pending.sending._numbered")
def nothing_of_late_refusals(original: Any, state: State, one: Pending) -> State:
    """What proves to be too large or unknown once the session is open is dropped without a word."""
    return replace(original(state, one), refused=state.refused)


@fault("sends-what-proves-too-large", breaks="HYB-012", replaces="refusing.refusal")
def proves_too_large(original: Any, state: State, action: Any, body: bytes | None) -> str | None:
    """The size of what was dispatched before `opened` is not checked when it is sent."""
    reason = original(state, action, body)
    late = not isinstance(action, Dispatched) and reason == "too_large"
    return None if late else reason


@fault(
    "gives-numbers-to-what-proves-too-large", breaks="HYB-012", replaces="pending.sending._numbered"
)
def numbers_too_large(original: Any, state: State, one: Pending) -> State:
    """What proves to be too large once the session is open is dropped after it got its number."""
    after: State = original(state, one)
    last: Refused | None = after.refused[-1] if after.refused[len(state.refused) :] else None
    used = last is not None and last.reason == "too_large"
    return replace(after, next_number=after.next_number + 1) if used else after


@fault("is-full-at-four", breaks="HYB-016", replaces="pending.taking.MOST_PENDING")
def full_at_four(_original: int) -> int:
    """With four actions pending a further one is refused."""
    return 4


@fault("is-busy-with-one", breaks="HYB-016", replaces="pending.taking.refusal")
def busy_with_one(original: Any, state: State, action: Dispatched) -> str | None:
    """With one action pending a further one is refused, as clients do that keep nothing."""
    return original(state, action) or ("busy" if state.pending else None)
