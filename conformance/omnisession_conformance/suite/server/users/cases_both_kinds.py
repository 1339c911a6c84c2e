"""STATE, USER: effects of one update in two kinds, updates of nothing, and kinds that are not served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import quiet_or_stop
from omnisession_conformance.roles.server.steps.control import UNKNOWN_KIND
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.roles.server.steps.users import (
    KIND,
    UPDATES,
    known_user,
    restore_user,
    update_user,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

CHAT = "chat"


@case("STATE-005", needs=(*UPDATES, CHAT))
async def own_changes_of_two_kinds_come_before_the_ack(ctx: Context) -> None:
    """A new name is in a state of `user` and in one of `chat`, both not above the seq of the ack."""
    user = ctx.user()
    sessions = [
        await ctx.open(user, kinds=kinds, timers={"coalesce_ms": 1_000})
        for kinds in ([KIND, CHAT], [CHAT, KIND])
    ]
    first = await known_user(sessions[0])
    for session in sessions:
        name = unique(ctx, "name")
        ack = await update_user(session, username=name)
        upto = ack.position_or_stop("action.ack")
        await session.fence()
        shown = as_object(session.slice(KIND, upto=upto).get("user"))
        told = entries(session.slice(CHAT, upto=upto), "participants")
        own = [entry.get("username") for entry in told if entry.get("id") == user.id]
        if not own:
            quiet_or_stop(session)
        seen = [shown.get("username"), *own]
        why = "the name in the states of user and chat up to the ack of its update"
        ctx.equal("STATE-005", [name, name], seen, on=(ack, *session.stream[-2:]), why=why)
    await restore_user(sessions[0], first)


@case("USER-004", needs=UPDATES)
async def updates_of_nothing_are_acked(ctx: Context) -> None:
    """An update that names no member, or the value that is there, is acked."""
    session = await ctx.open(ctx.user(), kinds=[KIND])
    first = await known_user(session)
    for changes in ({}, {"username": first["username"]}):
        answer = await session.act("user.update", {"changes": changes})
        why = f"an update of the user with the changes {changes}, which change nothing"
        ctx.acked("USER-004", answer, status="applied", why=why)


@case("USER-003", needs=(KIND,))
async def unknown_kinds_are_not_listed(ctx: Context) -> None:
    """A session is listed with the kinds that it has, not with all that its open asked for."""
    user = ctx.user()
    watcher = await ctx.open(user, kinds=[KIND])
    other = ctx.session(user)
    opened = await other.open(kinds=[UNKNOWN_KIND, KIND])
    opened.position_or_stop("session.opened")
    await other.fence()

    def kinds_in(session: Session) -> list[Any]:
        told = entries(session.slice(KIND), "sessions")
        return [entry.get("kinds") for entry in told if entry.get("session_id") == other.id]

    # Others may list a session a while after its open.
    await watcher.wait(lambda: kinds_in(watcher) or None, ctx.within(BOUND_MS))
    for session in (other, watcher):
        seen, on = kinds_in(session), session.stream[-1:]
        why = "the kinds of a session that asked for others as well"
        if seen or session is other:
            ctx.equal("USER-003", [[KIND]], seen, on=on, why=why)
