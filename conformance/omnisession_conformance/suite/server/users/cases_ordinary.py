"""USER: what a user does every day with its own name is acked, and shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.ordinary import acked, done
from omnisession_conformance.roles.server.steps.users import (
    UPDATES,
    open_user,
    restore_user,
    user_in,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context


@case("USER-004", needs=UPDATES)
async def an_ordinary_update_of_a_user(ctx: Context) -> None:
    """A user's user.update is acked, and shows."""
    session, name = await open_user(ctx, ctx.user()), unique(ctx, "name")
    before = await user_in(session)
    if not before:
        # Where there is no user there is nothing to update, which is right as well.
        raise NotOffered("the server has no user for the ids of the fixture; list users it has")
    ack = await acked(ctx, "USER-004", session, "user.update", {"changes": {"username": name}})
    if ack is not None:
        shown = (await user_in(session)).get("username") == name
        done(ctx, "USER-004", session, ack, shown=shown, what=f"the user with the name {name}")
    await restore_user(session, before)


@case("USER-004", needs=UPDATES)
async def empty_texts_are_kept(ctx: Context) -> None:
    """An empty name or email is shown as it is, unless a rule of the server is against it."""
    session = await open_user(ctx, ctx.user())
    before = await user_in(session)
    if not before:
        raise NotOffered("the server has no user for the ids of the fixture; list users it has")
    for member in ("email", "username"):
        answer = await session.act("user.update", {"changes": {member: ""}})
        why = f"an update with an empty {member}"
        if answer.acked:
            seen, on = (await user_in(session)).get(member, "(absent)"), session.stream[-1:]
            ctx.equal("USER-004", "", seen, on=on, why=why)
        else:
            ctx.refused("USER-004", answer, 4220, why=why)
    await restore_user(session, before)
