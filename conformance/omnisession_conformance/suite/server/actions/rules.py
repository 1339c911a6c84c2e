"""Rules on actions: that every copy gets its outcome, and what an outcome says."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.bounds import ABSENT_NS, BOUND_S, MS
from omnisession_conformance.protocol.json import as_text, is_object, maybe_int, member
from omnisession_conformance.roles.server.reading.attempts import (
    attempts_by_lifetime,
    client_seq_of,
    is_owed,
    may_have_been_read,
)
from omnisession_conformance.roles.server.reading.inboxes import is_answerable
from omnisession_conformance.roles.server.reading.lifetimes import (
    SESSION_OVER,
    error_code,
    excused,
    must_have_come,
    waited,
)
from omnisession_conformance.roles.server.reading.trace import OUTCOMES
from omnisession_conformance.suite.server.actions.signs import Signs, signs_of_life

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.reading.attempts import Attempt
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Copy, Trace
    from omnisession_conformance.traffic.record import Record

# Actions are too much for one file: this registers the rules on what an outcome says.

MAY_REFUSE_ANY = frozenset({4290, 5000, 5030, 5040})
"""Refusals that may come at any stage, so also before an action has become one."""
AHEAD = 4091
GAP_SLACK_NS = 1_000 * MS
"""What a server may take beyond `gap_ms`: the timer is its own, and the machine may be busy."""


@rule("ACTION-001")
def copies_get_one_outcome(trace: Trace, sweep: Sweep) -> None:
    """Judges that every copy that passes the common stages gets one outcome on `.control`, in time."""
    for lifetime, mine in attempts_by_lifetime(trace):
        for attempt in mine:
            _judge_count(attempt, trace, sweep)
            for copy, outcome in _pairs(attempt):
                _judge_time(copy, outcome, trace, sweep)
        _judge_strays(lifetime, {attempt.action_id for attempt in mine}, trace, sweep)


def _pairs(attempt: Attempt) -> list[tuple[Copy, Record]]:
    """The copies with their outcomes, where it is plain which belongs to which."""
    handled = [copy for copy in attempt.copies if _refused(copy) is None]
    if len(handled) != len(attempt.outcomes):
        return []
    return list(zip(handled, attempt.outcomes, strict=True))


def _judge_count(attempt: Attempt, trace: Trace, sweep: Sweep) -> None:
    if len(attempt.outcomes) > len(attempt.copies):
        sweep.broken(
            "ACTION-001",
            attempt.outcomes[len(attempt.copies)],
            expected=f"{len(attempt.copies)} outcomes of action {attempt.action_id}, one for each copy",
            seen=f"{len(attempt.outcomes)} outcomes",
            also=(attempt.copies[-1].request,),
        )
        return
    if len(attempt.outcomes) == len(attempt.copies):
        return
    owed = [copy for copy in attempt.copies if _must_have_outcome(copy, attempt.lifetime, trace)]
    if len(owed) > len(attempt.outcomes):
        missing = next((c for c in owed if _refused(c) is not None), owed[-1])
        refusal = _refused(missing)
        sweep.broken(
            "ACTION-001",
            refusal or missing.request,
            expected=f"{len(owed)} outcomes of action {attempt.action_id} on .control",
            seen=f"{len(attempt.outcomes)}"
            + (f", and error {error_code(refusal)}" if refusal else ""),
            also=(missing.request,) if refusal else tuple(attempt.outcomes[:1]),
        )


def _must_have_outcome(copy: Copy, lifetime: Lifetime, trace: Trace) -> bool:
    """Whether an outcome of this copy must be in the trace: it was owed, its session live, time over."""
    request = copy.request
    if not is_owed(copy, lifetime) or not must_have_come(trace, request.t_ns):
        return False
    code = error_code(_refused(copy))
    signs = signs_of_life(trace, lifetime)
    if code in MAY_REFUSE_ANY or (code in SESSION_OVER and signs.last_served < request.n):
        return False
    return _surely_live(lifetime, request, signs, trace)


def _refused(copy: Copy) -> Record | None:
    """The `error` that came to a copy's inbox instead of an outcome."""
    return next((a for a in copy.answers if a.type == "error"), None)


def _surely_live(lifetime: Lifetime, request: Record, signs: Signs, trace: Trace) -> bool:
    """Whether a session was live for sure from when an action was sent until its outcome was due.

    Its open had been answered; no close was sent until then; and its client had not been silent for
    so long that it may have expired.
    """
    due = request.t_ns + ABSENT_NS
    if lifetime.opened is None or lifetime.opened.n > request.n:
        return False
    if excused(trace, lifetime.opened.t_ns, due):
        # A server that was started anew in between may have kept nothing.
        return False
    if lifetime.over is not None and lifetime.over.t_ns <= due:
        return False
    if signs.closed_ns <= due:
        return False
    window = lifetime.timer("resume_window_ms")
    last_ns = signs.last_ns(request.n, lifetime.opened.t_ns)
    return window is not None and request.t_ns - last_ns < window


def _judge_time(copy: Copy, outcome: Record, trace: Trace, sweep: Sweep) -> None:
    sent, came = copy.request.t_ns, outcome.t_ns
    if waited(trace, sent, came) <= ABSENT_NS or excused(trace, sent, came):
        sweep.ok("ACTION-001")
        return
    sweep.broken(
        "ACTION-001",
        outcome,
        expected=f"an outcome within {BOUND_S:g} s",
        seen=f"after {(came - sent) // MS} ms",
        also=(copy.request,),
    )


def _judge_strays(lifetime: Lifetime, known: set[str], trace: Trace, sweep: Sweep) -> None:
    for outcome in lifetime.session.outcomes:
        action_id: Any = outcome.payload.get("action_id")
        if not isinstance(action_id, str) or action_id in known:
            continue
        if not may_have_been_read(trace, action_id, outcome.n):
            sweep.broken(
                "ACTION-001",
                outcome,
                expected="outcomes of the session's own actions",
                seen=f"an outcome of action {action_id}, which this session did not send",
                pointer="/data/action_id",
            )


@rule("ACTION-002")
def outcomes_go_to_both_places(trace: Trace, sweep: Sweep) -> None:
    """Judges that an action's inbox gets the same outcome body as `.control`, once."""
    for _, mine in attempts_by_lifetime(trace):
        for attempt in mine:
            bodies = _Bodies(attempt.outcomes)
            sharing = Counter(copy.request.reply for copy in attempt.copies)
            for copy in attempt.copies:
                if is_answerable(copy.request, trace.facts.profiles):
                    _judge_inbox(attempt, copy, sharing[copy.request.reply], bodies, trace, sweep)


class _Bodies:
    """The bodies of outcomes, to look another one up among them."""

    def __init__(self, outcomes: Sequence[Record]) -> None:
        self._outcomes = outcomes
        self._data = {outcome.data for outcome in outcomes}
        self._canonical: set[str] | None = None

    def __len__(self) -> int:
        return len(self._outcomes)

    def have(self, record: Record) -> bool:
        """Whether one of them has the body of a record, in whatever order of its members."""
        if record.data in self._data:
            return True
        if self._canonical is None:
            self._canonical = {_in_order(outcome.body) for outcome in self._outcomes}
        return _in_order(record.body) in self._canonical


def _in_order(body: Any) -> str:
    return json.dumps(body, sort_keys=True)


def _judge_inbox(
    attempt: Attempt, copy: Copy, sharing: int, bodies: _Bodies, trace: Trace, sweep: Sweep
) -> None:
    told = [answer for answer in copy.answers if answer.type in OUTCOMES]
    if len(told) > sharing:
        sweep.broken(
            "ACTION-002",
            told[sharing],
            expected="one outcome on the action's inbox",
            seen=f"{len(told)} outcomes",
            also=(copy.request,),
        )
    elif told and (len(bodies) or must_have_come(trace, told[0].t_ns)):
        if bodies.have(told[0]):
            sweep.ok("ACTION-002")
            return
        pushed = attempt.outcomes[0].body if len(bodies) == 1 else None
        seen = _unlike(told[0].body, pushed) if pushed else "no such body on .control"
        sweep.broken(
            "ACTION-002",
            told[0],
            expected="the same body on the inbox as on .control",
            seen=seen,
            also=(copy.request, *attempt.outcomes[:1]),
        )
    elif _lacks_outcome(attempt, copy) and must_have_come(trace, attempt.outcomes[-1].t_ns):
        sweep.broken(
            "ACTION-002",
            copy.request,
            expected="the outcome on the action's inbox as well",
            seen="nothing there",
            also=tuple(attempt.outcomes[:1]),
        )


def _lacks_outcome(attempt: Attempt, copy: Copy) -> bool:
    """Whether a copy got nothing on its inbox although every copy has its outcome on `.control`."""
    return not copy.answers and 0 < len(attempt.copies) == len(attempt.outcomes)


def _unlike(told: Any, pushed: Any) -> str:
    """Name the members in which two bodies differ."""
    if not is_object(told) or not is_object(pushed):
        return "another body"
    names = [n for n in {**told, **pushed} if told.get(n) != pushed.get(n)]
    if names == ["data"] and is_object(told.get("data")):
        inner = _unlike(told["data"], pushed.get("data"))
        return f"in data, {inner}"
    return f"another {', '.join(names)}"


# -- numbers -----------------------------------------------------------------------------------------


@rule("ACTION-012")
def gaps_are_told(trace: Trace, sweep: Sweep) -> None:
    """Judges that an action ahead of the count gets 4091 in time, with the next number, and no ack."""
    for lifetime, mine in attempts_by_lifetime(trace):
        for attempt in mine:
            for copy, outcome in _pairs(attempt):
                if error_code(outcome) == AHEAD:
                    _judge_gap(lifetime, copy, outcome, trace, sweep)
        _judge_holes(lifetime, {attempt.action_id for attempt in mine}, trace, sweep)


def _judge_gap(lifetime: Lifetime, copy: Copy, outcome: Record, trace: Trace, sweep: Sweep) -> None:
    details = member(outcome.payload.get("error"), "details")
    expected = maybe_int(member(details, "expected"))
    count = maybe_int(member(outcome.payload.get("position"), "last_action_seq"))
    if expected is not None and count is not None:
        sweep.judge(
            "ACTION-012",
            expected == count + 1,
            outcome,
            expected=f"details.expected {count + 1}, the next number",
            seen=f"details.expected {expected}",
            pointer="/data/error/details/expected",
            also=(copy.request,),
        )
    number = client_seq_of(outcome)
    if number is not None and count is not None and number <= count + 1:
        sweep.broken(
            "ACTION-012",
            outcome,
            expected=f"no {AHEAD}: all numbers before {number} are final",
            seen=f"{AHEAD} with last_action_seq {count}",
            pointer="/data/error/code",
            also=(copy.request,),
        )
    gap = lifetime.timer("gap_ms")
    sent, came = copy.request.t_ns, outcome.t_ns
    slow = gap is not None and waited(trace, sent, came) > gap + GAP_SLACK_NS
    if slow and not excused(trace, sent, came):
        sweep.broken(
            "ACTION-012",
            outcome,
            expected=f"4091 at the latest {(gap or 0) // MS} ms after the action",
            seen=f"after {(came - sent) // MS} ms",
            also=(copy.request,),
        )


def _judge_holes(lifetime: Lifetime, known: set[str], trace: Trace, sweep: Sweep) -> None:
    """No action is applied while a number before it was never sent."""
    sent: set[int] = set()
    upto = 0
    copies = iter(lifetime.session.copies)
    copy = next(copies, None)
    for outcome in lifetime.session.outcomes:
        while copy is not None and copy.request.n < outcome.n:
            if copy.client_seq is not None:
                sent.add(copy.client_seq)
            copy = next(copies, None)
        while upto + 1 in sent:
            upto += 1
        number = client_seq_of(outcome)
        if outcome.type != "action.ack" or as_text(outcome.payload.get("action_id")) not in known:
            continue
        if number is None or number <= upto:
            continue
        if not may_have_been_read(trace, lifetime.session.session_id, outcome.n):
            sweep.broken(
                "ACTION-012",
                outcome,
                expected=f"4091: number {upto + 1} was not sent yet",
                seen=f"an ack of number {number}",
                pointer="/data/client_seq",
            )
