"""What a stop and a restart of the server mean to its sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.restart import revive
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGE,
    CHANGES,
    change,
    one_kind,
    open_any,
    shows_times,
)
from omnisession_conformance.roles.server.steps.held import HOLD
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import NOOP, burst, noops
from omnisession_conformance.suite.server.control.forgotten import HIGHER, begins_anew

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import Change
    from omnisession_conformance.traffic.record import Record

ACTIONS = 5
LATER = {"coalesce_ms": 1_000}
"""The longest that a server may be asked to hold states back."""
HOOKS = ("hook:stop", "hook:restart")
RESTART_MS = 40_000
"""Whatever a server may take to start again, `go run` included."""


@case("CTRL-017", "CTRL-022", "ORDER-004", needs=HOOKS, phase=Phase.HOOKS, limit_ms=RESTART_MS)
async def stop_is_announced(ctx: Context) -> None:
    """Before a planned stop live sessions are told all that is due; after it no position is told twice."""
    one, two = ctx.user(), ctx.user()
    sessions = [await ctx.open(user) for user in (one, one, two)]
    await noops(sessions[0], 2)
    heads = [await session.fence() for session in sessions]
    owed = await _owe(ctx, one)
    try:
        await ctx.target.stop()
        for session in sessions:
            await _announced(ctx, session)
        await _paid(ctx, owed)
        await ctx.settle()
        told = [len(session.stream) for session in sessions]
    finally:
        await revive(ctx)
    for session, head, since in zip(sessions, heads, told, strict=True):
        await _goes_on(ctx, session, head, since)


@dataclass(frozen=True, slots=True)
class Owed:
    """What a server owes when it stops: the outcome of an action ahead, and a change that was acked."""

    early: PendingAction
    change: Change | None
    watching: Session | None


async def _owe(ctx: Context, user: User) -> Owed:
    """Send an action ahead of the count, and make a change that another session may be told later."""
    ahead = await ctx.open(user, timers=HOLD)
    kind = one_kind(ctx) if ctx.declared.able_kinds(CHANGE) else None
    acting = await ctx.open(user, kinds=[kind.name]) if kind else None
    watching = await ctx.open(user, kinds=[kind.name], timers=LATER) if kind else None
    early = await ahead.send_action(ahead.action_body(NOOP, client_seq=2))
    # What came behind it on its subject is acked: it has been taken.
    await noops(acting or await ctx.open(user), 1)
    done = await change(ctx, acting, kind) if acting and kind else None
    return Owed(early, done, watching)


async def _paid(ctx: Context, owed: Owed) -> None:
    """Observe that nothing was left untold when the server was gone."""
    answer = await owed.early.outcome()
    ctx.refused("CTRL-022", answer, 4091, why="an action ahead of the count, before a planned stop")
    done, watching = owed.change, owed.watching
    if done is None or watching is None:
        return
    shown = await watching.wait(lambda: done.shows(watching.slice(done.kind)) or None, ctx.answer_s)
    if shown is None:
        why = "a change that was acked before a planned stop, in another session of its user"
        ctx.absent("CTRL-022", expected="a state that shows it", on=done.ack, why=why)
    else:
        ctx.check("CTRL-022", good=True, expected="a state that shows it", seen="it came")


async def _announced(ctx: Context, session: Session) -> None:
    def find() -> Record | None:
        return next((r for r in session.pushes if r.type == "session.closing"), None)

    found = await session.wait(find, ctx.answer_s)
    if found is None:
        ctx.absent(
            "CTRL-017", expected="session.closing", why="a live session, before a planned stop"
        )
        return
    ctx.check(
        "CTRL-017",
        found.payload.get("reconnect") is True,
        expected="reconnect true",
        seen=found.payload,
        on=found,
        pointer="/data/reconnect",
    )


@case("ORDER-004", HIGHER, needs=HOOKS, phase=Phase.HOOKS, limit_ms=RESTART_MS)
async def restart_repeats_no_position(ctx: Context) -> None:
    """A server that ended in the middle of traffic goes on, starts a higher epoch, or knows nothing."""
    user = ctx.user()
    acting, watching = await ctx.open(user), await ctx.open(user, features=["events"])
    await noops(acting, 1)
    try:
        for _ in range(ACTIONS):
            await acting.send("session.sync")
            await acting.send_action(acting.action_body(NOOP))
            await watching.send("session.sync")
        await acting.fence()
        await _end(ctx)
        heads = [Position(*session.head) for session in (acting, watching)]
        told = [len(session.stream) for session in (acting, watching)]
    finally:
        await revive(ctx)
    why = "the id of a session from before a restart"
    for session, head, since in zip((acting, watching), heads, told, strict=True):
        if await _goes_on(ctx, session, head, since):
            ctx.check(
                HIGHER, good=True, expected="a higher epoch, or no other life", seen="it goes on"
            )
        else:
            await begins_anew(ctx, session, head, why)


async def _end(ctx: Context) -> None:
    """End the server as suddenly as the kit may, and let the log have what it had sent."""
    if ctx.target.mode == "spawn":
        await ctx.target.kill()
    else:
        await ctx.target.stop()
    await ctx.settle()


@case("ACTION-020", needs=(*HOOKS, *CHANGES), phase=Phase.HOOKS, limit_ms=RESTART_MS)
async def pending_actions_outlive_a_restart(ctx: Context) -> None:
    """Actions sent again under their ids after a restart, acked before it or not, have one effect."""
    user, kind = ctx.user(), one_kind(ctx)
    before = await open_any(ctx, user, kind)
    before.leave_open = True
    deeds = [kind.new(ctx) for _ in range(2 * ACTIONS)]
    bodies = [deed.body(before) for deed in deeds]
    try:
        for pending in await burst(before, bodies[:ACTIONS]):
            outcome = await pending.must()
            ctx.require(outcome.acked, f"a change was not acked: {outcome}")
        await burst(before, bodies[ACTIONS:])
        await _end(ctx)
    finally:
        await revive(ctx)
    session = await open_any(ctx, user, kind)
    for body in bodies:
        answer = await as_next(session, body)
        ctx.acked("ACTION-020", answer, why="an action sent again in a new session after a restart")
        again = await as_next(session, body)
        ctx.acked("ACTION-020", again, status="duplicate", why="a further copy of it")
    # Where nothing is made, each change takes the place of the one before.
    for deed in deeds if kind.id_member else deeds[-1:]:
        await shows_times(ctx, "ACTION-020", session, deed, "sent again after a restart")


async def _goes_on(ctx: Context, session: Session, head: Position, since: int) -> bool:
    """Observe that a session's stream goes on where it ended, in a higher epoch, or not at all.

    So many messages `since` its begin were published by then: one that begins an epoch may come unasked.
    Returns whether the server knows the session.
    """
    answer = await session.resume(head.epoch, head.seq)
    if answer.code in (4041, 4101):
        known = ctx.refused("ORDER-004", answer, 4041, why="session.resume after a restart")
        session.leave_open = known
        return False
    at = answer.position_or_stop("session.resumed")
    await session.sync()
    told = session.stream[since:]
    first = next((p for r in told if (p := Position.of(r.body)) is not None), None)
    ctx.require(first is not None, "nothing was published after session.sync")
    if first is not None:
        goes_on = first.head == (head.epoch, head.seq + 1)
        anew = first.epoch > head.epoch and first.seq == 1
        ctx.check(
            "ORDER-004",
            at.head >= head.head and (goes_on or anew),
            expected=f"{head.epoch}:{head.seq + 1}, or seq 1 of a higher epoch",
            seen=f"{first.epoch}:{first.seq}, after an answer with {at.epoch}:{at.seq}",
            on=(answer, *told[:1]),
            why=f"the first message of a session that stood at {head.epoch}:{head.seq}",
        )
    return True
