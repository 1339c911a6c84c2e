"""Subscribing: before anything is asked, by one subscription, on a connection without echo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.environment.proxy.operations import Sub
from omnisession_conformance.environment.proxy.subscriptions import covers
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.gate.counting import subjects_of
from omnisession_conformance.roles.client.gate.subscribed import subscriptions_at
from omnisession_conformance.roles.client.steps.coming_back import (
    comes_back_to_nothing,
    in_force,
    way_back,
)
from omnisession_conformance.roles.client.steps.openings import first_open, place_of, session_of

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

NOT_BACK = "the client does not come back from a cut (CLI-016)"


@case("CLI-002", limit_ms=40_000)
async def subscribed_before_asking(ctx: Context) -> None:
    """A client hears its session at the broker when it opens it, and when it comes back to it."""
    actor = await ctx.start()
    in_force(actor, "CLI-002", await first_open(actor))
    await actor.opened()
    await actor.fenced()
    mark = actor.mark()
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    asked = await way_back(actor, since=mark, within_s=within_s)
    if asked is None:
        raise Prerequisite(NOT_BACK)
    if not in_force(actor, "CLI-002", asked):
        return
    await actor.fenced()
    refused = await comes_back_to_nothing(actor, over=True)
    if refused is None:
        raise Prerequisite(NOT_BACK)
    within_s = actor.patience_s("retry_max_ms")
    anew = await actor.says(OPEN, since=place_of(actor, refused) + 1, within_s=within_s)
    if anew is not None:
        in_force(actor, "CLI-002", anew)
    elif refused.type != OPEN:
        # After an open that is refused for good it may as well be closed.
        raise Prerequisite("the client opens no new session after 4101 (CLI-019)")


@case("CLI-001", limit_ms=40_000)
async def one_subscription(ctx: Context) -> None:
    """A client has one subscription for its session, `session.{user}.{session}.*`, also after a cut."""
    actor = await ctx.live()
    served = actor.served
    wanted = f"session.{tok(served.user_id)}.{tok(served.session_id)}.*"
    why = "subscriptions to the subjects of the session"
    opens = [o for o in actor.said(OPEN) if session_of(o) == served.session_id]
    subjects = [subject for subject, _ in _of_session(actor, opens[0])]
    if ctx.equal("CLI-001", [wanted], subjects, why=why):
        await _back(actor)
        end = actor.gate.seen[-1]
        subjects = [subject for subject, _ in _of_session(actor, end)]
        ctx.equal("CLI-001", [wanted], subjects, why=f"{why}, on a new connection")


@case("CLI-023", limit_ms=40_000)
async def without_echo(ctx: Context) -> None:
    """A client connects with echo off, where it hears its session, at first and again."""
    actor = await ctx.live()
    if _is_without_echo(actor, await first_open(actor)):
        await _back(actor)
        _is_without_echo(actor, actor.gate.seen[-1])


def _is_without_echo(actor: Actor, at: Seen) -> bool:
    links = {link for _, link in _of_session(actor, at)}
    actor.ctx.require(bool(links), "the client has no subscription to its session")
    return all(
        actor.ctx.equal(
            "CLI-023",
            False,
            actor.gate.said(link).get("echo", True),
            why=f"echo in the CONNECT of connection {link}",
        )
        for link in sorted(links)
    )


async def _back(actor: Actor) -> None:
    """Cut, and wait until the client has come back: what it subscribes to is said by then."""
    await actor.fenced()
    mark = actor.mark()
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    if await way_back(actor, since=mark, within_s=within_s) is None:
        raise Prerequisite(NOT_BACK)
    await actor.stage.caught_up(actor.served)
    await actor.fenced()


def _of_session(actor: Actor, at: Seen) -> list[tuple[str, int]]:
    """The subscriptions that a client has to its session when it says something, and their connections."""
    seen = actor.gate.seen
    wanted = subjects_of(actor.user_id, actor.served.session_id)
    found: list[tuple[str, int]] = []
    for begun in subscriptions_at(seen, place_of(actor, at)).values():
        op = seen[begun].op
        if isinstance(op, Sub) and any(covers(op.subject, subject) for subject in wanted):
            found.append((seen[begun].subject, seen[begun].link))
    return found
