"""CHAT: where a participant stands that has a new name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import (
    KIND,
    carrier,
    open_both,
    open_chat,
    present,
    quiet_or_stop,
)
from omnisession_conformance.roles.server.steps.meeting import meet

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context


@case("CHAT-011", needs=(KIND, "action:user.update", "fixture:mint"))
async def renamed_participants_keep_their_place(ctx: Context) -> None:
    """Participants stand by their ids, also one that has a new name since it came."""
    first, last = sorted((ctx.user(), ctx.user()), key=lambda user: user.id)
    watching = await open_both(ctx, ctx.user())
    sessions = [await open_chat(ctx, user) for user in (last, first)]
    await meet(ctx, *watching, *sessions)
    renamed = {"changes": {"username": unique(ctx, "name")}}
    answer = await sessions[1].act("user.update", renamed)
    if answer.code == 4040:
        raise NotOffered("the target has no user for the id of a session")
    ctx.require(answer.acked, f"user.update was not acked: {answer}")
    for session in (*watching, *sessions):
        await session.fence()
        if "events" in session.features:
            await session.sync([KIND])
            await session.fence()
        told = [id_ for id_ in present(session) if id_ in (first.id, last.id)]
        if len(told) < 2:
            quiet_or_stop(session)
        why = f"after the first of them has a new name, {carrier(session)}"
        ctx.equal("CHAT-011", [first.id, last.id], told, on=session.states(KIND)[-1:], why=why)
