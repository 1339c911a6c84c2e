"""Rules on what an open grants: version, position, kinds, features and timers."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_object, is_object, texts
from omnisession_conformance.protocol.roles import SECURE
from omnisession_conformance.roles.server.reading.lifetimes import error_code, lifetimes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omnisession_conformance.roles.server.reading.lifetimes import Lifetime
    from omnisession_conformance.roles.server.reading.trace import Trace
    from omnisession_conformance.traffic.record import Record

_VERSION = re.compile(r"(0|[1-9][0-9]{0,15})\.(0|[1-9][0-9]{0,15})\Z")
"""More digits than an integer of the protocol has are no version that anybody speaks."""
Version = tuple[int, int]
MAJOR = 1
LEAST_GRANTED = {"heartbeat_ms": 200, "resume_window_ms": 1_000, "coalesce_ms": 0, "gap_ms": 0}
"""Timers from which on a server grants what is asked, up to its own highest value."""
MOST_GRANTED = {"coalesce_ms": 1_000, "gap_ms": 250}
"""Timers that bound how late others are told something, whatever was asked."""
KEPT = ("protocol", "kinds", "features", "timers", "expires_at")
"""What `session.opened` tells of the session; limits and lists of the server are the matter of CTRL-021."""


@rule("CTRL-002")
def first_opens_tell_where_they_begin(trace: Trace, sweep: Sweep) -> None:
    """Judges that the first open of a session begins an epoch: seq 0, epoch of 1 or more."""
    for lifetime in lifetimes(trace):
        opens = [e for e in lifetime.session.exchanges if e.request.type == "session.open"]
        # An open before it, whose answer nobody saw, may have made the session already.
        if lifetime.opened is None or not opens or opens[0].answer is not lifetime.opened:
            continue
        position = lifetime.position(lifetime.opened)
        sweep.judge(
            "CTRL-002",
            position is not None and position.epoch >= 1 and position.seq == 0,
            lifetime.opened,
            expected="a position with an epoch of 1 or more and seq 0",
            seen=str(position) if position is not None else "no position",
            pointer="/data/position",
            also=(opens[0].request,),
        )


@rule("CTRL-003")
def opens_grant_what_is_asked_and_served(trace: Trace, sweep: Sweep) -> None:
    """Judges the kinds and features of an open: those asked that the server serves, in that order."""
    for name in ("kinds", "features"):
        served = {value for lifetime in lifetimes(trace) for value in getattr(lifetime, name)}
        for lifetime in lifetimes(trace):
            if lifetime.opened is None or lifetime.opening is None:
                continue
            asked = list(dict.fromkeys(texts(lifetime.opening.payload.get(name))))
            wanted = [value for value in asked if value in served]
            granted = lifetime.opened.payload.get(name)
            sweep.judge(
                "CTRL-003",
                granted == wanted,
                lifetime.opened,
                expected=f"{name} {wanted}: those of {asked} that the server serves",
                seen=f"{name} {granted}",
                pointer=f"/data/{name}",
                also=(lifetime.opening,),
            )


@rule("CTRL-004")
def opens_again_change_nothing(trace: Trace, sweep: Sweep) -> None:
    """Judges that an open of a live session is answered as the first one was."""
    for lifetime in lifetimes(trace):
        first, over = lifetime.opened, lifetime.over
        for exchange in lifetime.session.exchanges:
            answer = exchange.answer
            if first is None or answer is None or answer.type != "session.opened":
                continue
            if answer.n <= first.n or (over is not None and exchange.request.n > over.n):
                continue
            # An end that a secure server told moves with each token (SECU-019).
            moves = first.payload.get("expires_at") is not None and SECURE in trace.facts.profiles
            kept = KEPT[:-1] if moves else KEPT
            changed = next((n for n in kept if answer.payload.get(n) != first.payload.get(n)), None)
            sweep.judge(
                "CTRL-004",
                changed is None,
                answer,
                expected=f"{changed} {first.payload.get(changed or '')}, as at first",
                seen=f"{changed} {answer.payload.get(changed or '')}",
                pointer=f"/data/{changed}",
                also=(first, exchange.request),
            )


# -- versions ----------------------------------------------------------------------------------------


def _versions(value: Any) -> set[Version]:
    found = (_VERSION.match(text) for text in texts(value))
    return {(int(m[1]), int(m[2])) for m in found if m is not None}


def _best(spoken: Sequence[Version], offer: set[Version]) -> Version | None:
    """The highest version of a sorted list of one MAJOR that an offer allows."""
    highest = max((v for v in offer if v[0] == MAJOR), default=(MAJOR, -1))
    place = bisect_right(spoken, highest)
    return spoken[place - 1] if place else None


@rule("VER-001")
def versions_are_the_highest_common(trace: Trace, sweep: Sweep) -> None:
    """Judges the version chosen against the offer and against all versions seen of the server."""
    opens = [e for e in trace.exchanges if e.request.type == "session.open" and e.answers]
    chosen = {v for e in opens for v in _versions([e.answers[0].payload.get("protocol")])}
    # This kit knows what MAJOR 1 is; a server that chooses another one cannot mean it.
    spoken = sorted(version for version in chosen if version[0] == MAJOR)
    first = {id(lifetime.opened) for lifetime in lifetimes(trace)}
    for exchange in opens:
        request, answer = exchange.request, exchange.answers[0]
        offer = _versions(request.payload.get("protocol"))
        best = _best(spoken, offer)
        refused = error_code(answer) == 4003
        body_version = _versions([request.body.get("v")]) if request.body else set[Version]()
        # A body of a higher minor is read or not by VER-003, whatever the offer in it.
        readable = any(b[0] == MAJOR and spoken[-1] >= b for b in body_version if spoken)
        if refused and best is not None and readable:
            _judge_version(answer, best, "error 4003", request, sweep)
        elif answer.type == "session.opened" and id(answer) in first:
            told = answer.payload.get("protocol")
            good = best is not None and _versions([told]) == {best}
            if good:
                sweep.ok("VER-001")
            else:
                _judge_version(answer, best, f"protocol {told!r}", request, sweep)


def _judge_version(
    answer: Record, best: Version | None, seen: str, request: Record, sweep: Sweep
) -> None:
    wanted = "error 4003" if best is None else f"protocol '{best[0]}.{best[1]}'"
    sweep.broken(
        "VER-001",
        answer,
        expected=f"{wanted} to the offer {request.payload.get('protocol')}",
        seen=seen,
        pointer="/data/protocol" if answer.type == "session.opened" else "/data/error/code",
        also=(request,),
    )


# -- timers ------------------------------------------------------------------------------------------


@rule("CTRL-010")
def timers_are_granted(trace: Trace, sweep: Sweep) -> None:
    """Judges the timers of an open against those asked and the server's own highest values."""
    highest = _highest(trace)
    for lifetime in lifetimes(trace):
        if lifetime.opened is None or lifetime.opening is None:
            continue
        asked: Any = lifetime.opening.payload.get("timers")
        if not is_object(asked):
            continue
        for name, least, most in _bounds(lifetime, asked, highest):
            granted = lifetime.timers.get(name)
            if isinstance(granted, int):
                sweep.judge(
                    "CTRL-010",
                    least <= granted <= most,
                    lifetime.opened,
                    expected=f"{name} {least}" if least == most else f"{name} {least} to {most}",
                    seen=f"{name} {granted}, asked {asked.get(name)}",
                    pointer=f"/data/timers/{name}",
                    also=(lifetime.opening,),
                )


@rule("CTRL-010")
def timers_have_their_bounds(trace: Trace, sweep: Sweep) -> None:
    """Judges that no session may hold back states or actions for longer than anybody may."""
    for lifetime in lifetimes(trace):
        for name, most in MOST_GRANTED.items() if lifetime.opened is not None else ():
            granted = lifetime.timers.get(name)
            if isinstance(granted, int) and lifetime.opened is not None:
                sweep.judge(
                    "CTRL-010",
                    0 <= granted <= most,
                    lifetime.opened,
                    expected=f"{name} of at most {most}",
                    seen=str(granted),
                    pointer=f"/data/timers/{name}",
                )


def _highest(trace: Trace) -> dict[str, int]:
    """The server's own highest values, which are its defaults, where an open asked for none."""
    found: dict[str, int] = {}
    for lifetime in lifetimes(trace):
        asked = as_object(lifetime.opening.payload.get("timers") if lifetime.opening else None)
        for name in LEAST_GRANTED:
            granted = lifetime.timers.get(name)
            if name not in asked and isinstance(granted, int) and lifetime.opened is not None:
                # A window grows with the heartbeat, so the lowest default is the server's own.
                found[name] = min(found.get(name, granted), granted)
    return found


def _bounds(
    lifetime: Lifetime, asked: dict[str, Any], highest: dict[str, int]
) -> Iterator[tuple[str, int, int]]:
    """Yield for each timer asked the least and the most that may be granted."""
    heartbeat = lifetime.timers.get("heartbeat_ms")
    twice = 2 * heartbeat if isinstance(heartbeat, int) else 0
    for name, granted_from in LEAST_GRANTED.items():
        value = asked.get(name)
        if type(value) is not int:
            continue
        own = highest.get(name)
        # The lowest that a server grants is at most `granted_from`: so far it may raise a value.
        most = max(value, granted_from)
        least = value if own is None else min(value, own)
        if own is None and value > granted_from:
            # How high this server goes is not known: it may have lowered the value to its own.
            least = granted_from if name in ("heartbeat_ms", "resume_window_ms") else 0
        if name == "resume_window_ms":
            least, most = max(least, twice), max(most, twice)
        yield name, max(least, 0), most
