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
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    Body,
    edit_body,
    entries,
    from_target,
    outcomes_of,
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
    ]


def misled(ctx: Context, sender: Session, subject: str, mark: int) -> list[Record]:
    """What the target published for a sender on a subject that is not the sender's."""
    id_ = sender.user.id
    return [r for r in from_target(ctx, subject, mark) if (r.body or {}).get("user_id") == id_]


@case("SEC-001", "SEC-002")
async def forged_replies_of_requests(ctx: Context) -> None:
    """Requests with a reply subject that is no inbox are answered nowhere, and do nothing."""
    mine, theirs = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    fresh = ctx.session(mine.user)
    mark = ctx.log.mark()
    subjects = forged(ctx, theirs)
    for subject in subjects:
        await mine.send("session.ping", reply=subject)
        await mine.send("session.sync", reply=subject)
        await mine.send("session.resume", {"epoch": 1, "seq": 2**40}, reply=subject)
        await fresh.send("session.open", fresh.open_data(), reply=subject)
        await mine.send("session.close", reply=subject)
    ping = await mine.ask("session.ping")
    seen = str(ping)
    why = "the session after closes with forged reply subjects"
    good = ping.type == "session.pong"
    ctx.check("SEC-002", good, expected="session.pong", seen=seen, on=ping, why=why)
    if good:
        await mine.reach(ping.position_or_stop("session.pong"))
    await theirs.fence()
    _nothing_on(ctx, mine, subjects, mark, "requests")
    told = [r for r in mine.states() if r.n >= mark and (r.body or {}).get("reason") != "change"]
    ctx.check("SEC-002", not told, expected="no states asked for so", seen=len(told), on=told)
    answer = await fresh.ask("session.ping")
    why = "a session that was opened with forged reply subjects only"
    ctx.refused("SEC-002", answer, 4041, why=why)


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
    mark = ctx.log.mark()
    subjects = forged(ctx, theirs)
    sent = [
        (subject, mine.action_body(NOOP, client_seq=1), edit_body(mine, "none", client_seq=1))
        for subject in subjects
    ]
    for subject, noop, edit in sent:
        await mine.send_action(noop, reply=subject)
        await mine.send_action(edit, reply=subject, subject=EDIT_SUBJECT)
    await ctx.fences(mine, theirs)
    for subject, noop, edit in sent:
        told = [*outcomes_of(mine, noop["action_id"]), *outcomes_of(mine, edit["action_id"])]
        ctx.check(
            "SEC-002",
            not told,
            expected="no outcome on .control",
            seen=[record.type for record in told] or "none",
            on=told,
            why=f"actions with the reply subject {subject}",
        )
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
