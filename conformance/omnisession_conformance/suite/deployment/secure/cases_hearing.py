"""What a client must not hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.deployment.attempt import GROUP, LIMIT_MS, OWN, THEIRS, hear

if TYPE_CHECKING:
    from omnisession_conformance.roles.deployment.attempt import Attempt
    from omnisession_conformance.roles.deployment.context import Context

SESSIONS: tuple[Attempt, ...] = (
    hear(f"{THEIRS}.state"),
    hear(f"{THEIRS}.events"),
    hear(f"{THEIRS}.control"),
    hear(f"{THEIRS}.*", f"{THEIRS}.events"),
    hear(f"{THEIRS}.>", f"{THEIRS}.control"),
    hear("session.{v}.*.*", f"{THEIRS}.state"),
    hear("session.{v}.>", f"{THEIRS}.events"),
    hear("session.*.*.*", f"{THEIRS}.state"),
    hear("session.*.*.state", f"{THEIRS}.state"),
    hear("session.*.{t}.events", f"{THEIRS}.events"),
    hear("session.*.{t}.>", f"{THEIRS}.control"),
    hear("session.>", f"{THEIRS}.state"),
    hear("*.{v}.*.state", f"{THEIRS}.state"),
    hear("*.*.*.events", f"{THEIRS}.events"),
    hear("*.>", f"{THEIRS}.state"),
    hear(">", f"{THEIRS}.state"),
)
INBOXES: tuple[Attempt, ...] = (
    hear("{j}.{w}.1"),
    hear("{j}.>", "{j}.{w}.1"),
    hear("{j}.*", "{j}.{w}"),
    hear("{j}.~b.>", "{j}.~b.{w}.1"),
    hear("_INBOX.>", "{j}.{w}.2"),
    hear("_INBOX.*.>", "{j}.{w}.3"),
    hear("_INBOX.*.*.*", "{j}.{w}.4"),
    hear("_INBOX.*", "_INBOX.{w}"),
    hear("_INBOX.{w}.>", "_INBOX.{w}.1"),
    hear("_INBOX.~server.>", "_INBOX.~server.{w}"),
    hear("_INBOX.~audit.>", "_INBOX.~audit.{w}"),
    hear("_INBOX.~bridge.>", "_INBOX.~bridge.{w}"),
    hear("_INBOX.~kit.>", "_INBOX.~kit.{w}"),
    hear("_R_.>", "_R_.{w}.1"),
)
ACTIONS: tuple[Attempt, ...] = (
    hear("user.actions.{v}"),
    hear("user.actions.{u}"),
    hear("user.actions.*", "user.actions.{v}"),
    hear("user.>", "user.actions.{v}"),
    hear("*.actions.*", "user.actions.{v}"),
    hear("chat.messages"),
    hear("chat.>", "chat.messages"),
    hear("article.edit.start"),
    hear("article.>", "article.edit.start"),
    hear("article.*.*", "article.edit.start"),
)
GROUPS: tuple[Attempt, ...] = (
    hear(f"{OWN}.control", queue=GROUP),
    hear("session.{u}.*.control", f"{OWN}.control", GROUP),
    hear(f"{THEIRS}.control", queue=GROUP),
    hear("user.actions.{u}", queue=GROUP),
    hear("user.actions.{v}", queue=GROUP),
    *(hear(f"{OWN}.state", queue=queue) for queue in ("another", "a.b", "a.b.c", "*", ">", "a..b")),
    hear("{i}.>", "{i}.{w}.1", "another"),
    hear("{i}.>", "{i}.{w}.2", "a.b"),
    hear("article.{w}.updates", queue="another"),
)


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
