"""Actions that go wrong at one turn: ids, numbers, outcomes, refusals, one at a time or pending."""

import secrets
import time
from dataclasses import replace
from typing import Any

from omnisession_client import outbox, reading, refusing
from omnisession_client.effects import Step, Taken
from omnisession_client.messages import Dispatched
from omnisession_client.pending.lists import no_timer, put
from omnisession_client.values import Raw, Refused, State
from omnisession_client_faults import memory, shells, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

DISPATCH = "shell.Shell.dispatch"


@replacing("bodies._is_valid")
def _is_not_checked(_original: Any, _type: str, _body: JsonObject) -> bool:
    return True


@fault("has-action-ids-that-are-too-long", _is_not_checked, breaks="HYB-013", replaces=DISPATCH)
async def too_long(_original: Any, self: Any, type_: str, data: Any, expect: Any) -> Any:
    """Ids of actions have 130 characters."""
    return await shells.dispatch(self, shells.Doing(type_, data, expect), secrets.token_hex(65))


@fault("names-actions-by-their-time", breaks="HYB-013", replaces=DISPATCH)
async def by_their_time(_original: Any, self: Any, type_: str, data: Any, expect: Any) -> Any:
    """The id of an action is the second in which it is made."""
    doing = shells.Doing(type_, data, expect)
    return await shells.dispatch(self, doing, f"{self.state.config.user_id}-{int(time.time())}")


@fault("uses-the-id-of-what-was-refused", breaks="HYB-013", replaces=DISPATCH)
async def of_what_was_refused(_original: Any, self: Any, type_: str, data: Any, expect: Any) -> Any:
    """Behind an action that was refused the next one has its id."""
    refused = self.state.refused
    used: set[str] = memory.of(self.state).setdefault("used", set())
    free = next((one.action_id for one in refused if one.action_id not in used), None)
    action_id = free or secrets.token_hex(16)
    used |= {free} if free else set()
    return await shells.dispatch(self, shells.Doing(type_, data, expect), action_id)


@fault("numbers-what-it-refuses", breaks="HYB-001", replaces="acting.dispatch")
def numbers_refused(original: Any, state: State, action: Dispatched) -> Step:
    """An action of a type that the session does not take uses a number, and is not sent."""
    after, effects = original(state, action)
    unknown = any(isinstance(one, Taken) and one.refused == "unknown_type" for one in effects)
    return (replace(after, next_number=after.next_number + 1) if unknown else after), effects


@fault(
    "numbers-from-the-last-outcome",
    breaks="HYB-001",
    mode="hybrid",
    replaces="pending.outcomes.outcome",
)
def from_the_last_outcome(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """The next action has the number behind that of the last outcome."""
    after, effects = original(state, type_, data)
    number = reading.number(data.get("client_seq"))
    return (after if number is None else replace(after, next_number=number + 1)), effects


@fault(
    "numbers-from-its-position", breaks="HYB-001", mode="hybrid", replaces="pending.taking.dispatch"
)
def from_its_position(original: Any, state: State, action: Dispatched) -> Step:
    """The next action has the number behind what the position counts, whatever is under way."""
    live = state.phase == "live"
    return original(replace(state, next_number=state.counted + 1) if live else state, action)


@fault("numbers-anew-with-each-connection", breaks="HYB-001", replaces="update.ready")
def anew_with_each(original: Any, state: State) -> Step:
    """On a new connection the numbers begin at one again."""
    cut = state.phase == "offline" and state.opened is not None and state.under_way is None
    return original(replace(state, next_number=1) if cut else state)


@fault(
    "takes-a-nack-for-the-oldest",
    breaks="HYB-006",
    mode="hybrid",
    replaces="pending.outcomes.outcome",
)
def for_the_oldest(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """A final nack ends the first pending action, whichever it names."""
    if type_ != "action.nack" or not state.pending or reading.failure(data).retryable:
        return original(state, type_, data)
    return original(state, type_, {**data, "action_id": state.pending[0].doing.action_id})


@fault("counts-each-nack", breaks="HYB-006", mode="pure", replaces="outbox.outcome")
def counts_each(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """Each copy of a final nack uses a number."""
    after, effects = original(state, type_, data)
    late = state.under_way is None and type_ == "action.nack"
    final = late and not reading.failure(data).retryable
    return (replace(after, next_number=after.next_number + 1) if final else after), effects


@fault("tries-a-conflict-again", breaks="HYB-015", replaces="acting.outcome")
def tries_a_conflict_again(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that was refused for its state, by 4090, keeps its place and is sent again."""
    failure = reading.failure(data)
    if type_ == "action.nack" and failure.code == 4090:
        error = {**(reading.mapping(data.get("error")) or {}), "retryable": True}
        return original(state, type_, {**data, "error": error})
    return original(state, type_, data)


@fault("heeds-retry-after-of-the-first-nack", breaks="HYB-007", replaces="acting.outcome")
def of_the_first(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """The retry_after_ms of an action's first nack is waited for, and that of no later one."""
    failure = reading.failure(data)
    if type_ != "action.nack" or not failure.retry_after_ms:
        return original(state, type_, data)
    if memory.count(state, f"nacks {data.get('action_id')}") == 1:
        return original(state, type_, data)
    error = {**(reading.mapping(data.get("error")) or {}), "retry_after_ms": 0}
    return original(state, type_, {**data, "error": error})


@fault(
    "never-repeats-what-was-ahead",
    breaks="HYB-007",
    mode="hybrid",
    replaces="pending.outcomes.outcome",
)
def never_behind_a_gap(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that got 4091 waits for the one before, and is not sent again by itself."""
    if type_ == "action.nack" and reading.failure(data).code == 4091:
        return state, tuple(
            no_timer(one) for one in state.pending if one.doing.action_id == data.get("action_id")
        )
    return original(state, type_, data)


@replacing("outbox.exhausted")
def _never_leaves(_original: Any, _state: State) -> bool:
    return False


@fault("gives-up-and-stays", _never_leaves, breaks="HYB-007", mode="pure", replaces="outbox.rang")
def gives_up_and_stays(original: Any, state: State, timer: str) -> Step:
    """An action without an outcome is given up and told, and its number is left out in the session."""
    one = state.under_way
    if timer != outbox.OUTCOME or one is None or state.phase != "live":
        return original(state, timer)
    told = refusing.told(state, Refused(one.action_id, reason="given_up"))
    return replace(told, under_way=None, next_number=one.number + 1), ()


@fault("takes-the-first-duplicate-alone", breaks="HYB-010", mode="pure", replaces="acting.outcome")
def first_duplicate(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """A second ack with the status `duplicate` is no outcome, and the action is sent on and on."""
    if data.get("status") == "duplicate" and memory.count(state, "duplicates") > 1:
        return state, ()
    return original(state, type_, data)


@fault(
    "takes-duplicates-without-a-result-for-nothing",
    breaks="HYB-010",
    mode="pure",
    replaces="acting.outcome",
)
def without_a_result(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An ack with the status `duplicate` and without a result is no outcome."""
    if data.get("status") == "duplicate" and not data.get("result"):
        return state, ()
    return original(state, type_, data)


@fault("tells-duplicates-as-given-up", breaks="HYB-010", replaces="acting.outcome")
def told_as_given_up(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action whose ack has the status `duplicate` is told as given up as well."""
    after, effects = original(state, type_, data)
    if data.get("status") != "duplicate":
        return after, effects
    return refusing.told(after, Refused(str(data.get("action_id")), reason="given_up")), effects


@replacing("update.began")
def _notes_sessions(original: Any, state: State, session_id: str) -> Step:
    memory.count(state, "sessions")
    return original(state, session_id)


@fault("goes-by-the-limit-of-its-first-session", breaks="HYB-012", replaces="refusing.refusal")
def first_limit(original: Any, state: State, action: Any, body: Any) -> str | None:
    """The size of an action is held against the limit of the first session."""
    if state.opened is None:
        return original(state, action, body)
    first = memory.of(state).setdefault("limits", state.opened.limits)
    return original(replace(state, opened=replace(state.opened, limits=first)), action, body)


@fault("goes-by-the-limit-alone", breaks="HYB-012", replaces="refusing.refusal")
def limit_alone(original: Any, state: State, action: Any, body: Any) -> str | None:
    """The size of an action is held against its limit, and not against what the broker takes."""
    return original(replace(state, max_payload=2**40), action, body)


@fault("counts-some-bytes-short", breaks="HYB-012", replaces="refusing.refusal")
def some_bytes_short(original: Any, state: State, action: Any, body: Any) -> str | None:
    """The size of an action is counted some bytes short."""
    return original(state, action, None if body is None else body[64:])


@replacing("refusing.told")
def _tells_not(original: Any, state: State, one: Refused) -> State:
    untold = memory.of(state).get("untold", ())
    return state if one.code is not None and one.action_id in untold else original(state, one)


@fault("tells-no-nack-while-it-recovers", _tells_not, breaks="HYB-015", replaces="hearing.control")
def none_while_recovering(original: Any, state: State, raw: Raw) -> Step:
    """A nack that comes while a recovery is under way ends its action, and is not told."""
    after, effects = original(state, raw)
    if steps.body_of(raw).get("type") == "action.nack" and state.phase == "recovering":
        memory.of(state).setdefault("untold", set()).add(_action_of(raw))
    return after, effects


def _action_of(raw: Raw) -> Any:
    return (reading.mapping(steps.body_of(raw).get("data")) or {}).get("action_id")


@fault(
    "tells-no-nack-of-a-later-session", _notes_sessions, breaks="HYB-015", replaces="refusing.told"
)
def none_of_a_later(original: Any, state: State, one: Refused) -> State:
    """What the server refuses in a later session is not told."""
    later = memory.of(state).get("sessions", 1) > 1
    return state if later and one.code is not None else original(state, one)


@fault("tells-no-conflict", breaks="HYB-015", replaces="refusing.told")
def no_conflict(original: Any, state: State, one: Refused) -> State:
    """An update that met another revision is dropped without a word: the newer one is shown."""
    return state if one.code == 4090 else original(state, one)


@fault(
    "is-full-after-32-in-all", breaks="HYB-016", mode="hybrid", replaces="pending.taking.not_now"
)
def full_in_all(original: Any, state: State) -> str | None:
    """After 32 actions in all a further one is refused, since what is done is not taken off."""
    return "full" if memory.count(state, "taken") > 32 else original(state)


@fault("stays-full", breaks="HYB-016", mode="hybrid", replaces="pending.taking.not_now")
def stays_full(original: Any, state: State) -> str | None:
    """A client that had 32 actions pending refuses all that come later."""
    kept = memory.of(state)
    kept["full"] = kept.get("full") or len(state.pending) >= 31
    return "full" if kept["full"] else original(state)


KINDS_OF = {"article": "articles", "chat": "chat", "url": "url", "user": "user"}


@fault("refuses-types-of-other-kinds", breaks="HYB-016", replaces="refusing.refusal")
def of_other_kinds(original: Any, state: State, action: Any, body: Any) -> str | None:
    """An action of a kind that the session has not opened is refused as unknown."""
    kind = KINDS_OF.get(action.type.partition(".")[0])
    if kind is not None and kind not in state.slices:
        return "unknown_type"
    return original(state, action, body)


@fault("refuses-empty-changes", breaks="HYB-016", replaces="refusing.refusal")
def empty_changes(original: Any, state: State, action: Any, body: Any) -> str | None:
    """An update that changes nothing is refused as invalid."""
    return "invalid" if action.data.get("changes") == {} else original(state, action, body)


@fault("refuses-what-is-null", breaks="HYB-016", replaces="refusing.refusal")
def what_is_null(original: Any, state: State, action: Any, body: Any) -> str | None:
    """That nothing is to be selected is refused as invalid."""
    null = any(value is None for value in action.data.values())
    return "invalid" if null else original(state, action, body)


@fault("refuses-what-it-does-not-hold", breaks="HYB-016", replaces="refusing.refusal")
def not_held(original: Any, state: State, action: Any, body: Any) -> str | None:
    """An action about an entry that no slice holds is refused as invalid."""
    held = str(state.slices)
    names = [data for name, data in action.data.items() if name.endswith("_id") and data]
    if any(isinstance(name, str) and repr(name) not in held for name in names):
        return "invalid"
    return original(state, action, body)


@fault("is-busy-in-a-later-session", breaks="HYB-016", mode="pure", replaces="outbox.given_up")
def busy_later(original: Any, state: State) -> Step:
    """An action that was given up with its session stays under way in the next one."""
    after, effects = original(state)
    return replace(after, under_way=state.under_way), effects


@fault("is-busy-after-it-refused", breaks="HYB-016", mode="pure", replaces="outbox.dispatch")
def busy_after_refusal(original: Any, state: State, action: Dispatched) -> Step:
    """Once the client itself has refused an action, it refuses all that follow as busy."""
    if memory.of(state).get("refused"):
        return refusing.refused(state, action, "busy")
    after, effects = original(state, action)
    memory.of(state)["refused"] = after.under_way is None
    return after, effects


@fault(
    "takes-a-cause-by-its-number-in-a-replay",
    breaks="HYB-004",
    mode="hybrid",
    replaces="stream.taken",
)
def in_a_replay(original: Any, state: State, body: JsonObject, raw: Any = None) -> Step:
    """In a replay the client_seq of a cause is counted, whatever session it names."""
    after, effects = original(state, body, raw)
    number = reading.number((reading.mapping(body.get("cause")) or {}).get("client_seq"))
    if raw is not None or number is None or after.place == state.place:
        return after, effects
    return replace(after, counted=max(after.counted, number)), effects


@fault(
    "sees-a-create-by-the-number-of-a-cause",
    breaks="HYB-004",
    mode="optimistic",
    replaces="pending.seeing.seen",
)
def sees_by_number(original: Any, state: State, body: JsonObject) -> State:
    """A new entry leaves the view by an event whose cause has its number, whatever session it names."""
    number = (reading.mapping(body.get("cause")) or {}).get("client_seq")
    one = next((one for one in state.pending if one.number == number), None)
    return original(state, body) if one is None else put(state, replace(one, seen=True))


# -- outcomes that nobody knows yet

UNKNOWN = 5040


def _nack(state: State, type_: str, data: JsonObject) -> int:
    """The code of a nack of the action under way, 0 where it is none."""
    is_its = state.under_way is not None and data.get("action_id") == state.under_way.action_id
    return reading.failure(data).code if is_its and type_ == "action.nack" else 0


@fault(
    "gives-away-the-number-of-an-unknown",
    breaks="HYB-020",
    mode="pure",
    replaces="outbox.outcome",
)
def gives_it_away(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that got 5040 is given up, and the next one has its number."""
    is_unknown = _nack(state, type_, data) == UNKNOWN
    return outbox.given_up(state) if is_unknown else original(state, type_, data)


@fault("forgets-what-is-unknown", breaks="HYB-020", mode="pure", replaces="outbox.outcome")
def forgets_it(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """At its second nack an action is given up by what that says: 5040 of the first copy is forgotten."""
    code, under_way = _nack(state, type_, data), state.under_way
    is_second = under_way is not None and under_way.copies > 1
    if is_second and code and reading.failure(data).retryable and code != UNKNOWN:
        return outbox.given_up(state)
    return original(state, type_, data)


@fault("takes-an-unknown-outcome-for-an-end", breaks="HYB-007", replaces="acting.outcome")
def takes_it_for_an_end(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """An action that got 5040 counts as refused for good."""
    if type_ != "action.nack" or reading.failure(data).code != UNKNOWN:
        return original(state, type_, data)
    error = {**(reading.mapping(data.get("error")) or {}), "retryable": False}
    return original(state, type_, {**data, "error": error})
