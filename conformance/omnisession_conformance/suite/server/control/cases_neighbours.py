"""SEC: what sessions notice of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    change,
    create_article,
    open_articles,
    select,
    start_edit,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.sending import UNKNOWN, entries, feature, noops

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

AROUND = 20
"""Sessions that open and close around those that are watched."""
QUIET_KINDS = ("url", "articles")
"""Kinds whose slices do not change when sessions open and close."""


@case("SEC-007", needs=takes("create", "update", "select", "edit_start"), alone=True)
async def changes_do_not_show_elsewhere(ctx: Context) -> None:
    """What a user does with a draft, and what is refused to it, leaves another user's sessions alone."""
    mine = await open_articles(ctx, ctx.user())
    stranger = ctx.user()
    watched = [await open_articles(ctx, stranger, events=events) for events in (False, True)]
    before = await ctx.fences(*watched)
    draft = await create_article(mine)
    await update(mine, draft, title="Another", content="text")
    await select(mine, draft)
    await start_edit(mine, draft)
    await noops(mine, 1)
    await mine.act(UNKNOWN)
    await mine.act("article.update", {"article_id": draft, "changes": {"title": 5}})
    await mine.act("article.update", {"article_id": unique(ctx, "none"), "changes": {}})
    await mine.sync()
    after = [await _where(ctx, session) for session in watched]
    _unmoved(ctx, "SEC-007", watched, before, after, "after a draft and refusals")


async def _where(ctx: Context, session: Session) -> Position:
    """Where a session is told to be, with what has come of its stream; all of it, if it comes."""
    position = await session.position()
    await session.wait(lambda: session.head >= position.head or None, ctx.answer_s)
    return position


def _unmoved(
    ctx: Context,
    requirement: str,
    watched: list[Session],
    before: list[Position],
    after: list[Position],
    why: str,
) -> None:
    """Observe that sessions stand where they stood, and were told nothing."""
    for session, first, last in zip(watched, before, after, strict=True):
        told = session.after(first)
        # With events a server may publish states as it likes; they must tell nothing new.
        free = feature(session, "events") and all(r.address.family == "state" for r in told)
        ctx.check(
            requirement,
            last.head == first.head or (free and len(told) == last.seq - first.seq),
            expected=f"position {first}",
            seen=last,
            on=told,
            why=f"a session of {session.user.id}, {why}",
        )


@case("SEC-008", alone=True)
async def sessions_come_and_go(ctx: Context) -> None:
    """Sessions of two users that open and close leave two others of them as they are."""
    one, two = ctx.user(), ctx.user()
    kind = next((k for k in QUIET_KINDS if k in ctx.declared.kinds), ctx.declared.cheapest_kind)
    watched = [await ctx.open(user, kinds=[kind]) for user in (one, two)]
    before = await ctx.fences(*watched)
    slices = [session.slice(kind) for session in watched]
    around = [ctx.session(one if i % 2 else two) for i in range(AROUND)]
    opening = [
        (s, await s.send("session.open", s.open_data(kinds=ctx.declared.kinds))) for s in around
    ]
    for session, pending in opening:
        session.opened = await pending.must()
    after = [await _where(ctx, session) for session in watched]
    _still(ctx, watched, before, kind, slices, after, "others were opened")
    closing = [await session.send("session.close") for session in around]
    for session, pending in zip(around, closing, strict=True):
        await pending.must()
        session.leave_open = True
    for session in watched:
        ping = await session.ask("session.ping")
        good = ping.type == "session.pong"
        ctx.check(
            "SEC-008",
            good,
            expected="session.pong",
            seen=str(ping),
            on=ping,
            why="a session while others were closed",
        )
    after = [await _where(ctx, session) for session in watched]
    _still(ctx, watched, before, kind, slices, after, "others were closed")


def _still(
    ctx: Context,
    watched: list[Session],
    before: list[Position],
    kind: str,
    slices: list[dict[str, object]],
    after: list[Position],
    why: str,
) -> None:
    if kind in QUIET_KINDS:
        _unmoved(ctx, "SEC-008", watched, before, after, f"after {AROUND} {why}")
    for session, first, last, slice_ in zip(watched, before, after, slices, strict=True):
        ctx.equal("SEC-008", first.epoch, last.epoch, why=f"the epoch after {AROUND} {why}")
        if kind in QUIET_KINDS:
            ctx.equal("SEC-008", slice_, session.slice(kind), why=f"{kind} after {AROUND} {why}")


@case("SEC-008", needs=takes("create", "edit_start"), slow=True)
async def sessions_expire(ctx: Context) -> None:
    """A session that expires, and with it an edit, leaves the user's other sessions as they are."""
    user = ctx.user()
    watching = await open_articles(ctx, user, events=True)
    draft = await create_article(watching)
    short = {"heartbeat_ms": 200, "resume_window_ms": 1_000}
    silent = await open_articles(ctx, user, timers=short)
    await start_edit(silent, draft)
    silent.leave_open = True
    before = await watching.fence()
    window_ms = silent.timers.get("resume_window_ms", 1_000)

    def edit_is_over() -> bool | None:
        editors = entries(watching.slice(KIND), "editors")
        return all(e.get("article_id") != draft for e in editors) or None

    over = await watching.wait(edit_is_over, ctx.within(window_ms + 4_000))
    ctx.require(over is not None, "the edit of a silent session did not end")
    after = await watching.fence()
    ctx.equal("SEC-008", before.epoch, after.epoch, why="the epoch after another session expired")
    extra = [
        r
        for r in watching.after(before)
        if (r.body or {}).get("reason") in ("open", "sync", "takeover")
    ]
    ctx.check("SEC-008", not extra, expected="no states as if asked for", seen=len(extra), on=extra)
    done = await change(ctx, watching)
    shown = done.shows(await view(watching))
    ctx.check("SEC-008", shown, expected="a session that goes on", seen=shown, on=done.ack)
