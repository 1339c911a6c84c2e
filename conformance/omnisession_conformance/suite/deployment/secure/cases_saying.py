"""Where a client must not be heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.deployment.attempt import LIMIT_MS
from omnisession_conformance.roles.deployment.attempts import (
    ANSWERS,
    OF_SERVERS,
    PRIVATE,
    REPLIES,
    REQUESTS,
    SHARED,
    TRACES,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.deployment.context import Context


@case("SECU-002", limit_ms=LIMIT_MS)
async def requests_and_actions_of_others_are_not_sent(ctx: Context) -> None:
    """A client publishes requests and actions on the subjects of another user, and is not heard."""
    await ctx.denied("SECU-002", REQUESTS)


@case("SECU-003", limit_ms=LIMIT_MS)
async def what_servers_say_is_not_said(ctx: Context) -> None:
    """A client publishes states, events and hints, in sessions of its own as well, and is not heard."""
    await ctx.denied("SECU-003", OF_SERVERS)


@case("SECU-005", limit_ms=LIMIT_MS)
async def inboxes_are_not_written(ctx: Context) -> None:
    """A client publishes on inboxes of all sorts, its own as well, and is not heard."""
    await ctx.denied("SECU-005", REPLIES)


@case("SECU-005", limit_ms=LIMIT_MS)
async def a_reply_subject_gives_no_right(ctx: Context) -> None:
    """A client that gets a message with a reply subject is not heard there."""
    await ctx.denied("SECU-005", ANSWERS)


@case("SECU-005", limit_ms=LIMIT_MS)
async def a_trace_goes_nowhere_else(ctx: Context) -> None:
    """A client asks the broker to tell of its message on a subject where it may not publish itself."""
    ctx.require_traces()
    await ctx.denied("SECU-005", TRACES)


@case("SECU-008", limit_ms=LIMIT_MS)
async def nats_itself_is_not_reached(ctx: Context) -> None:
    """A client publishes on subjects of NATS and of what servers keep for themselves, and is not heard."""
    await ctx.denied("SECU-008", PRIVATE)


@case("SECU-009", limit_ms=LIMIT_MS)
async def shared_subjects_are_not_written(ctx: Context) -> None:
    """A client publishes on the subjects that name no user, and is not heard."""
    await ctx.denied("SECU-009", SHARED)
