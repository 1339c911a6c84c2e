"""CTRL: opening, syncing, pinging and closing a session, and what is not a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.case import case
from omnisession_conformance.position import Position

if TYPE_CHECKING:
    from omnisession_conformance.actor import Session
    from omnisession_conformance.record import Record
    from omnisession_conformance.world import World

UNKNOWN_KIND = "x-none"


def following(session: Session, start: Position, count: int) -> list[Record]:
    """The first messages of a session's stream beyond a position."""
    return session.after(start)[:count]


@case("CTRL-002", "CTRL-003", "STATE-003")
async def open_answers_then_states(w: World) -> None:
    """A first open is answered with a position, and one state per kind follows it directly."""
    kinds = [*w.declared.kinds, UNKNOWN_KIND]
    session = w.session(w.user())
    answer = await session.open(kinds=kinds, features=["x-feature"])
    start = answer.position_or_stop("session.opened")
    w.check(
        "CTRL-002",
        start.epoch >= 1 and start.seq == 0,
        expected="epoch of 1 or more and seq 0, the position before the first state",
        seen=start,
        on=answer,
        pointer="/data/position",
    )
    w.equal("CTRL-003", list(w.declared.kinds), answer.data.get("kinds"), on=answer)
    w.equal("CTRL-003", [], answer.data.get("features"), on=answer, pointer="/data/features")
    await session.reach(Position(start.epoch, start.seq + len(w.declared.kinds)))
    states = following(session, start, len(w.declared.kinds))
    w.equal(
        "STATE-003",
        [(start.seq + 1 + i, kind, "open") for i, kind in enumerate(w.declared.kinds)],
        [(r.integer("seq"), r.payload.get("type"), (r.body or {}).get("reason")) for r in states],
        on=states,
        why="seq, kind and reason of the messages after session.opened",
    )


@case("CTRL-013")
async def unknown_request_changes_nothing(w: World) -> None:
    """A request type that no version knows is refused, and the session stays as it is."""
    session = await w.open(w.user())
    before = await session.fence()
    w.refused("CTRL-013", await (await session.send("x.unknown")).answer(), 4002)
    after = await session.fence()
    w.equal("CTRL-013", before.head, after.head, why="position before and after the request")


@case("CTRL-019", "STATE-007")
async def requests_before_open(w: World) -> None:
    """Sync, resume, ping and close of a session that was never opened create nothing."""
    user = w.user()
    other = await w.open(user)
    fresh = w.session(user)
    requests = {
        "session.sync": {},
        "session.resume": {"epoch": 1, "seq": 0},
        "session.ping": {},
        "session.close": {},
    }
    for type_, data in requests.items():
        answer = await (await fresh.send(type_, data)).answer()
        w.refused("CTRL-019", answer, 4041, why=f"{type_} of a session that was never opened")
    await other.fence()
    seen = [*fresh.stream, *fresh.pushes]
    w.check(
        "STATE-007",
        not seen,
        expected="nothing on the subjects of a session that was never opened",
        seen=[record.subject for record in seen],
        on=seen,
    )
