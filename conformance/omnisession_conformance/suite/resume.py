"""RESUME: what a client gets that asks for what came after its position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.case import case
from omnisession_conformance.position import Position
from omnisession_conformance.suite.changes import CHANGES, change, open_articles, unique
from omnisession_conformance.suite.sending import NO_GAP, burst
from omnisession_conformance.world import same

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.actor import Session
    from omnisession_conformance.answer import Answer, PendingRequest
    from omnisession_conformance.record import Record
    from omnisession_conformance.world import World

AHEAD = 100
BEHIND = ("replay", "snapshot")
MANY = 30
ROUNDS = 10
LARGEST = 2**53 - 1


def resumed(
    w: World, requirement: str, answer: Answer | None, modes: Sequence[str], why: str
) -> bool:
    """Observe a `session.resumed` with one of some modes."""
    expected = f"session.resumed with the mode {' or '.join(modes)}"
    if answer is None:
        return w.absent(requirement, expected=expected, why=why)
    mode: Any = answer.data.get("mode")
    return w.check(
        requirement,
        answer.type == "session.resumed" and mode in modes,
        expected=expected,
        seen=str(answer) if answer.type != "session.resumed" else f"the mode {mode}",
        on=answer,
        pointer="/data/mode",
        why=why,
    )


async def ask(session: Session, at: Position, *, seq: int | None = None) -> Answer | None:
    """Resume from a position, or from another seq of its epoch."""
    return await (await _send(session, at.epoch, at.seq if seq is None else seq)).answer()


async def _send(session: Session, epoch: int, seq: int) -> PendingRequest:
    return await session.send("session.resume", {"epoch": epoch, "seq": seq})


async def whole(w: World, requirement: str, session: Session, asked: int, answer: Answer) -> bool:
    """Observe that a replay's `messages` are the session's stream from a seq up to the answer's.

    Other modes promise nothing about them.
    """
    told: Any = answer.data.get("messages")
    mode: Any = answer.data.get("mode")
    if mode != "replay":
        seen = f"the mode {mode}"
        return w.check(requirement, good=True, expected="a whole replay, or none", seen=seen)
    at = answer.position_or_stop("session.resumed")
    await session.reach(at)
    stream = _between(session, Position(at.epoch, asked), at)
    why = f"messages of a replay from seq {asked} to {at.seq}"
    numbers = [_seq(body) for body in told] if isinstance(told, list) else told  # pyright: ignore[reportUnknownVariableType]
    wanted = [r.integer("seq") for r in stream]
    good = w.equal(
        requirement, wanted, numbers, on=(answer, *stream), pointer="/data/messages", why=why
    )
    if not good or not isinstance(told, list):
        return False
    for i, record in enumerate(stream):
        body: Any = told[i]
        if not same(record.body, body):
            return w.check(
                requirement,
                good=False,
                expected=record.body,
                seen=body,
                on=(answer, record),
                pointer=f"/data/messages/{i}",
                why=why,
            )
    return True


def _between(session: Session, after: Position, upto: Position) -> list[Record]:
    """The stream after one position up to another, in its order."""
    found = [
        (position.head, record)
        for record in session.after(after)
        if (position := Position.of(record.body)) is not None and position.head <= upto.head
    ]
    return [record for _, record in sorted(found, key=lambda pair: pair[0])]


def _seq(body: Any) -> Any:
    return body.get("seq") if isinstance(body, dict) else body  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


# -- at the head -----------------------------------------------------------------------------------------


@case("RESUME-001", alone=True)
async def resume_at_the_head_is_current(w: World) -> None:
    """A session that has missed nothing is told so, twice, and nothing is published for it."""
    session = await w.open(w.user())
    for why in ("a resume from the head", "a second one from the same position"):
        head = await session.fence()
        answer = await ask(session, head)
        if resumed(w, "RESUME-001", answer, ("current",), why) and answer is not None:
            seen = answer.position.head if answer.position else None
            at = "/data/position"
            w.equal("RESUME-001", head.head, seen, on=answer, pointer=at, why=f"the head, {why}")
        after = await session.fence()
        w.equal(
            "RESUME-001",
            head.head,
            after.head,
            on=session.after(head),
            why=f"epoch and seq of a pong after {why}",
        )


# -- behind the head ---------------------------------------------------------------------------------------


@case("RESUME-002", "RESUME-003", needs=CHANGES)
async def resume_from_every_position(w: World) -> None:
    """From each position that a session had, resume answers with what came after it, or a snapshot."""
    session = await w.open(w.user(), kinds=w.declared.kinds, features=["events"], timers=NO_GAP)
    for _ in range(MANY // 2):
        await change(w, session)
    await session.sync()
    head = await session.fence()
    sent = [(seq, await _send(session, head.epoch, seq)) for seq in range(head.seq)]
    for seq, pending in sent:
        answer = await pending.answer()
        why = f"a resume from seq {seq} with the head at {head.seq} or later"
        if resumed(w, "RESUME-002", answer, BEHIND, why) and answer is not None:
            await whole(w, "RESUME-003", session, seq, answer)


@case("RESUME-003", needs=CHANGES)
async def replay_without_events(w: World) -> None:
    """In a session without events a replay has the states as they were published."""
    user = w.user()
    session, other = await open_articles(w, user), await open_articles(w, user)
    start = await session.fence()
    for acting in (session, other, session):
        await change(w, acting)
    await session.sync()
    await session.fence()
    for seq in (0, start.seq, start.seq + 1):
        answer = await ask(session, start, seq=seq)
        w.require(answer is not None and answer.type == "session.resumed", f"no answer: {answer}")
        if answer is not None:
            await whole(w, "RESUME-003", session, seq, answer)


@case("RESUME-006", "RESUME-003")
async def resume_directly_after_open(w: World) -> None:
    """Before anything changed, resume works from the answer's own position and from the head."""
    session = await w.open(w.user(), kinds=w.declared.kinds)
    start = session.opened.position_or_stop("session.opened") if session.opened else Position(1, 0)
    last = Position(start.epoch, start.seq + len(session.kinds))
    for _ in range(2):
        for position, why in (
            (start, "the position of session.opened"),
            (last, "the position of its last state"),
        ):
            answer = await ask(session, position)
            # What others publish in the meantime moves the head on.
            modes = BEHIND if position is start else ("current", *BEHIND)
            if resumed(w, "RESUME-006", answer, modes, f"a resume from {why}") and answer:
                await whole(w, "RESUME-003", session, position.seq, answer)


@case("RESUME-006", "RESUME-003", needs=CHANGES)
async def resume_again_and_again(w: World) -> None:
    """Ten times changes and a resume, each also from the oldest position and twice from the same."""
    session = await open_articles(w, w.user(), events=True)
    oldest = await session.fence()
    reached = oldest
    for number in range(ROUNDS):
        await change(w, session)
        await change(w, session)
        for position, which in (
            (reached, "the last position"),
            (reached, "the same position again"),
            (oldest, "the oldest position"),
        ):
            answer = await ask(session, position)
            why = f"round {number + 1}, a resume from {which}"
            if not resumed(w, "RESUME-006", answer, BEHIND, why) or answer is None:
                return
            if not await whole(w, "RESUME-003", session, position.seq, answer):
                return
        reached = await session.fence()


# -- snapshots -------------------------------------------------------------------------------------------


@case("RESUME-004", "RESUME-005")
async def unknown_positions_get_a_snapshot(w: World) -> None:
    """A position ahead of the head or of another epoch is answered with a snapshot of all kinds."""
    session = await w.open(w.user(), kinds=w.declared.kinds)
    head = await session.fence()
    asked = [
        (head.epoch, head.seq + AHEAD, "a seq ahead of the head"),
        (head.epoch, LARGEST, "the largest seq there is"),
        (head.epoch + 1, head.seq, "the next epoch"),
        (head.epoch + 1, 0, "the begin of the next epoch"),
        (head.epoch - 1, head.seq, "the epoch before"),
    ]
    for epoch, seq, why in asked:
        if epoch >= 1:
            answer = await (await _send(session, epoch, seq)).answer()
            if resumed(w, "RESUME-005", answer, ("snapshot",), why) and answer is not None:
                await _states_follow(w, session, answer, why)


@case("RESUME-004", needs=CHANGES)
async def snapshots_in_traffic(w: World) -> None:
    """While other sessions of the user act, nothing comes between a snapshot answer and its states."""
    user = w.user()
    acting = await open_articles(w, user, timers=NO_GAP)
    events = await w.open(user, kinds=w.declared.kinds, features=["events"])
    states = await w.open(user, kinds=w.declared.kinds, timers={"coalesce_ms": 0})
    for _ in range(5):
        before = [acting.action_body("article.create", {"title": unique(w, "t")}) for _ in range(3)]
        sent = await burst(acting, before)
        asked = [
            (session, await _send(session, session.head[0], LARGEST))
            for session in (events, states)
        ]
        after = [acting.action_body("article.create", {"title": unique(w, "t")}) for _ in range(3)]
        sent += await burst(acting, after)
        for action in sent:
            await action.must()
        for session, pending in asked:
            answer = await pending.must()
            w.require(answer.data.get("mode") == "snapshot", "no snapshot of an unknown position")
            await _states_follow(w, session, answer, "with other sessions of the user at work")


async def _states_follow(w: World, session: Session, answer: Answer, why: str) -> None:
    """Observe that one state of each kind comes directly behind an answer's position."""
    at = answer.position_or_stop("session.resumed")
    wanted = [(at.seq + 1 + i, kind, "sync") for i, kind in enumerate(session.kinds)]

    def all_there() -> bool | None:
        return session.head >= (at.epoch, at.seq + len(wanted)) or None

    if await session.wait(all_there, w.run.clock.answer_s) is None:
        w.absent(
            "RESUME-004", expected=f"{len(wanted)} states after seq {at.seq}", on=answer, why=why
        )
        return
    states = _between(session, at, Position(at.epoch, at.seq + len(wanted)))
    seen = [(r.integer("seq"), r.payload.get("type"), (r.body or {}).get("reason")) for r in states]
    w.equal("RESUME-004", wanted, seen, on=states, why=f"seq, kind and reason, {why}")


# -- under traffic -----------------------------------------------------------------------------------------


@case("RESUME-007", needs=CHANGES)
async def replays_join_the_stream(w: World) -> None:
    """While another session acts without pause, replays and the stream join without hole or overlap."""
    user = w.user()
    acting = await open_articles(w, user, timers=NO_GAP)
    session = await open_articles(w, user, events=True)
    start = await session.fence()
    asked: list[tuple[int, PendingRequest]] = []
    actions: list[Any] = []
    for number in range(MANY):
        body = acting.action_body("article.create", {"title": unique(w, "t")})
        actions.append(await acting.send_action(body))
        seq = start.seq if number % 2 else max(start.seq, session.head[1])
        asked.append((seq, await _send(session, start.epoch, seq)))
    for action in actions:
        await action.must()
    await session.fence()
    for seq, pending in asked:
        answer = await pending.must()
        if answer.type == "session.resumed":
            await whole(w, "RESUME-007", session, seq, answer)
            _goes_on(w, session, answer)


def _goes_on(w: World, session: Session, answer: Answer) -> None:
    """Observe that what the session was told after an answer begins right behind its position."""
    at = answer.position_or_stop("session.resumed")
    rest = _between(session, at, Position(at.epoch, LARGEST))
    seen = [r.integer("seq") for r in rest]
    wanted = list(range(at.seq + 1, at.seq + 1 + len(rest)))
    w.equal("RESUME-007", wanted, seen, on=(answer, *rest), why=f"the stream after seq {at.seq}")
