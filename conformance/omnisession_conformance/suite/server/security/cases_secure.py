"""SECU: what a server that claims `secure` takes for the inbox of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Excused
from omnisession_conformance.environment.access import INBOX
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.protocol.subjects import tok
from omnisession_conformance.roles.server.steps.astray import actions_are_none, requests_are_none
from omnisession_conformance.roles.server.steps.sending import NO_GAP, NOOP, from_target

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

SECURE = "secure"


def astray(ctx: Context, mine: Session, victim: Session) -> list[str]:
    """Inboxes that are none of a user's own: of another one, of nobody, of those with nearly its name."""
    user, other, word = tok(mine.user.id), tok(victim.user.id), ctx.draws.word
    return [
        f"{INBOX}.{other}.{word}1",
        f"{INBOX}.{word}2",
        f"{INBOX}.{word}3.{user}.x",
        f"{INBOX}.{user}x.{word}4",
        f"{INBOX}.{user}",
        f"{INBOX}.~server.{word}5",
    ]


def _may(ctx: Context) -> None:
    if ctx.draws.inboxes != INBOX:
        why = f"the kit is to ask below {ctx.draws.inboxes} alone, as `inbox_prefix` says"
        raise Excused(Excuse.NO_RIGHT, why)


def _nothing_came(ctx: Context, subjects: list[str], mark: int, what: str) -> None:
    for subject in subjects:
        told = from_target(ctx, subject, mark)
        ctx.check(
            "SECU-016",
            not told,
            expected="nothing of the target on an inbox that is not below its user's token",
            seen=[record.type for record in told] or "nothing",
            on=told,
            why=f"{what} with the reply subject {subject}",
        )


@case("SECU-016", needs=("secure",))
async def requests_with_inboxes_of_others(ctx: Context) -> None:
    """Requests with inboxes that are not below their user's token are answered nowhere, and do nothing."""
    _may(ctx)
    mine, theirs = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    mark, subjects = ctx.log.mark(), astray(ctx, mine, theirs)
    await requests_are_none(ctx, "SECU-016", mine, theirs, subjects, "inboxes of others")
    _nothing_came(ctx, subjects, mark, "requests")


@case("SECU-016", needs=("secure",))
async def actions_with_inboxes_of_others(ctx: Context) -> None:
    """Actions with such inboxes, on shared subjects as well, get no outcome and take no number."""
    _may(ctx)
    mine, theirs = await ctx.open(ctx.user(), timers=NO_GAP), await ctx.open(ctx.user())
    mark, subjects = ctx.log.mark(), astray(ctx, mine, theirs)
    await actions_are_none(ctx, "SECU-016", mine, theirs, subjects)
    _nothing_came(ctx, subjects, mark, "actions")
    last = await mine.act(NOOP, client_seq=1)
    why = "client_seq 1 after actions with inboxes of others"
    ctx.acked("SECU-016", last, status="applied", why=why)
