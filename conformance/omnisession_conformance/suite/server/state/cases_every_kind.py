"""STATE, EVENT and ACTION of every kind: where a change is told, to whom, and by when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.context import same
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.abilities import ALTER
from omnisession_conformance.protocol.model.fold import readable
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import (
    AnyKind,
    Change,
    alter,
    change,
    open_any,
    open_any_watchers,
    room_or_stop,
)
from omnisession_conformance.roles.server.steps.any_kind.every import every_kind
from omnisession_conformance.roles.server.steps.control import PING
from omnisession_conformance.roles.server.steps.sending import feature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

HELD = {"coalesce_ms": 1_000}
"""The longest that a server may be asked to hold states back."""
CAUSE = ("action_id", "session_id", "client_seq")


@every_kind(
    "STATE-005",
    "STATE-006",
    "ACTION-003",
    "ACTION-004",
    "CTRL-007",
    "ORDER-006",
    "EVENT-001",
    "EVENT-005",
    "EVENT-006",
    "EVENT-007",
)
async def changes_are_told(ctx: Context, kind: AnyKind) -> None:
    """A change is in its own session by the ack, and where else it shows by a ping right behind that."""
    user = ctx.user()
    states, events = await open_any_watchers(ctx, user, kind)
    sessions = [states, events, await open_any(ctx, user, kind, timers=HELD)]
    if kind.everybody:
        other = ctx.user()
        sessions += await open_any_watchers(ctx, other, kind)
    for acting in (states, events):
        done = await change(ctx, acting, kind)
        await _told(ctx, sessions, acting, done)
        if kind.name in ctx.declared.able_kinds(ALTER):
            done = await alter(ctx, acting, done)
            await _told(ctx, sessions, acting, done)


async def _told(ctx: Context, sessions: Sequence[Session], acting: Session, done: Change) -> None:
    """Judge one change in all sessions that show it; it was acked a moment ago."""
    pings = [(session, await session.send(PING)) for session in sessions if session is not acting]
    upto = done.ack.position_or_stop("action.ack")
    await acting.reach(upto)
    own = "EVENT-001" if feature(acting, "events") else "STATE-005"
    _shows(ctx, acting, done, upto, "its own session, up to the ack", own)
    _effect(ctx, acting, done)
    for session, ping in pings:
        at = (await ping.must()).position_or_stop("session.pong")
        await session.reach(at)
        whose = "the acting user" if session.user is acting.user else "another user"
        held = () if feature(session, "events") else ("STATE-006",)
        why = f"a session of {whose}, up to the pong of a ping right behind the ack"
        _shows(ctx, session, done, at, why, "ACTION-004", "CTRL-007", *held)
    _one_event(ctx, [s for s in sessions if feature(s, "events")], acting, done)


def _shows(
    ctx: Context, session: Session, done: Change, upto: Position, why: str, *requirements: str
) -> None:
    shown = done.shows(session.slice(done.kind, upto=upto))
    if not shown:
        room_or_stop(session, done.deed.kind)
    for requirement in requirements:
        ctx.check(
            requirement,
            shown,
            expected=f"{done.deed.type} with {done.deed.marker} up to {upto}",
            seen="shown" if shown else "not shown",
            on=(done.ack, *session.stream[-1:]),
            why=why,
        )


def _carries(record: Record, done: Change) -> bool:
    """Whether a message of the acting session carries the change, or another one of its action."""
    if record.address.family == "state":
        return done.shows(readable(done.kind, record.payload))
    cause = as_object((record.body or {}).get("cause"))
    return cause.get("action_id") == done.ack.data.get("action_id")


def _effect(ctx: Context, acting: Session, done: Change) -> None:
    """Judge the place that an ack names, and which messages count the action."""
    evented = feature(acting, "events")
    family = "events" if evented else "state"
    found = [r for r in acting.stream if r.address.family == family and _carries(r, done)]
    ctx.require(bool(found), "no message of the acting session carries a change that was acked")
    # Of states the first one carries it, and each further one may count as well.
    last = found[-1] if evented else found[0]
    further = [r for r in acting.states(done.kind) if r.n > last.n]
    places = [p for r in (last, *further) if (p := Position.of(r.body)) is not None]
    told = done.ack.position
    ctx.check(
        "ACTION-003",
        told is not None and told.head in [p.head for p in places],
        expected=f"{places[0].epoch}:{places[0].seq}, the place of the last effect",
        seen=told,
        on=(done.ack, last),
        pointer="/data/position",
        why=f"{done.deed.type} in a session with {'events' if evented else 'states'}",
    )
    number = int(done.ack.data.get("client_seq") or 0)
    counts = {p.head: p.last_action_seq for r in acting.stream if (p := Position.of(r.body))}
    early = [head for head, n in counts.items() if head < places[0].head and n >= number]
    ctx.equal("ORDER-006", [], early, on=last, why="places before the effect that count the action")
    counted = counts.get(told.head if told is not None else places[0].head, 0)
    ctx.check(
        "ORDER-006",
        counted >= number,
        expected=f"last_action_seq {number} in the message at {told}, the last effect",
        seen=counted,
        on=(last, done.ack),
        pointer="/last_action_seq",
    )


def _one_event(ctx: Context, sessions: Sequence[Session], acting: Session, done: Change) -> None:
    """Judge the event of a change in all sessions with events: who is told of it, and how."""
    kind = done.deed.kind
    first: Record | None = None
    for session in sessions:
        # Later events may carry it as well, of changes that no action made.
        told = [r for r in session.events() if kind.told(r.payload) == done.deed.marker][:1]
        why = f"an event that carries {done.deed.marker}, in a session of {session.user.id}"
        if not ctx.equal("EVENT-007", 1, len(told), on=(done.ack, *told), why=why):
            continue
        event, body = told[0], told[0].body or {}
        first = first or event
        alike = same([event.type, event.payload], [first.type, first.payload])
        ctx.check(
            "EVENT-007",
            alike,
            expected=[first.type, first.payload],
            seen=[event.type, event.payload],
            on=(event, first),
            why="type and data of one change in two sessions",
        )
        ctx.equal("EVENT-006", acting.user.id, body.get("actor"), on=event, pointer="/actor")
        mine = session.user is acting.user
        wanted = {**{name: done.ack.data.get(name) for name in CAUSE}, "session_id": acting.id}
        cause: Any = body.get("cause", "(missing)")
        seen = {n: v for n, v in as_object(cause).items() if n in CAUSE} or cause
        ctx.equal("EVENT-005", wanted if mine else None, seen, on=event, pointer="/cause")
