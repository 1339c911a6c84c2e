"""Recoveries that go wrong at one turn: the second, a late one, one of several answers or waits."""

from dataclasses import replace
from typing import Any

from omnisession_client import answers, asking, ending, pushes, reading, recovery, stream
from omnisession_client.effects import SetTimer, Step
from omnisession_client.messages import Answered
from omnisession_client.values import Place, Position, Raw, Recovery, State
from omnisession_client_faults import memory, steps
from omnisession_client_faults.faults import fault
from omnisession_client_faults.places import replacing
from omnisession_reference.wire import JsonObject

TEN = 10


# -- what is held


@fault("holds-ten", breaks="CLI-003", replaces="stream.hold")
def holds_ten(original: Any, state: State, raw: Raw) -> State:
    """Of what comes before an answer only the last ten messages are held."""
    after = original(state, raw)
    return replace(after, held=after.held[-TEN:])


@fault("holds-in-its-first-recovery-alone", breaks="CLI-003", replaces="recovery.answered")
def holds_once(original: Any, state: State, goal: Place | None) -> State:
    """In a second recovery, and in later ones, what was held is dropped."""
    after = original(state, goal)
    return after if memory.count(state, "answers") <= 2 else replace(after, held=())


@fault("holds-each-kind-of-message-once", breaks="CLI-003", replaces="stream.hold")
def holds_by_type(original: Any, state: State, raw: Raw) -> State:
    """Of what comes before an answer only the last message of each type is held."""
    type_ = steps.body_of(raw).get("type")
    rest = tuple(one for one in state.held if steps.body_of(one).get("type") != type_)
    return original(replace(state, held=rest), raw)


@fault("drops-a-new-epoch-that-was-held", breaks="CLI-003", replaces="hearing.release")
def drops_new_epoch(original: Any, state: State) -> Step:
    """What was held is handled where it is of the epoch of the answer, and else dropped."""
    held = tuple(one for one in state.held if not _is_later(state, one))
    return original(replace(state, held=held))


def _is_later(state: State, raw: Raw) -> bool:
    place = reading.place(steps.body_of(raw))
    return place is not None and state.place is not None and place.epoch > state.place.epoch


@fault("holds-a-planned-stop-while-it-recovers", breaks="CLI-018", replaces="hearing.control")
def holds_a_stop(original: Any, state: State, raw: Raw) -> Step:
    """That the server stops for a while is handled behind the answer to a recovery."""
    body = steps.body_of(raw)
    data = reading.mapping(body.get("data")) or {}
    stops = body.get("type") == pushes.CLOSING and data.get("reconnect") is True
    if stops and state.phase in ("recovering", "opening"):
        return stream.hold(state, raw), ()
    return original(state, raw)


# -- gaps and replays


@replacing("hearing.heard")
def _anew(original: Any, state: State, raw: Raw) -> Step:
    after, effects = original(state, raw)
    waits = state.phase == after.phase == "recovering" and state.recovery.number is None
    if waits and memory.of(state).get("silence") and not raw.subject.endswith(".control"):
        return after, (*effects, SetTimer(recovery.RETRY, 900, 900))
    return after, effects


@fault("waits-in-a-gap-for-silence", _anew, breaks="CLI-006", replaces="stream.heard")
def waits_for_silence(original: Any, state: State, raw: Raw) -> Step:
    """A gap is closed 900 ms after the last message behind it, so one that follows puts it off."""
    step = original(state, raw)
    after, _ = step
    if (
        state.phase != "live"
        or after.phase != "recovering"
        or after.recovery.want != "session.resume"
    ):
        return step
    waiting = replace(state, held=after.held, phase="recovering")
    waiting = replace(waiting, recovery=Recovery(recovery.RESUME), told=None)
    memory.of(state)["silence"] = True
    return waiting, (SetTimer(recovery.RETRY, 900, 900),)


@fault("takes-replays-with-holes", breaks="CLI-007", replaces="answers.replayed")
def takes_holes(original: Any, state: State, at: Position, messages: list[Any]) -> Step:
    """What a replay has is applied one after the other, whatever is missing between."""
    for message in messages:
        body = reading.spoken(message)
        place = None if body is None else reading.place(body)
        if body is not None and place and state.place and place > state.place:
            state = steps.anyway(state, body)
    return original(state, at, messages)


@fault("takes-ten-of-a-replay", breaks="CLI-007", replaces="answers.replayed")
def takes_ten(original: Any, state: State, at: Position, messages: list[Any]) -> Step:
    """Of a replay ten messages are applied, and the head is taken for reached."""
    step = original(state, at, messages[:TEN])
    if len(messages) <= TEN or step[0].place is None:
        return step
    after = recovery.answered(replace(step[0], place=at.place), None)
    return after, ()


@fault("applies-the-head-of-a-replay-first", breaks="CLI-007", replaces="answers.replayed")
def newest_first(original: Any, state: State, at: Position, messages: list[Any]) -> Step:
    """What a replay has is applied from its end, and the head is then taken."""
    for message in reversed(messages):
        body = reading.spoken(message)
        if body is not None:
            state = steps.anyway(state, body)
    return original(replace(state, place=at.place), at, [])


# -- places of answers


@fault("keeps-the-higher-count-at-an-answer", breaks="CLI-008", replaces="answers.states_follow")
def keeps_count(original: Any, state: State, at: Position, kinds: int) -> State:
    """Of its own last_action_seq and that of a snapshot a client keeps the higher one."""
    after = original(state, at, kinds)
    return replace(after, counted=max(state.counted, at.last_action_seq))


@replacing("answers.states_follow")
def _remembers_the_highest(original: Any, state: State, at: Position, kinds: int) -> State:
    if state.place is not None:
        kept = memory.of(state)
        kept["highest"] = max(kept.get("highest", state.place), state.place)
    return original(state, at, kinds)


@fault("has-seen-these-seqs", _remembers_the_highest, breaks="CLI-008", replaces="stream.next_one")
def has_seen(original: Any, state: State, body: JsonObject, place: Place) -> Step:
    """Behind a lower position what has a seq that was there before is counted and not applied."""
    highest = memory.of(state).get("highest")
    if highest is not None and place <= highest and body.get("type") != stream.STATE:
        return recovery.reached(replace(state, place=place)), ()
    return original(state, body, place)


@fault("keeps-its-place-at-the-second-snapshot", breaks="CLI-008", replaces="answers.states_follow")
def second_snapshot(original: Any, state: State, at: Position, kinds: int) -> State:
    """The position of a second snapshot is not taken, where it is lower."""
    after = original(state, at, kinds)
    if memory.count(state, "snapshots") == 1 or state.place is None:
        return after
    return replace(after, place=max(at.place, state.place))


# -- one at a time


@fault("gives-up-too-soon", breaks="CLI-026", replaces="asking.ask")
def too_soon(original: Any, state: State, type_: str, data: Any) -> Step:
    """A request is given up after a tenth of the time in which it may be answered."""
    after, effects = original(state, type_, data)
    return after, tuple(
        replace(one, within_ms=one.within_ms // 10) if hasattr(one, "within_ms") else one
        for one in effects
    )


@replacing("update.lost")
def _keeps_asked(original: Any, state: State) -> Step:
    memory.of(state)["asked"] = state.asked
    return original(state)


@fault(
    "takes-answers-of-a-lost-connection",
    _keeps_asked,
    breaks="CLI-026",
    replaces="answers.answered",
)
def of_a_lost_connection(original: Any, state: State, message: Answered) -> Step:
    """An answer to what was asked on the connection before is taken as one to what is asked now."""
    before = memory.of(state).get("asked", ())
    late = next((one for one in before if one.number == message.number), None)
    if late is None or message.data is None or late.type == "session.ping":
        return original(state, message)
    if state.phase not in ("recovering", "live") or state.opened is None:
        return original(state, message)
    asked = (*state.asked, late)
    number = replace(state.recovery, number=late.number)
    return original(replace(state, asked=asked, recovery=number), message)


@fault("takes-an-answer-after-closing", breaks="CLI-018", replaces="recovery.postponed")
def after_closing(original: Any, state: State, after_ms: int) -> Step:
    """An answer that comes when the server has said that it stops is taken for a recovery then."""
    after, effects = original(state, after_ms)
    if state.recovery.number is None:
        return after, effects
    return replace(after, asked=state.asked, recovery=state.recovery), effects


# -- waits


@fault("waits-hardly", breaks="CLI-027", replaces="asking.bound_ms")
def waits_hardly(original: Any, state: State, tries: int) -> int:
    """Waits double, from a hundredth of the usual."""
    return original(state, tries) // 100


@fault("heeds-retry-after-once", breaks="CLI-027", replaces="recovery.failed")
def heeds_once(original: Any, state: State, want: Any = None, least_ms: int = 0) -> Step:
    """The retry_after_ms of the first refusal is waited for, and that of no later one."""
    least_ms = least_ms if least_ms and memory.count(state, "refusals") == 1 else 0
    return original(state, want, least_ms)


def _heeds_none_of(type_: str) -> Any:
    def failed(original: Any, state: State, want: Any = None, least_ms: int = 0) -> Step:
        return original(state, want, 0 if state.recovery.want == type_ else least_ms)

    return failed


@fault("heeds-no-retry-after-of-an-open", breaks="CLI-027", replaces="recovery.failed")
def none_of_an_open(*arguments: Any, **named: Any) -> Step:
    """An open that is refused for now is repeated before its retry_after_ms is over."""
    return _heeds_none_of(recovery.OPEN)(*arguments, **named)


@fault("heeds-no-retry-after-of-a-sync", breaks="CLI-027", replaces="recovery.failed")
def none_of_a_sync(*arguments: Any, **named: Any) -> Step:
    """A sync that is refused for now is repeated before its retry_after_ms is over."""
    return _heeds_none_of(recovery.SYNC)(*arguments, **named)


@fault("forgets-retry-after-over-a-cut", breaks="CLI-027", replaces="update.lost")
def forgets_over_a_cut(original: Any, state: State) -> Step:
    """A new connection is taken for a sign that the retry_after_ms of a recovery is over."""
    after, effects = original(state)
    refused = state.recovery.failures > 0 and state.recovery.want != recovery.OPEN
    return replace(after, not_before_ms=0) if refused else after, effects


@fault("renews-without-a-wait", breaks="CLI-027", replaces="ending._renewed")
def renews_at_once(original: Any, state: State) -> Step:
    """A new session is asked for at once, however often the one before was refused."""
    return original(replace(state, recovery=Recovery()))


# -- no answer


@fault("waits-for-its-second-open-for-ever", breaks="CLI-028", replaces="answers.answered")
def second_open(original: Any, state: State, message: Answered) -> Step:
    """An open that nobody answers is repeated in the first session, and in no later one."""
    kept = memory.of(state)
    kept.setdefault("session", state.session_id)
    opens = state.recovery.want == recovery.OPEN and state.phase == "opening"
    if message.data is None and opens and kept["session"] != state.session_id:
        return state, ()
    return original(state, message)


@fault("waits-for-a-sync-for-ever", breaks="CLI-028", replaces="answers.answered")
def sync_for_ever(original: Any, state: State, message: Answered) -> Step:
    """A sync that nobody answers is not repeated."""
    syncs = state.recovery.want == recovery.SYNC and message.number == state.recovery.number
    return (state, ()) if syncs and message.data is None else original(state, message)


@replacing("update.lost")
def _notes_a_cut(original: Any, state: State) -> Step:
    memory.of(state)["cut"] = True
    return original(state)


@fault(
    "is-stuck-when-nobody-is-there-after-a-cut",
    _notes_a_cut,
    breaks="CLI-028",
    replaces="answers.answered",
)
def nobody_after_a_cut(original: Any, state: State, message: Answered) -> Step:
    """A recovery on a new connection that nobody is there to answer is not repeated."""
    recovers = message.number == state.recovery.number and message.data is None
    if recovers and memory.of(state).pop("cut", False):
        return state, ()
    return original(state, message)


@fault("goes-on-after-no-answer-to-an-open", breaks="CLI-028", replaces="answers.answered")
def syncs_unopened(original: Any, state: State, message: Answered) -> Step:
    """An open without an answer is followed by nothing but pings."""
    opens = state.recovery.want == recovery.OPEN and message.number == state.recovery.number
    if opens and message.data is None:
        return asking.ping(replace(state, recovery=Recovery(recovery.OPEN)))
    return original(state, message)


# -- refusals


@fault("repeats-an-open-without-a-kind", breaks="CLI-030", replaces="answers.refused")
def repeats_4220(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that got 4220 is repeated, since the kinds may be served later."""
    if asked == recovery.OPEN and reading.failure(data).code == 4220:
        return recovery.failed(state)
    return original(state, asked, data)


@fault("repeats-an-open-for-someone-else", breaks="CLI-030", replaces="answers.refused")
def repeats_4031(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that got 4031 is repeated."""
    if asked == recovery.OPEN and reading.failure(data).code == 4031:
        return recovery.failed(state)
    return original(state, asked, data)


@fault("looks-as-if-it-opened-when-refused", breaks="CLI-030", replaces="report.report")
def looks_opening(original: Any, state: State) -> JsonObject:
    """A client whose open was refused for good does nothing, and tells nobody."""
    told = original(state)
    refused = state.phase == "closed" and state.opened is None
    return {**told, "phase": "opening"} if refused else told


@fault("unknown-codes-of-a-ping-end-its-session", breaks="CLI-020", replaces="answers.pong")
def unknown_of_a_ping(original: Any, state: State, body: Any, data: Any) -> Step:
    """A ping that is refused by a code that is not known ends its session."""
    code = reading.failure(data).code if data is not None else 0
    if body and body.get("type") == "error" and code not in (4290, 5000, 5030):
        return ending.renew(state)
    return original(state, body, data)


KNOWN = frozenset(
    {
        4090,
        4091,
        4290,
        4291,
        5000,
        5030,
        4000,
        4001,
        4002,
        4003,
        4010,
        4011,
        4030,
        4031,
        4040,
        4041,
        4092,
        4101,
        4130,
        4220,
        4004,
    }
)


@fault("unknown-codes-of-an-open-are-final", breaks="CLI-020", replaces="answers.refused")
def unknown_of_an_open(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """An open that is refused by a code that is not known is refused for good."""
    if asked == recovery.OPEN and reading.failure(data).code not in KNOWN:
        return ending.over(state)
    return original(state, asked, data)


@fault("unknown-codes-of-a-recovery-are-tried-again", breaks="CLI-020", replaces="answers.refused")
def unknown_of_a_recovery(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """A resume that is refused for good by a code that is not known is repeated as it was."""
    if asked == recovery.RESUME and reading.failure(data).code not in KNOWN:
        return recovery.failed(state)
    return original(state, asked, data)


@fault("hears-4101-of-a-resume-as-any-error", breaks="CLI-019", replaces="answers.refused")
def any_error(original: Any, state: State, asked: str, data: JsonObject) -> Step:
    """A recovery that is told 4101 is repeated, since a session that is known may come back."""
    if asked != recovery.OPEN and reading.failure(data).code == answers.CLOSED:
        return recovery.failed(state)
    return original(state, asked, data)
