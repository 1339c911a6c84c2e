"""Where a client must not be heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.deployment.attempt import (
    LIMIT_MS,
    OWN,
    THEIRS,
    answer,
    hear,
    say,
    trace,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.deployment.attempt import Attempt
    from omnisession_conformance.roles.deployment.context import Context

REQUESTS: tuple[Attempt, ...] = (
    say(f"{THEIRS}.control"),
    say("session.{v}.{s}.control"),
    say("user.actions.{v}"),
    say("user.actions"),
    say("user.actions.{u}.{v}"),
)
OF_SERVERS: tuple[Attempt, ...] = (
    say(f"{OWN}.state"),
    say(f"{OWN}.events"),
    say(f"{THEIRS}.state"),
    say(f"{THEIRS}.events"),
    say("article.{w}.updates"),
)
REPLIES: tuple[Attempt, ...] = (
    say("{j}.{w}.1"),
    say("{i}.{w}.1"),
    say("_INBOX.{w}"),
    say("_INBOX.{w}.1"),
    say("_INBOX.~server.{w}"),
    say("_INBOX.~bridge.{w}"),
    say("_R_.{w}.1"),
)
ANSWERS: tuple[Attempt, ...] = (
    answer("{j}.{w}.9"),
    answer(f"{THEIRS}.state"),
    answer("_INBOX.{w}.9"),
)
TRACES: tuple[Attempt, ...] = (
    trace(f"{THEIRS}.state"),
    trace("{j}.{w}.8"),
)
PRIVATE: tuple[Attempt, ...] = (
    say("$SRV.PING.{w}"),
    say("$SRV.INFO.omnisession"),
    say("$JS.API.INFO"),
    say("$JS.API.STREAM.NAMES"),
    say("$JS.API.STREAM.INFO.{w}"),
    say("$JS.API.STREAM.DELETE.{w}"),
    say("$JS.API.CONSUMER.CREATE.{w}"),
    say("$JS.API.CONSUMER.MSG.NEXT.{w}.{w}"),
    say("$JS.API.DIRECT.GET.{w}"),
    say("$JS.ACK.{w}"),
    say("$JS.FC.{w}.1"),
    say("$KV.{w}.key"),
    say("$O.{w}.key"),
    say("$SYS.REQ.USER.INFO"),
    say("$SYS.{w}"),
    say("$MQTT.{w}"),
    say("omni.{w}"),
    hear("$SRV.>", "$SRV.PING.{w}"),
    hear("$SRV.PING.{w}"),
)
SHARED: tuple[Attempt, ...] = (say("chat.messages"), say("article.edit.start"))


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
