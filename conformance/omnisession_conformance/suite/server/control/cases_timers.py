"""CTRL: the timers of a session are those that its open was told, also after an open again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind, open_any
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    start_edit,
    takes,
)
from omnisession_conformance.roles.server.steps.control import CLOSE, answered, silent
from omnisession_conformance.roles.server.steps.sending import NOOP
from omnisession_conformance.roles.server.steps.timers import BEATS, beaten, interval_ms

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind

EAGER = {"heartbeat_ms": 200, "resume_window_ms": 10_000, "coalesce_ms": 0, "gap_ms": 0}
"""The least that every server grants, but for a window in which nothing ends."""
SLOW = {"heartbeat_ms": 5_000, "resume_window_ms": 20_000, "coalesce_ms": 1_000, "gap_ms": 250}
TURNS = 5


async def _beats_as_told(ctx: Context, requirement: str, session: Session, why: str) -> None:
    """Observe that the next heartbeats come in the interval that was asked and granted."""
    interval = interval_ms(session)
    found = await beaten(ctx, session, 2, ctx.log.mark())
    expected = f"a heartbeat at least every {interval} ms"
    if found is None:
        ctx.absent(requirement, expected=expected, waited_s=4 * interval / 1_000, why=why)
    else:
        ctx.check(requirement, good=True, expected=expected, seen="they came", on=found, why=why)


@case("CTRL-010", needs=CHANGES)
async def least_timers_are_in_force(ctx: Context) -> None:
    """With the least timers heartbeats come, no change is held back, and no action ahead is held."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await open_any(ctx, user, kind)
    session = await open_any(ctx, user, kind, timers=EAGER)
    granted = {name: session.timers.get(name) for name in ("coalesce_ms", "gap_ms")}
    ctx.require(granted == {"coalesce_ms": 0, "gap_ms": 0}, f"0 was asked, and {granted} granted")
    await _beats_as_told(ctx, "CTRL-010", session, "heartbeat_ms 200 was asked")
    await _nothing_is_held_back(ctx, actor, session, kind)
    ahead = await session.send_action(session.action_body(NOOP, client_seq=2))
    # With a round trip between them, the action in front comes long after a gap of no time.
    await session.fence()
    await session.act(NOOP)
    ctx.refused("CTRL-010", await ahead.outcome(), 4091, why="client_seq 2 before 1, with gap_ms 0")


async def _nothing_is_held_back(
    ctx: Context, actor: Session, session: Session, kind: AnyKind
) -> None:
    """Observe that changes of another session are told at once, without a ping of the one told."""
    late: list[Answer] = []
    for _ in range(TURNS):
        done = await change(ctx, actor, kind)
        await actor.fence()
        await actor.fence()
        if not done.shows(session.slice(kind.name)):
            late.append(done.ack)
            await session.fence()
    # One may be late on its way, if the server publishes it by another connection than the ack.
    ctx.check(
        "CTRL-010",
        len(late) < TURNS // 2,
        expected="changes of another session told at once, with coalesce_ms 0",
        seen=f"{len(late)} of {TURNS} were not there after the ack and two round trips more",
        on=late,
    )


@case("CTRL-004", needs=CHANGES)
async def open_again_keeps_features_and_timers(ctx: Context) -> None:
    """After an open with other features and timers a session is told what it was told before."""
    user, kind = ctx.user(), one_kind(ctx)
    actor = await open_any(ctx, user, kind)
    plain = await open_any(ctx, user, kind, timers=EAGER)
    both = [(plain, ctx.declared.features)]
    if "events" in ctx.declared.features:
        both.append((await open_any(ctx, user, kind, events=True, timers=EAGER), ()))
    for session, features in both:
        answer = await session.open(kinds=[kind.name], features=features, timers=SLOW)
        ctx.require(answer.type == "session.opened", f"an open of a live session got {answer}")
        await session.fence()
        told = len(session.events())
        done = await change(ctx, actor, kind)
        at = await session.fence()
        came = session.events()[told:]
        first = session.opened.data.get("features") if session.opened else None
        why = f"a session with features {first}, after an open that asked for {list(features)}"
        ctx.check(
            "CTRL-004",
            bool(came) == ("events" in (first or ()))
            and done.shows(session.slice(kind.name, upto=at)),
            expected="its changes told by events where it has them, else by states",
            seen=[record.type for record in came] or "no events",
            on=(*came, done.ack),
            why=why,
        )
    why = "a session with heartbeat_ms 200, after an open that asked for 5 000"
    await _beats_as_told(ctx, "CTRL-004", plain, why)


@case("CTRL-011", needs=takes("create", "edit_start"), slow=True)
async def end_of_an_edit_is_not_told_in_its_session(ctx: Context) -> None:
    """A session that closes while it edits hears neither the end of it nor of an action held ahead."""
    user = ctx.user()
    other = await open_articles(ctx, user, timers=BEATS)
    draft = await create_article(other)
    closing = [await open_articles(ctx, user, events=events) for events in (False, True)]
    for session in closing:
        await start_edit(session, draft)
        await session.send_action(session.action_body(NOOP, client_seq=session.next_seq + 1))
    for session in closing:
        answer = await (await session.send(CLOSE)).answer()
        if not answered(ctx, "CTRL-011", answer, "session.closed"):
            return
        session.leave_open = True
    await ctx.fences(other, other)
    mark = ctx.log.mark()
    await create_article(other)
    gap_ms = max(session.timers.get("gap_ms", 0) for session in closing)
    count = 2 + gap_ms // BEATS["heartbeat_ms"]
    ctx.require(
        await beaten(ctx, other, count, mark) is not None, "a session got too few heartbeats"
    )
    for session in closing:
        silent(ctx, "CTRL-011", session, "a session that was closed while it edited", mark)
