"""What of the deeds of a crowd is there afterwards: all that was acked, and each once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.server.steps.any_kind import open_any, room_or_stop, view_of
from omnisession_conformance.roles.server.steps.outcomes import next_copy
from omnisession_conformance.suite.server.durable.again import (
    GONE,
    patience_s,
    patiently,
    until_answered,
    until_final,
)
from omnisession_conformance.suite.server.durable.alive import stop_where_expired

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.suite.server.durable.crowd import Actor, Crowd, Done

ONCE, RESULT, LIVE, COUNTS = "DUR-004", "DUR-005", "DUR-007", "DUR-009"


def served_or_stop(ctx: Context, requirement: str, crowd: Crowd) -> None:
    """Observe that all sessions are served, and stop where one has no outcome.

    What becomes of those that are refused for good is seen all the same.
    """
    for actor in crowd.actors:
        if actor.stuck is not None:
            waited_s = actor.within_s or patience_s(actor.session)
            ctx.absent(
                requirement,
                expected=f"an outcome within {waited_s:g} s, of bytes that are sent again and again",
                waited_s=waited_s,
                on=actor.session.stream[-1:],
                why="a session while an instance or a node had ended, or stood still",
            )
            raise Prerequisite("sessions were served no more")
    for actor in crowd.actors:
        if actor.refused is not None:
            _refused(ctx, requirement, actor, actor.refused)
            return


def _refused(ctx: Context, requirement: str, actor: Actor, answer: Answer) -> None:
    """Observe a refusal for good: what such sessions were acked before, they are acked afterwards."""
    stop_where_expired(actor.session, answer)
    ctx.require(bool(actor.acked), f"an action was refused before anything was disturbed: {answer}")
    ctx.check(
        requirement,
        good=False,
        expected="action.ack, as before",
        seen=str(answer),
        on=(answer, actor.acked[-1].ack),
        why="an action in a session, after an instance or a node had ended or stood still",
    )


async def judge_kept(
    ctx: Context, crowd: Crowd, lasts: str = "DUR-001", *, lives: str = LIVE
) -> None:
    """Observe that sessions live, that copies get the first outcome, and that each deed is shown once.

    What was acked lasts by one requirement, and sessions live by another; the rest is observed where the
    case says so.
    """
    for user, actors in crowd.by_user():
        for actor in actors:
            if await _lives(ctx, lives, actor):
                await _same(ctx, actor)
        fresh = await patiently(ctx, partial(open_any, ctx, user, crowd.kind))
        acked = [done for actor in actors for done in actor.acked]
        if acked and ONCE in ctx.case.requirements:
            again = await until_final(fresh, next_copy(fresh, acked[0].body))
            ctx.acked(
                ONCE, again, status="duplicate", why="the copy of an acked action, in a new session"
            )
        await _shown(ctx, lasts, fresh, crowd, acked)


async def _lives(ctx: Context, lives: str, actor: Actor) -> bool:
    """Observe that a session is there, and counts what it was acked; whether it is there."""
    session = actor.session
    epoch, seq = session.head
    answer = await until_answered(session, "session.resume", {"epoch": epoch, "seq": seq})
    stop_where_expired(session, answer)
    ctx.check(
        lives,
        answer.code not in GONE,
        expected="session.resumed",
        seen=str(answer),
        on=answer,
        why="session.resume of a session that was live",
    )
    if answer.code in GONE:
        session.leave_open = True
        return False
    if COUNTS in ctx.case.requirements and answer.position is not None:
        count = answer.position.last_action_seq
        ctx.check(
            COUNTS,
            count >= len(actor.acked),
            expected=f"last_action_seq of {len(actor.acked)} or more: so many were acked",
            seen=count,
            on=answer,
        )
    return True


async def _same(ctx: Context, actor: Actor) -> None:
    """Observe the outcomes of copies, up to the first that has none."""
    why = "the copy of an acked action, after instances had ended"
    for done in actor.acked:
        answer = await until_final(actor.session, done.body)
        if ONCE in ctx.case.requirements:
            ctx.acked(ONCE, answer, status="duplicate", why=why)
        if answer is None:
            return
        if answer.acked and RESULT in ctx.case.requirements:
            ctx.equal(RESULT, done.ack.result, answer.result, on=(answer, done.ack), why=why)


async def _shown(ctx: Context, lasts: str, fresh: Session, crowd: Crowd, acked: list[Done]) -> None:
    """Observe how often a new session shows each deed."""
    shown = await patiently(ctx, partial(view_of, fresh, crowd.kind))
    lost = [done for done in acked if not done.deed.shown(shown)]
    if lost:
        room_or_stop(fresh, crowd.kind)
    ctx.equal(
        lasts,
        [],
        [done.deed.marker for done in lost],
        on=[*fresh.stream[-1:], *(done.ack for done in lost)],
        why=f"what was acked, and the {crowd.kind.name} of a new session do not show",
    )
    twice = [done for done in acked if done.deed.times(shown) > 1]
    if ONCE in ctx.case.requirements:
        ctx.equal(
            ONCE,
            [],
            [done.deed.marker for done in twice],
            on=[*fresh.stream[-1:], *(done.ack for done in twice)],
            why=f"what the {crowd.kind.name} of a new session show more than once",
        )
