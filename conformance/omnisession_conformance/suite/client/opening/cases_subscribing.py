"""Subscribing: before anything is asked, by one subscription, on a connection without echo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.environment.proxy.operations import Sub
from omnisession_conformance.environment.proxy.subscriptions import covers
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.client.gate.counting import subjects_of
from omnisession_conformance.roles.client.gate.subscribed import subscriptions_at
from omnisession_conformance.roles.client.steps.coming_back import in_force, way_back
from omnisession_conformance.roles.client.steps.openings import first_open, place_of, session_of

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context


@case("CLI-002")
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
    # That one comes at all is a matter of other cases.
    if asked is not None:
        in_force(actor, "CLI-002", asked)


@case("CLI-001")
async def one_subscription(ctx: Context) -> None:
    """A client has one subscription for its session, `session.{user}.{session}.*`."""
    actor = await ctx.live()
    served = actor.served
    subjects = [subject for subject, _ in _of_session(actor, served.session_id)]
    wanted = f"session.{tok(served.user_id)}.{tok(served.session_id)}.*"
    ctx.equal("CLI-001", [wanted], subjects, why="subscriptions to the subjects of the session")


@case("CLI-023")
async def without_echo(ctx: Context) -> None:
    """A client connects with echo off, where it hears its session."""
    actor = await ctx.start()
    asked = await first_open(actor)
    links = {link for _, link in _of_session(actor, session_of(asked))}
    ctx.require(bool(links), "the client has no subscription to its session when it opens it")
    for link in sorted(links):
        echo = actor.gate.said(link).get("echo", True)
        ctx.equal("CLI-023", False, echo, why=f"echo in the CONNECT of connection {link}")


def _of_session(actor: Actor, session_id: str) -> list[tuple[str, int]]:
    """The subscriptions that a client has to a session when it opens it, and their connections."""
    seen = actor.gate.seen
    opens = [one for one in actor.gate.published("session.open") if session_of(one) == session_id]
    wanted = subjects_of(actor.user_id, session_id)
    found: list[tuple[str, int]] = []
    for begun in subscriptions_at(seen, place_of(actor, opens[0])).values():
        op = seen[begun].op
        if isinstance(op, Sub) and any(covers(op.subject, subject) for subject in wanted):
            found.append((seen[begun].subject, seen[begun].link))
    return found
