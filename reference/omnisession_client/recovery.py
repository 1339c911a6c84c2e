"""How a client gets to its session, and back to its place: by one request at a time.

First `session.resume` from its position, since that is cheap; where it did not help, `session.sync`.
What failed is tried again after a random wait, whose bound doubles each time.
"""

from dataclasses import replace

from omnisession_client import asking, bodies
from omnisession_client.effects import CancelTimer, NewSession, SetTimer, Step
from omnisession_client.values import Place, Recovery, State

RETRY = "retry"
OPEN, RESUME, SYNC = "session.open", "session.resume", "session.sync"
# No request: make a session id, and begin.
RENEW = "new session"


def begin(state: State, want: str, tries: int = 0) -> Step:
    """Recover, unless the client does so already; what the recovery before did not mend, it failed at."""
    if state.phase != "live":
        return state, ()
    before = state.recovery
    failed = before.goal is not None
    if failed and before.want == want == RESUME:
        want = SYNC
    recovery = Recovery(want, failures=before.failures + failed)
    state = replace(state, phase="recovering", recovery=recovery, told=None)
    tries = max(tries, recovery.failures)
    return ask(state) if tries == 0 else wait(state, tries)


def ask(state: State) -> Step:
    """Do what is wanted, now."""
    recovery = state.recovery
    if recovery.want == RENEW:
        return state, (NewSession(),)
    if state.renewal is not None:
        # An open again is a recovery as well.
        recovery = replace(recovery, want=OPEN)
        state = replace(state, recovery=recovery, renewal="sent")
    # What came before is behind the place that the answer will tell. In a session that its server has
    # made anew meanwhile, it would be taken for what follows that place.
    state, effects = asking.ask(replace(state, held=()), recovery.want, _data(state))
    return replace(state, recovery=replace(recovery, number=state.numbers)), effects


def _data(state: State) -> dict[str, object]:
    if state.recovery.want == OPEN:
        return bodies.open_data(state)
    if state.recovery.want == RESUME and state.place is not None:
        return {"epoch": state.place.epoch, "seq": state.place.seq}
    return {}


def failed(state: State, want: str | None = None, least_ms: int = 0) -> Step:
    """The request did not help: try again later, or something else."""
    before = state.recovery
    failures = before.failures + 1
    recovery = Recovery(want or before.want, failures=failures)
    return wait(replace(state, recovery=recovery), failures, least_ms)


def wait(state: State, tries: int, least_ms: int = 0) -> Step:
    """Wait for a random time before the next request."""
    bound = asking.bound_ms(state, tries - 1)
    state = replace(state, not_before_ms=state.steady_ms + least_ms)
    return state, (SetTimer(RETRY, least_ms, least_ms + bound),)


def rang(state: State) -> Step:
    """The wait is over."""
    waits = state.phase in ("opening", "recovering") and state.recovery.number is None
    return ask(state) if waits else (state, ())


def postponed(state: State, after_ms: int) -> Step:
    """The server is about to stop, and says when to come back; until then nothing is asked."""
    want = OPEN if state.opened is None else RESUME
    phase = "opening" if state.opened is None else "recovering"
    recovery = Recovery(want, failures=state.recovery.failures)
    state = replace(state, phase=phase, asked=(), recovery=recovery, told=None)
    step = wait(state, 1, after_ms)
    return step[0], (*step[1], CancelTimer(asking.PING))


def connected(state: State) -> Step:
    """The subscription is in force on a new connection: open, or resume."""
    if state.phase in ("live", "recovering") or state.recovery.number is not None:
        return state, ()
    failures = 0 if state.phase == "offline" else state.recovery.failures
    want, phase = (OPEN, "opening") if state.opened is None else (RESUME, "recovering")
    recovery = Recovery(want, failures=failures)
    state = replace(state, phase=phase, recovery=recovery, told=None)
    left_ms = state.not_before_ms - state.steady_ms
    return ask(state) if left_ms <= 0 else wait(state, 1, left_ms)


def answered(state: State, goal: Place | None) -> State:
    """An answer was understood: the client is live, and back when the stream has reached the goal."""
    recovery = Recovery() if goal is None else replace(state.recovery, number=None, goal=goal)
    return replace(state, phase="live", recovery=recovery)


def reached(state: State) -> State:
    """Forget the failures once everything is there that the last answer promised."""
    goal = state.recovery.goal
    there = goal is not None and state.place is not None and state.place >= goal
    return replace(state, recovery=Recovery()) if there else state
