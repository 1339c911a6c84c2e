"""What a client does at turns that come seldom: a stop, a cut, a wait, an answer that falls short."""

import random
import secrets
from dataclasses import replace
from typing import Any

from omnisession_client import asking, reading, recovery
from omnisession_client.effects import SetTimer, Step, then
from omnisession_client.messages import Answered
from omnisession_client.values import Raw, Recovery, State
from omnisession_client_faults import memory, shells
from omnisession_client_faults.places import replacing
from omnisession_client_faults.variants import variant
from omnisession_reference.wire import JsonObject

# -- planned stops


@replacing("recovery.rang")
def _comes_back(original: Any, state: State) -> Step:
    if not memory.of(state).pop("stopped", False):
        return original(state)
    if state.phase == "live":
        return recovery.begin(state, recovery.RESUME)
    return original(replace(state, recovery=replace(state.recovery, number=None)))


@replacing("answers.answered")
def _until_then(original: Any, state: State, message: Answered) -> Step:
    # The open is given up: that nobody answers it is no reason to ask again.
    given_up = message.data is None and memory.of(state).get("stopped")
    return (state, ()) if given_up else original(state, message)


@variant(
    "takes-a-late-answer-to-its-open",
    _comes_back,
    _until_then,
    of=("CLI-018",),
    replaces="recovery.postponed",
)
def late_answer(original: Any, state: State, after_ms: int) -> Step:
    """An answer to its open that comes behind session.closing opens its session; it recovers later."""
    after, effects = original(state, after_ms)
    number = state.recovery.number
    if state.opened is not None or number is None:
        return after, effects
    memory.of(state)["stopped"] = True
    return replace(
        after, asked=state.asked, recovery=replace(after.recovery, number=number)
    ), effects


@variant(
    "opens-another-where-a-stop-came-first",
    of=("CLI-018", "CLI-032"),
    replaces="recovery.postponed",
)
def another_id(original: Any, state: State, after_ms: int) -> Step:
    """A session that was not open yet when its server stopped is opened under another id."""
    after, effects = original(state, after_ms)
    if state.opened is not None:
        return after, effects
    return replace(after, recovery=replace(after.recovery, want=recovery.RENEW)), effects


@variant("has-a-word-of-its-own-for-the-end", of=("CLI-017", "CLI-030"), replaces="report.report")
def ended(original: Any, state: State) -> JsonObject:
    """It says `ended` where the contract says closed."""
    told = original(state)
    return {**told, "phase": "ended" if told["phase"] == "closed" else told["phase"]}


# -- cuts


@variant("dials-after-random-waits", of=("CLI-016",), replaces="link.Reader._select_next_server")
async def random_waits(original: Any, reader: Any) -> None:
    """Before each try to connect it waits for a random time, up to the usual one."""
    usual = getattr(reader, "usual_wait", None)
    if usual is None:
        usual = reader.usual_wait = reader.options["reconnect_time_wait"]
    reader.options["reconnect_time_wait"] = random.uniform(0, usual)  # noqa: S311 no secret
    await original(reader)


@variant("rests-before-it-recovers", of=("CLI-016", "CLI-018"), replaces="recovery.connected")
def rests(original: Any, state: State) -> Step:
    """On a new connection it waits 150 ms before it asks for its session."""
    if state.opened is None:
        return original(state)
    least_ms = max(state.not_before_ms, state.steady_ms + 150)
    return original(replace(state, not_before_ms=least_ms))


@replacing("asking.ping")
def _one_at_a_time(original: Any, state: State) -> Step:
    waits = any(one.type == "session.ping" for one in state.asked)
    return (state, (asking.next_ping(state),)) if waits else original(state)


@variant("waits-for-pings-that-were-lost", _one_at_a_time, of=("CLI-028",), replaces="update.lost")
def lost_pings(original: Any, state: State) -> Step:
    """A ping that was lost with its connection is waited for as long as any other, before the next one."""
    pings = tuple(one for one in state.asked if one.type == "session.ping")
    after, effects = original(state)
    return (after if after.phase == "closed" else replace(after, asked=pings)), effects


@variant("resumes-at-a-refused-ping", of=("CLI-020",), replaces="answers.pong")
def resumes(original: Any, state: State, body: Any, data: Any) -> Step:
    """A ping that is refused for now is followed by a recovery, and by pings after that."""
    after, effects = original(state, body, data)
    if body is None or body.get("type") != "error" or after.session_id != state.session_id:
        return after, effects
    return then((after, effects), lambda now: recovery.begin(now, recovery.RESUME))


# -- waits


@variant("waits-for-a-second-in-a-gap", of=("CLI-006",), replaces="stream.gap")
def long_in_a_gap(original: Any, state: State, raw: Raw | None) -> Step:
    """A recovery begins a second after the gap that it closes, and what is behind the gap is dropped."""
    if state.phase != "live" or state.recovery.goal is not None:
        return original(state, raw)
    state = replace(state, phase="recovering", recovery=Recovery(recovery.RESUME), told=None)
    return state, (SetTimer(recovery.RETRY, 1_000, 1_000),)


@variant("comes-when-it-is-told", of=("CLI-027", "CLI-018"), replaces="recovery.wait")
def when_told(original: Any, state: State, tries: int, least_ms: int = 0) -> Step:
    """What it is told to wait for is all that it waits for then, without a random time on top."""
    after, effects = original(state, tries, least_ms)
    return after, (SetTimer(recovery.RETRY, least_ms, least_ms),) if least_ms else effects


# -- answers that fall short


@replacing("recovery.rang")
def _asks_for_states(original: Any, state: State) -> Step:
    if state.phase == "live" and state.recovery.goal is not None:
        return recovery.begin(state, recovery.SYNC)
    return original(state)


@variant(
    "asks-for-states-that-do-not-come", _asks_for_states, of=("CLI-027",), replaces="answers.back"
)
def missing_states(original: Any, state: State) -> Step:
    """Where the states of an answer are not there after half a second it syncs, whatever it hears."""
    after, effects = original(state)
    if after.phase != "live" or after.recovery.goal is None:
        return after, effects
    return after, (*effects, SetTimer(recovery.RETRY, 500, 500))


@variant("takes-no-replay-with-a-hole", of=("CLI-007", "CLI-012"), replaces="answers.replayed")
def no_holes(original: Any, state: State, at: Any, messages: list[object]) -> Step:
    """A replay that lacks a message is of no use as a whole, and a sync follows."""
    bodies = [reading.spoken(one) for one in messages]
    places = [None if one is None else reading.place(one) for one in bodies]
    seqs = [place.seq for place in places if place is not None]
    whole = None in places or seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    return original(state, at, messages) if whole else recovery.failed(state, recovery.SYNC)


@replacing("hearing.release")
def _asks_for_what_was_dropped(original: Any, state: State) -> Step:
    after, effects = original(state)
    lost = memory.of(state).pop("dropped", None)
    if after.phase != "live" or after.place is None or lost is None or lost <= after.place:
        return after, effects
    return then((after, effects), lambda now: recovery.begin(now, recovery.RESUME))


@variant(
    "holds-nothing",
    _asks_for_what_was_dropped,
    of=("CLI-003", "CLI-006", "CLI-007"),
    replaces="stream.hold",
)
def holds_nothing(original: Any, state: State, raw: Raw) -> State:
    """What comes before an answer is dropped, and asked for behind it."""
    if raw.subject.endswith(".control"):
        return original(state, raw)
    body = reading.body(raw.data)
    place = None if body is None else reading.place(body)
    if place is not None:
        kept = memory.of(state)
        kept["dropped"] = max(place, kept.get("dropped", place))
    return state


# -- ids


@variant("has-ids-of-digits", of=("CLI-032",), replaces="shell.Shell._begin")
def of_digits(_original: Any, shell: Any) -> None:
    """Session ids are numbers of 39 digits behind the name of the program."""
    shells.begin(shell, f"web-{secrets.randbelow(9 * 10**38) + 10**38}")
