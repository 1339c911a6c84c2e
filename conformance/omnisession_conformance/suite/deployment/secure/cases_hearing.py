"""What a client must not hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.deployment.attempt import LIMIT_MS
from omnisession_conformance.roles.deployment.attempts import ACTIONS, GROUPS, INBOXES, SESSIONS

if TYPE_CHECKING:
    from omnisession_conformance.roles.deployment.context import Context


@case("SECU-001", limit_ms=LIMIT_MS)
async def sessions_of_others_are_not_heard(ctx: Context) -> None:
    """A client subscribes to another user's sessions, by name and by every wildcard, and hears nothing."""
    await ctx.denied("SECU-001", SESSIONS)


@case("SECU-004", limit_ms=LIMIT_MS)
async def inboxes_of_others_are_not_heard(ctx: Context) -> None:
    """A client subscribes to inboxes of another user, of servers and of nobody, and hears nothing."""
    await ctx.denied("SECU-004", INBOXES)


@case("SECU-006", limit_ms=LIMIT_MS)
async def actions_are_not_heard(ctx: Context) -> None:
    """A client subscribes to where actions are sent, its own as well, and hears nothing."""
    await ctx.denied("SECU-006", ACTIONS)


@case("SECU-007", limit_ms=LIMIT_MS)
async def no_queue_group_is_joined(ctx: Context) -> None:
    """A client subscribes as a member of queue groups, and takes nothing away.

    Subjects are those of the two users alone: a group that is joined takes what is for others.
    """
    await ctx.denied("SECU-007", GROUPS)
