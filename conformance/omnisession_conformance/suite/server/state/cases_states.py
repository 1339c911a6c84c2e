"""STATE: which states come, when, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.model.digest import digest
from omnisession_conformance.protocol.model.slices import kind_of_event
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind, open_any
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    members,
    open_articles,
    select,
    takes,
    update,
)
from omnisession_conformance.roles.server.steps.outcomes import taken
from omnisession_conformance.roles.server.steps.sending import burst

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import AnyKind
    from omnisession_conformance.traffic.record import Record

OPENS = 5


def reason_of(record: Record) -> Any:
    """The reason of a state."""
    return (record.body or {}).get("reason")


def kinds_seen(session: Session) -> list[Record]:
    """Messages of a session whose kind it did not open; types with an unknown prefix have none."""
    wrong: list[Record] = []
    for record in session.stream:
        if record.address.family == "state":
            kind = record.payload.get("type")
        else:
            kind = kind_of_event(record.type)
            if kind is None:
                continue
        if kind not in session.kinds:
            wrong.append(record)
    return wrong


@case("STATE-001", needs=CHANGES)
async def only_opened_kinds_are_told(ctx: Context) -> None:
    """Sessions with one kind each, and one with all, are told of no other kind."""
    for features in ((), ("events",)):
        # Of two users: one alone may not have as many sessions.
        user = ctx.user()
        kinds, kind = ctx.declared.kinds, one_kind(ctx)
        sessions = [await ctx.open(user, kinds=[kind], features=features) for kind in kinds]
        actor = await ctx.open(user, kinds=kinds, features=["events"])
        await change(ctx, actor, kind)
        for session in (*sessions, actor):
            await session.sync()
            wrong = kinds_seen(session)
            ctx.check(
                "STATE-001",
                not wrong,
                expected=f"kinds among {', '.join(session.kinds)}",
                seen=[r.payload.get("type") or r.type for r in wrong] or "no others",
                on=wrong,
                pointer="/data/type",
            )


async def _burst(ctx: Context, session: Session, kind: AnyKind) -> list[PendingAction]:
    return await burst(session, [kind.new(ctx).body(session) for _ in range(3)])


@case("STATE-003", needs=CHANGES)
async def open_states_follow_in_traffic(ctx: Context) -> None:
    """While another session of the user acts, nothing comes between an answer of open and its states."""
    user, kind = ctx.user(), one_kind(ctx)
    kinds = list(reversed(ctx.declared.kinds))
    # Not `w.open`, which insists on what is judged here.
    actor = ctx.session(user)
    await actor.open(kinds=[kind.name])
    await change(ctx, actor, kind)
    for turn in range(OPENS):
        session = ctx.session(user)
        before = await _burst(ctx, actor, kind)
        features = ["events"] if turn % 2 else []
        pending = await session.send(
            "session.open", session.open_data(kinds=kinds, features=features)
        )
        after = await _burst(ctx, actor, kind)
        session.opened = await pending.must()
        for action in (*before, *after):
            await action.must()
        await _opened_with_states(ctx, session)
        # A user may have few sessions at a time.
        await session.close()
        session.leave_open = True


async def _opened_with_states(ctx: Context, session: Session) -> None:
    """Check that states of all kinds directly follow the answer of an open."""
    if session.opened is None:
        return
    start = session.opened.position_or_stop("session.opened")
    count = len(session.kinds)
    await session.wait(lambda: True if len(session.after(start)) >= count else None, ctx.answer_s)
    states = session.after(start)[:count]
    ctx.equal(
        "STATE-003",
        [(start.seq + 1 + i, kind, "open") for i, kind in enumerate(session.kinds)],
        [(r.integer("seq"), r.payload.get("type"), reason_of(r)) for r in states],
        on=states,
        why="seq, kind and reason of what follows session.opened, with others at work",
    )


async def _told(ctx: Context, session: Session, start: Position, reason: str, why: str) -> None:
    """Check the reasons of the states that follow the answer of a request."""
    count = len(session.kinds)
    await session.reach(Position(start.epoch, start.seq + count))
    states = [r for r in session.after(start) if r.address.family == "state"][:count]
    ctx.equal(
        "STATE-004",
        [reason] * count,
        [reason_of(r) for r in states],
        on=states,
        pointer="/reason",
        why=why,
    )


@case("STATE-004")
async def states_tell_their_reason(ctx: Context) -> None:
    """States after open, open again, sync and a snapshot each tell why they came."""
    session = ctx.session(ctx.user())
    answer = await session.open()
    await _told(ctx, session, answer.position_or_stop("session.opened"), "open", "after the open")
    again = await session.ask("session.open", session.open_data())
    await _told(
        ctx, session, again.position_or_stop("session.opened"), "open", "after an open again"
    )
    answer = await session.ask("session.sync", {})
    await _told(ctx, session, answer.position_or_stop("session.syncing"), "sync", "after a sync")
    head = await session.fence()
    answer = await session.resume(head.epoch + 1, head.seq)
    start = answer.position_or_stop("session.resumed")
    ctx.require(answer.data.get("mode") == "snapshot", "a resume of another epoch got no snapshot")
    await _told(ctx, session, start, "sync", "after a snapshot of resume")


@case("STATE-004", needs=CHANGES)
async def states_of_changes_tell_their_reason(ctx: Context) -> None:
    """States that carry a change, one's own or another session's, have the reason `change`."""
    user, kind = ctx.user(), one_kind(ctx)
    actor, other = await open_any(ctx, user, kind), await open_any(ctx, user, kind)
    starts = await ctx.fences(actor, other)
    await change(ctx, actor, kind)
    await ctx.fences(actor, other)
    for session, start in zip((actor, other), starts, strict=True):
        states = session.after(start)
        ctx.require(bool(states), "a change made no state in a session without events")
        reasons = sorted({str(reason_of(r)) for r in states})
        ctx.equal("STATE-004", ["change"], reasons, on=states, pointer="/reason")


@case("STATE-011", needs=("digests", *takes("create", "update")))
async def states_carry_their_digest(ctx: Context) -> None:
    """Every state of a session with digests carries that of its own data, and no other state does."""
    user = ctx.user()
    with_digests = [
        await ctx.open(user, kinds=ctx.declared.kinds, features=features)
        for features in (["digests"], ["digests", "events"])
    ]
    without = [
        await ctx.open(user, kinds=ctx.declared.kinds),
        await open_articles(ctx, user, events=True),
    ]
    article_id = await create_article(with_digests[0], **members(ctx))
    await update(with_digests[0], article_id, title="\u20ac \U0001f600 < 1e21")
    # Every control character that has a short escape; a server's rules may refuse such a text.
    odd = {"subtitle": '\b\f\n\r\t \v \x1f \x7f \\b "\\f" & > \u2028 \xe9'}
    await taken(with_digests[0], "article.update", {"article_id": article_id, "changes": odd})
    if "article.select" in ctx.declared.actions:
        for session in with_digests:
            await select(session, article_id)
    for session in (*with_digests, *without):
        await session.sync()
    for record in (r for session in with_digests for r in session.states()):
        told, own = (record.body or {}).get("digest"), digest(record.payload)
        if own is not None:
            ctx.equal("STATE-011", own, told, on=record, pointer="/digest")
    carried = [r for s in without for r in s.states() if "digest" in (r.body or {})]
    ctx.check(
        "STATE-011",
        not carried,
        expected="no digest in a session that did not ask for digests",
        seen=f"{len(carried)} states with a digest",
        on=carried,
        pointer="/digest",
    )
