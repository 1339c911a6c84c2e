"""STATE: where nothing may be told: sessions that were only named, and those that expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, change, one_kind, open_any
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    find_editor,
    open_articles,
    start_edit,
    takes,
    update,
)
from omnisession_conformance.roles.server.steps.timers import SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

BEATS = {"heartbeat_ms": 200}
OVER = (4041, 4101)
"""How a server answers for a session that has expired."""


def _nothing(ctx: Context, session: Session, records: Sequence[Record], what: str) -> None:
    ctx.check(
        "STATE-007",
        not records,
        expected=f"nothing on the subjects of {what}",
        seen=[f"{r.type} on {r.subject}" for r in records] or "nothing",
        on=records,
        why=f"session {session.id}",
    )


@case("STATE-007", needs=CHANGES)
async def named_session_is_not_told(ctx: Context) -> None:
    """A session id that was only named, in an action or as another user's, is told nothing."""
    user, kind = ctx.user(), one_kind(ctx)
    live = await open_any(ctx, user, kind)
    fresh = ctx.session(user)
    for body in (fresh.action_body("session.noop"), kind.new(ctx).body(fresh)):
        pending = await fresh.send_action(body)
        await pending.outcome()
    await change(ctx, live, kind)
    await live.fence()
    _nothing(ctx, fresh, [*fresh.stream, *fresh.pushes], "a session that an action named")


@case("STATE-007", needs=takes("create", "update", "edit_start"), slow=True, limit_ms=9_000)
async def expired_session_is_not_told(ctx: Context) -> None:
    """Once a session has expired, seen by the end of its edit, it gets neither changes nor heartbeats."""
    user = ctx.user()
    live = await open_articles(ctx, user, timers=BEATS)
    article_id = await create_article(live)
    mute = await open_articles(ctx, user, events=True, timers=SHORT)
    mute.leave_open = True
    await start_edit(mute, article_id)
    await live.fence()

    def over() -> bool | None:
        return find_editor(live.slice(KIND), article_id, user.id) is None or None

    ctx.require(over() is None, "an edit that was started is not shown")
    window = mute.timers.get("resume_window_ms", SHORT["resume_window_ms"])
    bound = ctx.within(window + 2 * BOUND_MS)
    ctx.require(
        await live.wait(over, bound) is not None, "the end of a silent session was not seen"
    )
    answer = await mute.ask("session.ping")
    if answer.code not in OVER:
        # A short list may have lost the edit by its limit; and the ping was a sign of life.
        await live.wait(lambda: None, ctx.within(window + BOUND_MS))
        answer = await mute.ask("session.ping")
    ctx.require(answer.code in OVER, f"a session that was silent for its window answers {answer}")
    await live.fence()
    mark = ctx.log.mark()
    await update(live, article_id, title="Unheard")

    def beaten() -> bool | None:
        beats = [r for r in live.pushes if r.n >= mark and r.type == "session.heartbeat"]
        return len(beats) >= 2 or None

    beats = await live.wait(beaten, ctx.answer_s)
    ctx.require(beats is not None, "a live session got no heartbeats to compare with")
    told = [r for r in (*mute.stream, *mute.pushes) if r.n >= mark]
    _nothing(ctx, mute, told, "a session that has expired")
