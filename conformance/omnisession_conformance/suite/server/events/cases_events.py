"""EVENT: every change is an event, and every state the fold of the events before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    change,
    one_kind,
    open_any_watchers,
    view_of,
)
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    delete,
    end_edit,
    open_articles,
    select,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.fold_law import event_id, events_about, judge_states
from omnisession_conformance.roles.server.steps.script import PLAYS, expect_nothing, play

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction, PendingRequest
    from omnisession_conformance.roles.server.session import Session

BURST = 40
SYNC_EVERY = 5


def check_fold(
    ctx: Context, requirement: str, session: Session, why: str, *, events_only: bool = False
) -> None:
    """Check every state of a session against the fold of what came before it."""
    judged = judge_states(session, events_only=events_only)
    ctx.require(judged.compared > 0, "a session was told no state to compare")
    for record, difference in judged.differing[:1]:
        ctx.check(
            requirement,
            good=False,
            expected=f"the fold of what came before: {difference.expected}",
            seen=f"{difference.seen} ({len(judged.differing)} of {judged.compared} states differ)",
            on=record,
            pointer=difference.pointer,
            why=why,
        )
    if not judged.differing:
        seen = f"{judged.compared} states that do"
        ctx.check(requirement, good=True, expected="states that equal the fold", seen=seen, why=why)


@case("EVENT-001", "EVENT-002", needs=("events", *PLAYS, "role:reader"))
async def every_change_is_an_event(ctx: Context) -> None:
    """Each step of a script is an event, and the events together make what each later sync tells."""
    author = ctx.user()
    actor = await open_articles(ctx, author, events=True)
    other = await open_articles(ctx, author, events=True)
    reader = await open_articles(ctx, ctx.user("reader"), events=True)
    before = 0
    async for step in play(ctx, actor, expect_nothing(ctx, actor)):
        await actor.fence()
        events = actor.events()
        ctx.check(
            "EVENT-001",
            len(events) > before,
            expected=f"an event in the acting session that carries {step}",
            seen=f"{len(events) - before} events",
            on=events[-1:],
        )
        before = len(events)
        await actor.sync()
        await other.sync()
    await reader.sync()
    for session in (actor, other, reader):
        why = "in syncs between the steps of a script"
        check_fold(ctx, "EVENT-001", session, f"events alone, {why}", events_only=True)
        check_fold(ctx, "EVENT-002", session, why)


def _update(session: Session, article_id: str, title: str) -> dict[str, object]:
    return session.action_body(
        "article.update", {"article_id": article_id, "changes": {"title": title}}
    )


async def _burst(ctx: Context, article_id: str, sessions: list[Session], syncing: Session) -> None:
    """Update an article in turn from several sessions, without waiting, while another one syncs."""
    actions: list[PendingAction] = []
    syncs: list[PendingRequest] = []
    for number in range(BURST):
        session = sessions[number % len(sessions)]
        actions.append(await session.send_action(_update(session, article_id, f"Title {number}")))
        if number % SYNC_EVERY == 0:
            syncs.append(await syncing.send("session.sync", {}))
    answers = [await pending.must() for pending in syncs]
    outcomes = [await pending.must() for pending in actions]
    ctx.require(any(o.acked for o in outcomes), f"no update of a burst was acked: {outcomes[0]}")
    ctx.require(all(a.type == "session.syncing" for a in answers), "a sync in a burst was refused")


@case(
    "EVENT-002",
    "EVENT-008",
    needs=("events", *takes("create", "update", "select"), "role:editor"),
)
async def burst_comes_in_one_order(ctx: Context) -> None:
    """While two users change one article many times, syncs are folds, and all see one order."""
    author, holder = ctx.user(), ctx.user("editor")
    sessions = [await open_articles(ctx, user, events=True) for user in (author, holder)]
    watchers = [await open_articles(ctx, user, events=True) for user in (author, holder)]
    # A draft: a published article would flood every session of the run.
    article_id = await create_article(sessions[0], content=unique(ctx, "content"))
    await select(watchers[0], article_id)
    await _burst(ctx, article_id, sessions, watchers[0])
    everywhere = [*sessions, *watchers]
    for session in everywhere:
        await session.sync()
        check_fold(
            ctx, "EVENT-002", session, "in syncs in and after a burst of updates by two users"
        )
    orders = [[event_id(r) for r in events_about(s, article_id)] for s in everywhere]
    for session, order in zip(everywhere[1:], orders[1:], strict=True):
        shared = set(orders[0]) & set(order)
        ctx.require(len(shared) > 1, "a session shares no events with the acting one")
        mine = [id_ for id_ in orders[0] if id_ in shared]
        theirs = [id_ for id_ in order if id_ in shared]
        same = sum(a == b for a, b in zip(mine, theirs, strict=False))
        ctx.check(
            "EVENT-008",
            mine == theirs,
            expected=f"{len(mine)} events of an article in the order of the acting session",
            seen=f"{same} of them at their place",
            on=events_about(session, article_id)[-1:],
        )


@case("EVENT-003", needs=CHANGES)
async def no_events_without_the_feature(ctx: Context) -> None:
    """A session that did not ask for events gets states, whatever other sessions get."""
    user, kind = ctx.user(), one_kind(ctx)
    without, with_events = await open_any_watchers(ctx, user, kind)
    for session in (without, with_events):
        made = await change(ctx, session, kind)
        shown = made.shows(await view_of(without, kind))
        ctx.require(shown, "a session without events was not told a change")
    events = without.events()
    ctx.check(
        "EVENT-003",
        not events,
        expected="no event in a session that did not ask for them",
        seen=sorted({r.type for r in events}) or "none",
        on=events,
    )


def _ids(session: Session, article_id: str) -> list[tuple[str, str]]:
    return [(r.type, event_id(r)) for r in events_about(session, article_id)]


@case(
    "EVENT-004",
    needs=(
        "events",
        *takes("create", "update", "publish", "select", "edit_start", "edit_end", "delete"),
        "role:reader",
    ),
)
async def event_ids_name_one_change_everywhere(ctx: Context) -> None:
    """The changes of an article have the same ids in all sessions and hints, and all are different."""
    author, reader = ctx.user(), ctx.user("reader")
    first = await open_articles(ctx, author, events=True)
    article_id = await create_published(first)
    known = len(_ids(first, article_id))
    others = [await open_articles(ctx, user, events=True) for user in (author, reader)]
    # Everybody selects it, so that no event about it may be left out.
    for session in (first, *others):
        await select(session, article_id)
    await update(first, article_id, title="One")
    await update(first, article_id, content="Two")
    await start_edit(first, article_id)
    await end_edit(first, article_id)
    await delete(first, article_id)
    await ctx.fences(first, *others)
    everything = [id_ for _, id_ in _ids(first, article_id)]
    ctx.equal(
        "EVENT-004", len(everything), len(set(everything)), why="different ids of the changes"
    )
    selected = {"article.selected"}
    mine = [pair for pair in _ids(first, article_id)[known:] if pair[0] not in selected]
    for session in others:
        theirs = [pair for pair in _ids(session, article_id) if pair[0] not in selected]
        ctx.equal("EVENT-004", mine, theirs, on=session.events()[-1:], why="ids in another session")
    subject = f"article.{ctx.tok(article_id)}.updates"

    def deleted() -> bool | None:
        return any(r.type == "article.deleted" for r in ctx.log.on(subject)) or None

    told = await ctx.log.wait((subject,), deleted, timeout_s=ctx.within(BOUND_MS))
    ctx.require(told is not None, "the deletion of a published article was not hinted")
    hints = [(r.type, event_id(r)) for r in ctx.log.on(subject)]
    unknown = [pair for pair in hints if pair not in _ids(first, article_id)]
    ctx.equal("EVENT-004", [], unknown, on=ctx.log.on(subject), why="hints with ids of no event")
