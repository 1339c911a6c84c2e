"""Sessions, epochs and connections that are not the first, and what a client has kept of the one before."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from omnisession_client import bodies, reading
from omnisession_client.effects import Step, Taken
from omnisession_client.messages import Dispatched
from omnisession_client.pending.lists import put
from omnisession_client.values import Opened, Pending, Place, Position, State
from omnisession_client.view import LOCAL
from omnisession_client_faults import memory, shells, views
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_client_faults.views import View
from omnisession_reference.wire import JsonObject

TWICE = 2


# -- sessions and connections


@replacing("shell.Shell.on_lost")
def _counts_cuts(original: Any, shell: Any) -> None:
    shell.cuts = getattr(shell, "cuts", 0) + 1
    original(shell)


@fault(
    "hears-no-answers-after-a-second-cut",
    _counts_cuts,
    breaks="CLI-016",
    replaces="shell.Shell.on_answer",
)
def no_answers(original: Any, shell: Any, token: str, data: bytes | None) -> None:
    """The inbox for answers is subscribed to on one new connection, and not on the next."""
    if getattr(shell, "cuts", 0) < TWICE:
        original(shell, token, data)


def _first(state: State) -> Opened | None:
    return memory.of(state).setdefault("opened", state.opened) if state.opened else None


@fault("cuts-by-the-limits-of-its-first-session", breaks="CLI-025", replaces="answers.opened")
def first_limits(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """Lists are cut to the limits that the first session of the client was told."""
    after, effects = original(state, at, data)
    first = _first(after)
    if first is None or after.opened is None:
        return after, effects
    limits = {**first.limits, "action": after.opened.limits.get("action", 0)}
    return replace(after, opened=replace(after.opened, limits=limits)), effects


@fault("knows-the-actions-of-its-first-session", breaks="HYB-016", replaces="answers.opened")
def first_actions(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """What the first session of the client did not take is refused in later ones as well."""
    after, effects = original(state, at, data)
    first = _first(after)
    if first is None or after.opened is None:
        return after, effects
    return replace(after, opened=replace(after.opened, actions=first.actions)), effects


@fault("numbers-its-actions-by-session", breaks="HYB-013", replaces="shell.Shell.dispatch")
async def by_session(
    _original: Any, shell: Any, type_: str, data: Mapping[str, Any], expect: Any
) -> tuple[str, str | None]:
    """The ids of actions are counted from 1 in each session."""
    counts: Counter[str] = shell.__dict__.setdefault("counts", Counter())
    counts[shell.state.session_id] += 1
    action_id = f"{shell.state.config.user_id[:60]}-{counts[shell.state.session_id]}"
    return await shells.dispatch(shell, shells.Doing(type_, data, expect), action_id)


@fault(
    "carries-what-the-next-session-does-not-take",
    breaks="HYB-012",
    replaces="pending.sending._numbered",
)
def carries_unchecked(original: Any, state: State, one: Pending) -> State:
    """What was sent once is sent in a later session without another look at what that takes."""
    doing = one.doing
    body = bodies.action(state, doing.action_id, doing.type, doing.data, doing.expect)
    if not one.left or body is None:
        return original(state, one)
    subject, number = bodies.actions_subject(state), state.next_number
    state = put(state, replace(one, number=number, subject=subject, body=body))
    return replace(state, next_number=number + 1)


# -- epochs and positions


def _is_new(state: State, place: Place) -> bool:
    return state.place is not None and place.epoch > state.place.epoch


@fault("forgets-what-is-pending-in-a-new-epoch", breaks="HYB-002", replaces="stream.next_one")
def forgets_in_an_epoch(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """A new epoch ends what is pending, and nobody is told."""
    begins = _is_new(state, place)
    after, effects = original(state, body, place)
    return (replace(after, pending=()) if begins else after), effects


@fault("numbers-anew-in-a-new-epoch", breaks="HYB-001", replaces="stream.next_one")
def numbers_in_an_epoch(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """In a new epoch the numbers of actions begin at 1."""
    begins = _is_new(state, place)
    after, effects = original(state, body, place)
    return (replace(after, next_number=1) if begins else after), effects


@fault("keeps-the-higher-count", breaks="CLI-008", replaces="answers.states_follow")
def keeps_count(original: Any, state: State, at: Position, kinds: int) -> State:
    """Of the position of an answer the place is taken, and its count of actions only where it is higher."""
    after = original(state, at, kinds)
    return replace(after, counted=max(after.counted, state.counted))


# -- outcomes


@fault("takes-a-nack-by-its-number", breaks="HYB-006", replaces="pending.outcomes.outcome")
def by_its_number(original: Any, state: State, type_: str, data: JsonObject) -> Step:
    """A nack is taken for the end of the pending action that has its number, whatever it names."""
    number = data.get("client_seq")
    one = next((one for one in state.pending if number and one.number == number), None)
    if type_ == "action.nack" and one is not None:
        data = {**data, "action_id": one.doing.action_id}
    return original(state, type_, data)


@fault("tells-no-nack-behind-a-later-ack", breaks="HYB-015", replaces="pending.outcomes.acked")
def behind_an_ack(original: Any, state: State, one: Pending, data: JsonObject) -> Step:
    """An ack is taken as one for all numbers before it, so that their refusals are passed over."""
    for other in state.pending:
        if other.number and one.number and other.number < one.number:
            state = put(state, replace(other, status="acked"))
    return original(state, one, data)


# -- what waits to be sent


@fault("merges-updates-that-wait", breaks="HYB-017", replaces="pending.taking.dispatch")
def merges(original: Any, state: State, action: Dispatched) -> Step:
    """An update of what another update waits for is put into that one."""
    target = next((value for name, value in action.data.items() if name.endswith("_id")), None)
    for one in state.pending:
        same = one.number is None and one.doing.type == action.type and target
        if not same or target not in one.doing.data.values() or "changes" not in action.data:
            continue
        changes = {**one.doing.data["changes"], **action.data["changes"]}
        doing = replace(one.doing, data={**one.doing.data, "changes": changes})
        return put(state, replace(one, doing=doing)), (Taken(action.action_id, None),)
    return original(state, action)


@fault("sends-messages-first", breaks="HYB-017", replaces="pending.sending.numbered")
def messages_first(original: Any, state: State) -> State:
    """Of what waits to be sent messages of the chat go first."""
    waits = [one for one in state.pending if one.number is None]
    ordered = sorted(waits, key=lambda one: one.doing.type != "chat.send")
    had = [one for one in state.pending if one.number is not None]
    return original(replace(state, pending=(*had, *ordered)))


# -- views


def _is_send(one: Pending) -> bool:
    return one.doing.type == "chat.send"


@fault("shows-no-message-that-is-there-already", breaks="HYB-005", replaces="view.folded")
def said_already(original: Any, state: State, shown: View, one: Pending) -> View:
    """A message that the user has sent before in the same words is taken for the one that is pending."""
    if _is_send(one) and "chat" in state.slices:
        own = [m for m in state.slices["chat"]["messages"] if m["user_id"] == state.config.user_id]
        if any(message["content"] == one.doing.data["content"] for message in own):
            return shown
    return original(state, shown, one)


@fault("shows-equal-messages-once", breaks="HYB-005", replaces="view.folded")
def equal_once(original: Any, state: State, shown: View, one: Pending) -> View:
    """Of pending messages in the same words one is shown."""
    local = [m for m in views.entries(shown, one) if str(m["id"]).startswith(LOCAL)]
    if _is_send(one) and any(m["content"] == one.doing.data["content"] for m in local):
        return shown
    return original(state, shown, one)


@fault("shows-no-message-once-an-own-one-came", breaks="HYB-003", replaces="pending.seeing.seen")
def an_own_one_came(original: Any, state: State, body: JsonObject) -> State:
    """The first message of the own user that comes is taken for the oldest that is pending."""
    state = original(state, body)
    data = reading.mapping(body.get("data")) or {}
    message = reading.mapping(data.get("message")) or {}
    if body.get("type") != "chat.message_added":
        return state
    if message.get("user_id") != state.config.user_id:
        return state
    one = next((one for one in state.pending if _is_send(one) and not one.seen), None)
    return state if one is None else put(state, replace(one, seen=True))
