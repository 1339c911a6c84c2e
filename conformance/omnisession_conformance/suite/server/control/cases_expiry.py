"""CTRL: what keeps a session alive, and that silence ends it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.roles.server.steps.any_kind import ADAPTERS, CHANGE
from omnisession_conformance.roles.server.steps.control import (
    CLOSE,
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    answered,
    opened,
)
from omnisession_conformance.roles.server.steps.sending import NOOP
from omnisession_conformance.roles.server.steps.signs import LAST_SIGNS, NO_SIGNS, SIGNS
from omnisession_conformance.roles.server.steps.timers import (
    BEATS,
    MS,
    SHORT,
    beats,
    interval_ms,
)
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

PULSE_S = 0.25
"""A little more than a heartbeat: so often something is said, however late heartbeats come."""
SLACK = 5
"""What part of a window is left unused: the kit measures where it listens, not at the server."""
QUIET = {**SHORT, "heartbeat_ms": 500}
"""The longest interval that leaves the window so short: what a server sends is no sign."""
WIDE = {**SHORT, "heartbeat_ms": 1_500, "resume_window_ms": 3_000}
"""The same with a window that is wide enough for a kit that is late: what is tried then takes longer."""
PATIENT = "nothing until then"
LEAST_PATIENT_MS = 2_000
"""In a shorter window there is no time between more than half of it and what the kit may be late."""
MOST = 40
"""So many sessions are opened at most to see whether there is room for them."""
MISSED = 3
"""So many heartbeats of a live session without one of another: that one is over."""


@dataclass(frozen=True, slots=True)
class Pace:
    """In which window sessions say something, and what time one may be silent in a longer one."""

    timers: Mapping[str, int]
    patient_ms: int
    """The window of the session that says nothing until more than half of it is over."""
    silent_ms: int
    """So long it says nothing; in a shorter window, if no such one is granted, a part of that time."""


PACES = (Pace(QUIET, 2_990, 2_050), Pace(WIDE, 8_000, 4_500))
"""The first window is of no whole seconds, and lasts longer than those that it has.

The second is for what the kit itself was too slow for in the first.
"""


@case("CTRL-016", slow=True, limit_ms=20_000)
async def signs_of_life_keep_a_session(ctx: Context) -> None:
    """Sessions that say one thing each, now and then, outlive their window; one may be silent within it."""
    # Time is measured by a session that lives long: those that are judged may be over too soon.
    clock = await ctx.open(ctx.user(), timers=BEATS)
    kinds = (None, *ctx.declared.kinds)
    left = [PATIENT, *(what for what, (kind, _) in SIGNS.items() if kind in kinds)]
    slow: dict[str, int] = {}
    users: list[User] = []
    for pace in PACES:
        slow = await _outlive(ctx, clock, left, pace, users)
        left = list(slow)
        if not left:
            break
    ctx.in_time(not slow, f"the kit itself was silent for {max(slow.values(), default=0)} ms")


async def _outlive(
    ctx: Context, clock: Session, names: Sequence[str], pace: Pace, users: list[User]
) -> dict[str, int]:
    """Observe that sessions outlive their window; returns for which the kit was silent for how long."""
    signs = [what for what in names if what != PATIENT]
    live = await _open_all(ctx, signs, pace.timers, users)
    opened_last = list(live.values())
    patient: dict[str, Session] = {}
    if PATIENT in names:
        timers = {**BEATS, "resume_window_ms": pace.patient_ms}
        patient = {PATIENT: await ctx.open(clock.user, timers=timers)}
        opened_last += patient.values()
    granted = min((as_int(s.timers.get("resume_window_ms")) for s in patient.values()), default=0)
    silent_ms = min(pace.silent_ms, granted * pace.silent_ms // pace.patient_ms)
    if granted < LEAST_PATIENT_MS:
        for session in patient.values():
            session.leave_open = True
        patient = {}
    begin, slow = ctx.log.records[-1].t_ns, dict[str, int]()
    window = max((s.timers.get("resume_window_ms", 0) for s in live.values()), default=0)
    # A session may be ended as late as 2 s after its window: until then nothing is sure.
    sure_ms = window + BOUND_MS + BEATS["heartbeat_ms"] // 2
    turn = 0
    while (passed_ms := _passed(ctx, begin)) < sure_ms or patient:
        # One half at each pulse: well within the window, and half as much to say.
        for what in signs[turn::2]:
            await SIGNS[what][1](live[what])
        turn = 1 - turn
        if passed_ms >= silent_ms:
            slow |= await _live(ctx, patient)
            patient = {}
        await _pulse(clock)
    slow |= await _live(ctx, live)
    if slow:
        await _done_with(opened_last)
    return slow


async def _done_with(sessions: Sequence[Session]) -> None:
    """Close sessions, that their users may have others; some may be over."""
    closes = [await session.send(CLOSE) for session in sessions]
    for session, pending in zip(sessions, closes, strict=True):
        await pending.answer()
        session.leave_open = True


def _passed(ctx: Context, since_ns: int) -> int:
    """The milliseconds since a moment, up to the last message that was seen."""
    return (ctx.log.records[-1].t_ns - since_ns) // MS


async def _pulse(clock: Session) -> None:
    """Wait for the next heartbeat of a session, and not much longer than one takes."""
    known = len(beats(clock))
    await clock.wait(lambda: len(beats(clock)) > known or None, PULSE_S)


async def _live(ctx: Context, sessions: Mapping[str, Session]) -> dict[str, int]:
    """Observe that sessions are live.

    Nothing is said of those in whose names the kit itself was silent for too long: by name for how many ms.
    """
    # All at once: behind the answers of a slow server the last ones would have been silent for long.
    pings = {what: await session.send(PING) for what, session in sessions.items()}
    # A server that shares the machine reads as late as the kit does, the sign before and the one after.
    late, slow = ctx.late_ms, dict[str, int]()
    for what, session in sessions.items():
        ping = await pings[what].answer()
        silence, window = _longest_silence(ctx, session), session.timers.get("resume_window_ms", 0)
        if silence + late >= window - window // SLACK:
            slow[what] = silence + late
            continue
        why = f"a session with a window of {window} ms that sent {what}, {silence} ms apart at most"
        answered(ctx, "CTRL-016", ping, "session.pong", why)
    return slow


async def _open_all(
    ctx: Context,
    names: list[str],
    timers: Mapping[str, int] = SHORT,
    users: list[User] | None = None,
) -> dict[str, Session]:
    """Open a session with a short window for each name, of as few users as the limit allows.

    `users` are taken first, and added to.
    """
    most = max(1, ctx.declared.limit("sessions"))
    users = [] if users is None else users
    users += [ctx.user() for _ in range(len(users) * most, len(names), most)]
    # All at once: a window begins with its open.
    found = {name: ctx.session(users[number // most]) for number, name in enumerate(names)}
    opens = {s.id: await s.send(OPEN, s.open_data(timers=timers)) for s in found.values()}
    for session in found.values():
        session.opened = await opens[session.id].must()
        session.opened.position_or_stop("session.opened")
    return found


def _longest_silence(ctx: Context, session: Session) -> int:
    """The longest time, in ms, between two messages of the kit in a session's name."""
    times = [
        r.t_ns
        for r in ctx.log.records
        if r.party is Party.KIT and (r.body or {}).get("session_id") == session.id
    ]
    return max((b - a for a, b in pairwise(times)), default=0) // MS


@case("CTRL-016", "LIMIT-004", slow=True, limit_ms=9_000)
async def silent_sessions_expire(ctx: Context) -> None:
    """Sessions that say nothing more, or nothing that counts, end soon after their window."""
    clock = await ctx.open(ctx.user(), timers=BEATS)
    mute = await _open_all(ctx, [*NO_SIGNS, *LAST_SIGNS])
    beside = ctx.session(clock.user)
    beside.opened = await beside.open(kinds=ctx.declared.kinds, timers=SHORT)
    mute["nothing, while another session of its user acts and pings"] = beside
    for what, session in mute.items():
        session.leave_open = True
        window = session.timers.get("resume_window_ms", 0)
        ctx.require(0 < window <= SHORT["resume_window_ms"], "a short window was not granted")
        if what in LAST_SIGNS:
            await LAST_SIGNS[what](session)
    begin, since = ctx.log.records[-1].t_ns, ctx.log.mark()
    said = {what: [begin] for what in NO_SIGNS}
    bound = SHORT["resume_window_ms"] + BOUND_MS + MISSED * interval_ms(clock)
    bound += round(ctx.margin_s * 1_000)
    while _passed(ctx, begin) <= bound:
        left = {
            what: session for what, session in mute.items() if not _over(ctx, clock, session, since)
        }
        if not left:
            break
        await _act(ctx, clock)
        # With an inbox, as clients ask: a server that ignores others would make nothing of it.
        await clock.send(PING)
        for what in left.keys() & NO_SIGNS.keys():
            await NO_SIGNS[what](mute[what])
            said[what].append(ctx.log.records[-1].t_ns)
        await _pulse(clock)
    if len(beats(clock, since)) < MISSED:
        slow_ms = max((await _live(ctx, {"actions": clock})).values(), default=0)
        ctx.in_time(not slow_ms, f"the kit itself was silent for {slow_ms} ms")
        ctx.require(False, "a live session got too few heartbeats")
    slow = 0
    for what, session in mute.items():
        over = _over(ctx, clock, session, since)
        pause = max((b - a for a, b in pairwise(said.get(what, ()))), default=0) // MS
        if over and pause >= SHORT["resume_window_ms"] * (SLACK - 1) // SLACK:
            # What was not said often enough would have kept nothing alive anyway.
            slow = max(slow, pause)
        else:
            await _expired(ctx, session, what, over=over)
    ctx.in_time(not slow, f"the kit itself said nothing for {slow} ms")
    await _leave_room(ctx, [s for s in mute.values() if s is not beside])


async def _leave_room(ctx: Context, expired: list[Session]) -> None:
    """Observe that expired sessions are none of those that their user may have."""
    user, limit = expired[0].user, ctx.declared.limit("sessions")
    count = limit + 1 - sum(session.user is user for session in expired)
    if count > MOST:
        raise NotOffered(f"a limit of {limit} sessions is not reached")
    fresh = [ctx.session(user) for _ in range(count)]
    opens = [await session.send(OPEN, session.open_data()) for session in fresh]
    for session, pending in zip(fresh, opens, strict=True):
        session.opened = answer = await pending.answer()
        why = f"one of {count} sessions of a user of whom {limit + 1 - count} expired, of {limit}"
        if not opened(ctx, "LIMIT-004", answer, why):
            return


async def _act(ctx: Context, session: Session) -> None:
    """Do something, which the other sessions of the user are told where that can be."""
    able = ctx.declared.able_kinds(CHANGE)
    own = [kind for kind in ADAPTERS.values() if kind.name in able and not kind.everybody]
    body = own[0].new(ctx).body(session) if own else session.action_body(NOOP)
    await session.send_action(body)


def _over(ctx: Context, clock: Session, session: Session, since: int) -> bool:
    """Whether a session got heartbeats, and none of the last ones that a live session got.

    A server may send more of them than it has to, so that they are not all that is counted.
    """
    last = max(beats(session), key=lambda beat: beat.n, default=None)
    if last is None or _passed(ctx, last.t_ns) < MISSED * interval_ms(session):
        return False
    return sum(b.n > max(last.n, since) for b in beats(clock)) >= MISSED


async def _expired(ctx: Context, session: Session, what: str, *, over: bool) -> None:
    window = SHORT["resume_window_ms"]
    last = "at last" if what in LAST_SIGNS else "at each heartbeat"
    why = f"a session with a window of {window} ms that sent {what} {last}"
    if beats(session) and not over:
        bound = window + BOUND_MS
        expected = f"its end within {bound} ms: no more heartbeats"
        ctx.absent("CTRL-016", expected=expected, waited_s=bound / 1_000, why=why)
        return
    answer = await (await session.send(RESUME, NOWHERE)).answer()
    ctx.refused("CTRL-016", answer, 4101, 4041, why=f"session.resume of {why}")
