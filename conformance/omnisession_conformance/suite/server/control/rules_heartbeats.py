"""Rules on heartbeats: that they come, and the digests in them."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.bounds import MARGIN_NS, MS
from omnisession_conformance.protocol.json import is_list, is_object, objects
from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.model.slices import MEMBERS
from omnisession_conformance.roles.server.reading.folding import Walk
from omnisession_conformance.roles.server.reading.lifetimes import (
    error_code,
    excused,
    last_ns,
    lifetimes,
    waited,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.protocol.kinds.parts import Slice
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

HEARTBEAT = "session.heartbeat"
ENOUGH = 6
"""So many heartbeats tell how far apart they are as a rule."""
PACE_SLACK_NS = 50 * MS


@rule("CTRL-008")
def heartbeats_come(trace: Trace, sweep: Sweep) -> None:
    """Judges the gaps between heartbeats of sessions that surely lived: at most two intervals."""
    for lifetime in lifetimes(trace):
        interval = lifetime.timer("heartbeat_ms")
        if lifetime.opened is None or interval is None:
            continue
        until = _lived_until(lifetime, trace)
        beats = [r for r in lifetime.session.control if r.type == HEARTBEAT and r.t_ns <= until]
        last = lifetime.opened
        for beat in beats:
            _judge_gap(lifetime, last, beat.t_ns, beat, trace, sweep)
            last = beat
        if len(beats) > ENOUGH:
            _judge_pace(beats, interval, sweep)
        # Only a gap that is too long already says something before the next heartbeat came.
        if until - last.t_ns > 2 * interval + MARGIN_NS:
            _judge_gap(lifetime, last, until, None, trace, sweep)


def _judge_gap(
    lifetime: Lifetime, last: Record, to_ns: int, beat: Record | None, trace: Trace, sweep: Sweep
) -> None:
    interval = lifetime.timer("heartbeat_ms") or 0
    gap = waited(trace, last.t_ns, to_ns)
    if gap <= 2 * interval + MARGIN_NS:
        sweep.ok("CTRL-008", int(beat is not None))
    elif not excused(trace, last.t_ns, to_ns):
        sweep.broken(
            "CTRL-008",
            beat or last,
            expected=f"a heartbeat at least every {interval // MS} ms",
            seen=f"none for {gap // MS} ms",
            also=(last,) if beat is not None else (),
        )


def _judge_pace(beats: list[Record], interval: int, sweep: Sweep) -> None:
    """Judge the middle one of many gaps: one may be long on a busy machine, not every other one."""
    middle = round(median(b.t_ns - a.t_ns for a, b in pairwise(beats)))
    sweep.judge(
        "CTRL-008",
        middle <= interval * 3 // 2 + PACE_SLACK_NS,
        beats[-1],
        expected=f"a heartbeat at least every {interval // MS} ms",
        seen=f"{len(beats)} that are {middle // MS} ms apart, as a rule",
        also=(beats[0],),
    )


def _lived_until(lifetime: Lifetime, trace: Trace) -> int:
    """Until when a session was live for sure: its end, or the silence of its client."""
    end = lifetime.over.t_ns if lifetime.over is not None else last_ns(trace)
    ends = [r.t_ns for r in lifetime.asked() if r.type == "session.close"]
    ends += [r.t_ns for r in lifetime.session.control if r.type == "session.closing"]
    end = min([end, *ends])
    window = lifetime.timer("resume_window_ms")
    if lifetime.opened is None or window is None:
        return end
    alive = lifetime.opened.t_ns
    for sign in _signs_of_life(lifetime):
        if sign.t_ns - alive > window:
            break
        alive = max(alive, sign.t_ns)
    return min(end, alive + window)


def _signs_of_life(lifetime: Lifetime) -> Iterator[Record]:
    """Yield the requests and actions that were taken for sure, in tap order."""
    copies = lifetime.session.copies
    answered = {c.request.n for c in copies if any(a.type != "error" for a in c.answers)}
    answered |= {
        e.request.n
        for e in lifetime.session.exchanges
        if e.answers and error_code(e.answers[0]) is None
    }
    return (r for r in lifetime.asked() if r.n in answered)


@rule("CTRL-009")
def heartbeats_carry_digests(trace: Trace, sweep: Sweep) -> None:
    """Judges the digests in heartbeats against the fold at their position."""
    for lifetime in lifetimes(trace):
        if lifetime.opened is not None and not lifetime.has_digests:
            for beat in lifetime.session.control:
                if beat.type == HEARTBEAT:
                    sweep.judge(
                        "CTRL-009",
                        "digests" not in beat.payload,
                        beat,
                        expected="no digests in a session without the feature",
                        seen="digests",
                        pointer="/data/digests",
                    )
        elif lifetime.opened is not None:
            _judge_digests(lifetime, sweep)


def _judge_digests(lifetime: Lifetime, sweep: Sweep) -> None:
    walk = Walk(lifetime)
    steps = sorted(lifetime.steps, key=lambda step: step.head)
    beats = [
        (p.head, r)
        for r in lifetime.session.control
        if (p := _beat_position(r, lifetime)) is not None
    ]
    beats.sort(key=lambda pair: pair[0])
    known: dict[int, tuple[Slice, str | None]] = {}
    place = 0
    for head, beat in beats:
        while place < len(steps) and steps[place].head <= head:
            walk.take(steps[place])
            place += 1
        digests: Any = beat.payload.get("digests")
        if not is_object(digests) or set(digests) != set(lifetime.kinds):
            kinds = sorted(digests) if is_object(digests) else "none"
            sweep.broken(
                "CTRL-009",
                beat,
                expected=f"digests of {', '.join(lifetime.kinds)}",
                seen=f"digests of {kinds}",
                pointer="/data/digests",
            )
        elif walk.head == head:
            for kind, held in walk.held.items():
                slice_ = held.fold()
                if held.known:
                    _judge_digest(beat, kind, digests.get(kind), slice_, known, sweep)


def _beat_position(record: Record, lifetime: Lifetime) -> Position | None:
    return lifetime.position(record) if record.type == HEARTBEAT else None


def _judge_digest(
    beat: Record,
    kind: str,
    told: Any,
    slice_: Slice,
    known: dict[int, tuple[Slice, str | None]],
    sweep: Sweep,
) -> None:
    # A slice that did not change is the same object; it is kept, so that its id stays its own.
    if id(slice_) not in known:
        known[id(slice_)] = (slice_, digest(slice_))
    wanted = known[id(slice_)][1]
    if told != wanted and _has_more(kind, slice_):
        # What stands in an event beside the named members need not be in the server's slice.
        return
    sweep.judge(
        "CTRL-009",
        told == wanted,
        beat,
        expected=f"digest {wanted} of kind {kind}",
        seen=f"digest {told}",
        pointer=f"/data/digests/{kind}",
    )


def _has_more(kind: str, slice_: Slice) -> bool:
    """Whether a slice holds members that the protocol does not name."""
    named = MEMBERS[kind]
    if set(slice_) - set(named) - {"type"}:
        return True
    for name, members in named.items():
        value = slice_[name]
        entries = objects(value if is_list(value) else [value])
        if members and any(set(entry) - set(members) for entry in entries):
            return True
    return False
