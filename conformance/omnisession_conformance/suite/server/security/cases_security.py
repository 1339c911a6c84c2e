"""SEC: messages with a reply subject that is no inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    takes,
    titles,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.astray import actions_are_none, requests_are_none
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NO_GAP,
    Body,
    edit_body,
    entries,
    from_target,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record


def forged(ctx: Context, victim: Session) -> list[str]:
    """Reply subjects that are no inbox: some are a victim's, some only look like an inbox."""
    return [
        f"{victim.prefix}.state",
        f"{victim.prefix}.events",
        victim.control_subject,
        CHAT_SUBJECT,
        f"inbox.{unique(ctx, 'x')}",
        f"_INBOXx.{unique(ctx, 'y')}",
        f"_R_x.{unique(ctx, 'z')}",
        f"_inbox.{unique(ctx, 'v')}",
        f"_r_.{unique(ctx, 'w')}",
    ]


def misled(ctx: Context, sender: Session, subject: str, mark: int) -> list[Record]:
    """What the target published for a sender on a subject that is not the sender's."""
    id_ = sender.user.id
    return [r for r in from_target(ctx, subject, mark) if (r.body or {}).get("user_id") == id_]


@case("SEC-001", "SEC-002")
async def forged_replies_of_requests(ctx: Context) -> None:
    """Requests with a reply subject that is no inbox are answered nowhere, and do nothing."""
    mine, theirs = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    mark, subjects = ctx.log.mark(), forged(ctx, theirs)
    await requests_are_none(ctx, "SEC-002", mine, theirs, subjects, "forged reply subjects")
    _nothing_on(ctx, mine, subjects, mark, "requests")


def _nothing_on(ctx: Context, sender: Session, subjects: list[str], mark: int, what: str) -> None:
    for subject in subjects:
        wrong = misled(ctx, sender, subject, mark)
        ctx.check(
            "SEC-001",
            not wrong,
            expected="nothing of the target for the sender",
            seen=[record.type for record in wrong] or "nothing",
            on=wrong,
            why=f"{what} with the reply subject {subject}",
        )


@case("SEC-001", "SEC-002")
async def forged_replies_of_actions(ctx: Context) -> None:
    """Actions with a reply subject that is no inbox get no outcome anywhere, and take no number."""
    mine, theirs = await ctx.open(ctx.user(), timers=NO_GAP), await ctx.open(ctx.user())
    mark, subjects = ctx.log.mark(), forged(ctx, theirs)
    await actions_are_none(ctx, "SEC-002", mine, theirs, subjects)
    _nothing_on(ctx, mine, subjects, mark, "actions")
    pong = await mine.ask("session.ping")
    ctx.equal("SEC-002", 0, count_in(pong), on=pong, why="last_action_seq after all of them")


@case("SEC-002", needs=takes("create", "edit_start"))
async def forged_replies_have_no_effect(ctx: Context) -> None:
    """Creates and edits with forged reply subjects change nothing, and their ids stay free."""
    mine, theirs = await open_articles(ctx, ctx.user()), await open_articles(ctx, ctx.user())
    article_id = await create_article(mine)
    body: Body = {}
    made: dict[str, str] = {}
    number = mine.next_seq
    for subject in forged(ctx, theirs):
        made[unique(ctx, "marker")] = subject
        title = [*made][-1]
        body = mine.action_body("article.create", {"title": title}, client_seq=number)
        await mine.send_action(body, reply=subject)
        edit = edit_body(mine, article_id, client_seq=number)
        await mine.send_action(edit, reply=subject, subject=EDIT_SUBJECT)
    slice_ = await view(mine)
    shown = [made[title] for title in titles(slice_) if title in made]
    ctx.equal("SEC-002", [], shown, why="reply subjects of creates whose article shows")
    edits = [e for e in entries(slice_, "editors") if e.get("user_id") == mine.user.id]
    ctx.equal("SEC-002", [], edits, why="running edits of the sender")
    answer = await mine.outcome_of({**body, "data": {"title": "Another"}})
    mine.next_seq += 1
    why = "another body under the last id and number"
    ctx.acked("SEC-002", answer, status="applied", why=why)
