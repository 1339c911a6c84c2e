"""CTRL: heartbeats, the digests in them, and the timers that a session is granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import case
from omnisession_conformance.model.digest import digest
from omnisession_conformance.position import Position
from omnisession_conformance.suite.changes import CHANGES, KIND, change, open_articles
from omnisession_conformance.suite.sending import NOOP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.actor import Session
    from omnisession_conformance.answer import Answer
    from omnisession_conformance.record import Record
    from omnisession_conformance.world import World

HEARTBEAT = "session.heartbeat"
BEAT_MS = 200
BEATS = {"heartbeat_ms": BEAT_MS}
EAGER = {"heartbeat_ms": BEAT_MS, "resume_window_ms": 10_000, "coalesce_ms": 0, "gap_ms": 0}
LEAST = {"heartbeat_ms": 200, "resume_window_ms": 1_000, "coalesce_ms": 0, "gap_ms": 0}
"""What every server grants when asked, if its own highest values are not lower still."""
CHANGES_TOLD = 5
DIGEST_TRIES = 6


def beats(session: Session, mark: int = 0) -> list[Record]:
    """Heartbeats of a session since a mark in the log."""
    return [r for r in session.pushes if r.n >= mark and r.type == HEARTBEAT]


async def await_beats(w: World, session: Session, count: int, mark: int) -> list[Record]:
    """Heartbeats since a mark, once there are so many; fewer where a gap was too long.

    Raises Prerequisite where the session was granted no short interval.
    """
    interval = session.timers.get("heartbeat_ms", 0)
    short = isinstance(interval, int) and 0 < interval <= 2 * BEAT_MS
    w.require(short, f"heartbeat_ms {BEAT_MS} was asked, and {interval} granted")
    for number in range(1, count + 1):

        def find(number: int = number) -> bool | None:
            return len(beats(session, mark)) >= number or None

        if await session.wait(find, w.run.clock.within(2 * interval)) is None:
            break
    return beats(session, mark)


async def next_beats(
    w: World, requirement: str, session: Session, count: int, mark: int, why: str
) -> list[Record]:
    """Observe that so many heartbeats come after a mark, with no gap of more than two intervals."""
    came = await await_beats(w, session, count, mark)
    expected = f"{count} heartbeats, one at least every {session.timers.get('heartbeat_ms')} ms"
    if len(came) < count:
        waited_s = 2 * BEAT_MS / 1_000
        w.absent(requirement, expected=expected, waited_s=waited_s, on=came[-1:], why=why)
    else:
        w.check(requirement, good=True, expected=expected, seen=len(came), on=came, why=why)
    return came


async def metronome(w: World, session: Session, count: int) -> None:
    """Go on after so many further heartbeats of a session, as a measure of time; else Prerequisite."""
    came = await await_beats(w, session, count, w.log.mark())
    w.require(len(came) >= count, f"session {session.id} got no heartbeats to measure time by")


# -- heartbeats --------------------------------------------------------------------------------------


@case("CTRL-008", alone=True)
async def heartbeats_come_in_silence(w: World) -> None:
    """A session in which nothing happens gets its heartbeats all the same, with its position."""
    session = await w.open(w.user(), timers=BEATS)
    await session.apply(NOOP)
    first = await session.fence()
    mark = w.log.mark()
    came = await next_beats(w, "CTRL-008", session, 3, mark, "a session in which nothing happens")
    last = await session.fence()
    for beat in came:
        _tells(w, beat, first, last)


def _tells(w: World, beat: Record, first: Position, last: Position) -> None:
    """Observe that a heartbeat tells a position between those of two pongs around it."""
    at = Position.of(beat.payload.get("position"))
    good = at is not None and first.head <= at.head <= last.head
    good = good and at is not None and at.last_action_seq == last.last_action_seq
    w.check(
        "CTRL-008",
        good,
        expected=f"position {first}" + (f" to {last}" if last != first else ""),
        seen=at or "no position",
        on=beat,
        pointer="/data/position",
        why="a heartbeat between two pongs with these positions",
    )


@case("CTRL-008", needs=CHANGES, slow=True)
async def heartbeats_tell_the_position_reached(w: World) -> None:
    """A heartbeat after a change tells a position that covers it, and that the stream reaches."""
    session = await w.open(w.user(), kinds=[KIND], timers=BEATS)
    why = "a session at work"
    for number in (1, 2):
        done = await change(w, session)
        told = done.ack.position_or_stop("action.ack")
        # The first one may have been on its way already.
        came = await next_beats(w, "CTRL-008", session, 2, w.log.mark(), why)
        await session.fence()
        for beat in came[1:2]:
            at = Position.of(beat.payload.get("position"))
            w.check(
                "CTRL-008",
                at is not None and told.head <= at.head <= session.head,
                expected=f"{told} or later, up to the head of the stream",
                seen=at or "no position",
                on=(beat, done.ack),
                pointer="/data/position",
                why="the second heartbeat after an ack",
            )
            count = at.last_action_seq if at else None
            w.equal("CTRL-008", number, count, on=beat, why="actions that the heartbeat counts")


@case("CTRL-009", needs=("digests", *CHANGES), slow=True)
async def heartbeats_carry_digests(w: World) -> None:
    """Heartbeats carry the digest of each open kind as the states and events before them made it."""
    user = w.user()
    actor = await open_articles(w, user)
    kinds = w.declared.kinds
    plain = await w.open(user, kinds=kinds, timers=EAGER)
    states = await w.open(user, kinds=kinds, features=["digests"], timers=EAGER)
    served = [name for name in ("digests", "events") if name in w.declared.features]
    events = await w.open(user, kinds=kinds, features=served, timers=EAGER)
    await change(w, actor)
    await w.fences(plain, states, events)
    mark = w.log.mark()
    for session in (states, events):
        await _digests(w, session, mark)
    came = await await_beats(w, plain, 1, mark)
    w.require(bool(came), "a session without digests got no heartbeats")
    told = [beat for beat in came if "digests" in beat.payload]
    why = "heartbeats of a session without the feature"
    w.check("CTRL-009", not told, expected="no digests", seen=len(told), on=told, why=why)


async def _digests(w: World, session: Session, mark: int) -> None:
    """Observe the digests in a heartbeat that has a sync at its very position."""
    for number in range(1, DIGEST_TRIES + 1):
        came = await await_beats(w, session, number, mark)
        w.require(len(came) >= number, "a session with digests got no heartbeats")
        beat = came[number - 1]
        at = Position.of(beat.payload.get("position"))
        w.require(at is not None, "a heartbeat without position")
        answer = await session.sync()
        start = answer.position_or_stop("session.syncing")
        if at is not None and start.head == at.head:
            _judge_digests(w, session, beat, at, start)
            return
    w.require(good=False, reason="other changes came between each heartbeat and the sync behind it")


def _judge_digests(
    w: World, session: Session, beat: Record, at: Position, start: Position
) -> None:
    told: Any = beat.payload.get("digests")
    kinds = sorted(told) if isinstance(told, dict) else "none"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    why = "kinds whose digests a heartbeat carries"
    good = w.equal("CTRL-009", sorted(session.kinds), kinds, on=beat, pointer="/data/digests", why=why)
    if not good:
        return
    synced = {s.payload.get("type"): s for s in session.after(start)[: len(session.kinds)]}
    for kind in session.kinds:
        # A state that was asked for may show more than the fold: a list that was cut is refilled.
        shown = synced.get(kind)
        right = [digest(session.slice(kind, upto=at)), digest(shown.payload) if shown else None]
        w.check(
            "CTRL-009",
            told.get(kind) in right,
            expected=right[0],
            seen=told.get(kind),
            on=(beat,) if shown is None else (beat, shown),
            pointer=f"/data/digests/{kind}",
            why=f"digest of {kind} at {at}, where a sync shows the slice too",
        )


# -- timers ------------------------------------------------------------------------------------------


def _lowered(w: World, asked: Mapping[str, int]) -> dict[str, int]:
    """What is granted of timers at or above the least: the server's own highest value if it is lower."""
    own = w.declared.timers
    granted = {name: min(value, own.get(name, value)) for name, value in asked.items()}
    beat = granted.get("heartbeat_ms", own.get("heartbeat_ms", 0))
    if "resume_window_ms" in granted:
        granted["resume_window_ms"] = max(granted["resume_window_ms"], 2 * beat)
    return granted


@case("CTRL-010")
async def timers_are_granted(w: World) -> None:
    """Timers are granted from the least on, each alone and together, and the answer tells all four."""
    user = w.user()
    asked = [
        LEAST,
        *({name: value} for name, value in LEAST.items() if name != "resume_window_ms"),
        {"heartbeat_ms": 201, "resume_window_ms": 1_001},
        {"heartbeat_ms": 600, "resume_window_ms": 1_000},
    ]
    for timers in asked:
        answer = await w.session(user).open(timers=timers)
        told: Any = answer.data.get("timers") if answer.code is None else str(answer)
        granted = _lowered(w, timers)
        seen = {n: told.get(n) for n in granted} if isinstance(told, dict) else told  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        why = f"timers granted where {timers} was asked"
        w.equal("CTRL-010", granted, seen, on=answer, pointer="/data/timers", why=why)


@case("CTRL-010")
async def timers_beyond_the_bounds_are_clamped(w: World) -> None:
    """Timers below the least or above the highest that a server grants are clamped, not refused."""
    user = w.user()
    for value in (0, 1, 1_000_000_000):
        asked = dict.fromkeys(LEAST, value)
        session = w.session(user)
        answer = await session.open(timers=asked)
        told: Any = answer.data.get("timers") if answer.code is None else str(answer)
        why = f"timers granted where {asked} was asked"
        good = answer.type == "session.opened" and isinstance(told, dict)
        if good and value <= 1:
            good = session.timers.get("heartbeat_ms", 0) <= BEAT_MS
        expected = "session.opened with timers in the server's bounds"
        w.check("CTRL-010", good, expected=expected, seen=told, on=answer, why=why)


@case("CTRL-010", needs=CHANGES)
async def least_timers_are_in_force(w: World) -> None:
    """With the least timers heartbeats come, nothing is held back, and no action ahead is held."""
    user = w.user()
    actor = await open_articles(w, user)
    session = await open_articles(w, user, timers=EAGER)
    mark = w.log.mark()
    await next_beats(w, "CTRL-010", session, 2, mark, "heartbeat_ms 200 was granted")
    await _nothing_is_held_back(w, actor, session)
    ahead = await session.send_action(session.action_body(NOOP, client_seq=2))
    # With a round trip between them, the action in front comes long after a gap of no time.
    await session.fence()
    await session.act(NOOP)
    outcome = await ahead.outcome()
    w.refused("CTRL-010", outcome, 4091, why="client_seq 2 before 1, with gap_ms 0")


async def _nothing_is_held_back(w: World, actor: Session, session: Session) -> None:
    late: list[Answer] = []
    for _ in range(CHANGES_TOLD):
        done = await change(w, actor)
        await actor.fence()
        await actor.fence()
        if not done.shows(session.slice(KIND)):
            late.append(done.ack)
            await session.fence()
    # One may be late on the way, by another connection of the server.
    w.check(
        "CTRL-010",
        len(late) < CHANGES_TOLD // 2,
        expected="changes of another session told at once, with coalesce_ms 0",
        seen=f"{len(late)} of {CHANGES_TOLD} were not there after the ack and two round trips",
        on=late,
    )
