"""When and how a client recovers."""

from dataclasses import replace
from typing import Any

from omnisession_client import asking, pushes, recovery, stream
from omnisession_client.effects import SetTimer, Step, then
from omnisession_client.values import Place, Position, Raw, Recovery, State
from omnisession_client_faults.variants import variant
from omnisession_reference.wire import JsonObject


@variant("syncs-instead", of=("CLI-006", "CLI-013", "CLI-016", "CLI-018"), replaces="recovery.ask")
def syncs_instead(original: Any, state: State) -> Step:
    """Every recovery is a sync of all kinds."""
    if state.recovery.want == recovery.RESUME:
        state = replace(state, recovery=replace(state.recovery, want=recovery.SYNC))
    return original(state)


@variant("names-its-kinds", of=("CLI-012", "CLI-034"), replaces="recovery._data")
def names_its_kinds(original: Any, state: State) -> dict[str, object]:
    """A sync names all kinds of the session, and from the last to the first."""
    if state.recovery.want != recovery.SYNC or state.opened is None:
        return original(state)
    return {"kinds": list(reversed(state.opened.kinds))}


@variant("is-cautious-at-epochs", of=("CLI-009",), replaces="stream.connects")
def cautious(original: Any, held: Place, place: Place, body: JsonObject) -> bool:
    """A higher epoch leads to a recovery, though its first state is there."""
    return place.epoch == held.epoch and original(held, place, body)


@variant("waits-in-a-gap", of=("CLI-006", "CLI-024"), replaces="stream.gap")
def waits_in_a_gap(original: Any, state: State, raw: Raw | None) -> Step:
    """A recovery begins 100 ms after the gap that it closes."""
    if state.phase != "live" or state.recovery.goal is not None:
        return original(state, raw)
    state = replace(state, phase="recovering", recovery=Recovery(recovery.RESUME), told=None)
    held = state if raw is None else stream.hold(state, raw)
    return held, (SetTimer(recovery.RETRY, 100, 100),)


@variant("is-eager", of=("CLI-013",), replaces="pushes.heartbeat")
def eager(original: Any, state: State, at: Position) -> Step:
    """The first heartbeat that tells a higher head leads to a recovery."""
    if state.place is not None and at.place > state.place:
        return recovery.begin(state, recovery.RESUME)
    return original(state, at)


@variant("is-eager-at-outcomes", of=("CLI-013", "HYB-002"), replaces="pushes.taken")
def eager_at_outcomes(original: Any, state: State, body: JsonObject) -> Step:
    """The first outcome that tells a higher head leads to a recovery."""
    step = original(state, body)
    if body.get("type") not in pushes.OUTCOMES:
        return step

    def asks(after: State) -> Step:
        if after.place is None or after.told is None or after.told <= after.place:
            return after, ()
        return recovery.begin(after, recovery.RESUME)

    return then(step, asks)


@variant("syncs-after-the-first-resume", of=("CLI-012", "CLI-027"), replaces="recovery.failed")
def syncs_after(original: Any, state: State, want: str | None = None, least_ms: int = 0) -> Step:
    """A resume that did not help is followed by a sync, whatever it was."""
    if state.recovery.want == recovery.RESUME:
        want = recovery.SYNC
    return original(state, want, least_ms=least_ms)


@variant("resumes-before-it-syncs", of=("CLI-012",), replaces="stream.unusable")
def resumes_first(_original: Any, state: State) -> Step:
    """What cannot be used is asked for by a resume, and by a sync where that brings it again."""
    return recovery.begin(state, recovery.RESUME)


@variant("drops-what-it-cannot-use", of=("CLI-012",), replaces="stream.unusable")
def drops(_original: Any, state: State) -> Step:
    """What cannot be used is dropped: what follows leads to a resume, which leads to a sync in the end."""
    return state, ()


@variant("repeats-once-at-once", of=("CLI-027",), replaces="recovery.wait")
def once_at_once(original: Any, state: State, tries: int, least_ms: int = 0) -> Step:
    """The first repeat of a recovery comes at once, and the others after a wait."""
    return recovery.ask(state) if tries <= 1 and not least_ms else original(state, tries, least_ms)


@variant("waits-as-long-as-it-may", of=("CLI-027",), replaces="recovery.wait")
def as_long(original: Any, state: State, tries: int, least_ms: int = 0) -> Step:
    """Before a repeat it waits for the whole of its bound, and draws nothing."""
    after, effects = original(state, tries, least_ms)
    return after, tuple(
        replace(e, at_least_ms=e.at_most_ms) if isinstance(e, SetTimer) else e for e in effects
    )


@variant("waits-evenly", of=("CLI-027",), replaces="asking.bound_ms")
def evenly(_original: Any, state: State, _tries: int) -> int:
    """All waits have the same bound, the largest."""
    return state.config.timings.retry_max_ms


@variant("blanks-between-sessions", of=("CLI-022",), replaces="answers.opened")
def blanks(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """What a session has shown is gone when the next one is opened, before its first state."""
    return original(replace(state, slices={}), at, data)


@variant("recovers-after-each-open", of=("CLI-003", "CLI-026"), replaces="answers.opened")
def after_each_open(original: Any, state: State, at: Position, data: JsonObject) -> Step:
    """An open is followed by a sync, which is not needed."""
    after, effects = original(state, at, data)
    asked = recovery.begin(after, recovery.SYNC)
    return asked[0], (*effects, *asked[1])


@variant("answers-heartbeats", of=("CLI-013", "CLI-015"), replaces="pushes.taken")
def answers_heartbeats(original: Any, state: State, body: JsonObject) -> Step:
    """Each heartbeat is answered by a ping."""
    after, effects = original(state, body)
    if body.get("type") != "session.heartbeat" or after.opened is None:
        return after, effects
    pinged = asking.ping(after)
    return pinged[0], (*effects, *pinged[1])


def lost_at_a_pong(original: Any, state: State, body: Any, data: Any, *, want: str) -> Step:
    """Take a pong, and ask for what was told before it and is not there."""
    before = state.told
    after, effects = original(state, body, data)
    lost = before is not None and after.place is not None and before > after.place
    if after.phase != "live" or not lost:
        return after, effects
    asked = recovery.begin(after, want)
    return asked[0], (*effects, *asked[1])


@variant("goes-by-pongs", of=("CLI-013",), replaces="answers.pong")
def goes_by_pongs(original: Any, state: State, body: Any, data: Any) -> Step:
    """A pong is looked at as a heartbeat is: what was told before it and is not there is asked for."""
    return lost_at_a_pong(original, state, body, data, want=recovery.RESUME)
