"""STATE: what a user is called, while one of its sessions ends and another goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.chat import quiet_or_stop
from omnisession_conformance.roles.server.steps.meeting import meet

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

CHAT = "chat"


async def _named(session: Session, user_id: str) -> object:
    """How a session shows a participant at a fence that is made now."""
    slice_ = session.slice(CHAT, upto=await session.fence())
    listed = (as_object(entry) for entry in slice_.get("participants") or ())
    return next((entry for entry in listed if entry.get("id") == user_id), None)


@case("STATE-013", needs=(CHAT,))
async def names_outlive_one_of_several_sessions(ctx: Context) -> None:
    """Whoever opens the chat after one of two sessions of a user ended is told that user's name."""
    user = ctx.user()
    kept, other = await ctx.open(user, kinds=[CHAT]), await ctx.open(user, kinds=[CHAT])
    known = await _named(kept, user.id)
    if known is None:
        quiet_or_stop(kept)
    ctx.require(known is not None, "the user is not among the participants that are shown")
    await other.close()
    other.leave_open = True
    late = await ctx.open(ctx.user(), kinds=[CHAT])
    await meet(ctx, late, kept)
    shown = await _named(late, user.id)
    if shown is None:
        quiet_or_stop(late)
    why = "the participant in a session of another user opened after one of that user had ended"
    ctx.equal("STATE-013", known, shown, on=late.states(CHAT)[-1:], why=why)
