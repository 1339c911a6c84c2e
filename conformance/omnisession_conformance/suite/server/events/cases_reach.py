"""EVENT: whom a change reaches, in which order, and what each session is told of who caused it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    delete,
    end_edit,
    members,
    open_articles,
    publish,
    select,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.fold_law import (
    REVISION_ADDED,
    events_about,
    same_data,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

CAUSE = ("action_id", "session_id", "client_seq")
EVERYTHING = takes("create", "update", "publish", "select", "edit_start", "edit_end", "delete")


async def _caused(
    ctx: Context,
    sessions: Sequence[Session],
    article_id: str,
    step: Callable[[], Awaitable[Answer]],
) -> tuple[Answer, list[list[Record]]]:
    """Take a step; return its ack and the events that each session was told of the article since."""
    starts = await ctx.fences(*sessions)
    ack = await step()
    await ctx.fences(*sessions)
    pairs = zip(sessions, starts, strict=True)
    return ack, [events_about(session, article_id, start) for session, start in pairs]


def _causes(records: Sequence[Record]) -> list[Any]:
    return [_named((r.body or {}).get("cause", "(missing)")) for r in records]


def _named(cause: Any) -> Any:
    """What the protocol names of a cause; a server may say more."""
    told = as_object(cause)
    return {name: told[name] for name in CAUSE if name in told} or cause


def _actors(records: Sequence[Record]) -> list[Any]:
    return [(r.body or {}).get("actor", "(missing)") for r in records]


@case("EVENT-005", needs=("events", *EVERYTHING, "role:reader"))
async def causes_name_the_action_to_its_user(ctx: Context) -> None:
    """Sessions of the acting user are told the action of each event, those of others are not."""
    author, reader = ctx.user(), ctx.user("reader")
    first = await open_articles(ctx, author, events=True)
    second = await open_articles(ctx, author, events=True)
    other = await open_articles(ctx, reader, events=True)
    for _ in range(2):
        # From here on the numbers of the two sessions differ.
        await second.apply("session.noop")
    article_id = await create_published(first)
    steps = (
        (first, lambda: update(first, article_id, title="One")),
        (second, lambda: update(second, article_id, content="Two")),
        (second, lambda: start_edit(second, article_id)),
        (first, lambda: select(first, article_id)),
        (first, lambda: update(first, article_id, title="Three")),
        (second, lambda: end_edit(second, article_id)),
        (first, lambda: delete(first, article_id)),
    )
    sessions = (first, second, other)
    seen = Counter[str]()
    for acting, step in steps:
        ack, told = await _caused(ctx, sessions, article_id, step)
        cause = {
            "action_id": ack.data.get("action_id"),
            "session_id": acting.id,
            "client_seq": ack.data.get("client_seq"),
        }
        ctx.require(
            bool(told[sessions.index(acting)]), "an action made no event in its own session"
        )
        for session, records in zip(sessions, told, strict=True):
            seen[session.id] += len(records)
            expected = cause if session.user is author else None
            causes = [expected] * len(records)
            ctx.equal("EVENT-005", causes, _causes(records), on=records, pointer="/cause")
    ctx.require(all(seen[s.id] for s in sessions), "a session was told none of the changes")


@case(
    "EVENT-006",
    needs=("events", *takes("create", "update", "edit_start"), "role:editor"),
)
async def actors_are_who_acted(ctx: Context) -> None:
    """An event says whose action it was, whoever wrote the article and whoever is told."""
    author, editor = ctx.user(), ctx.user("editor")
    mine = await open_articles(ctx, author, events=True)
    theirs = await open_articles(ctx, editor, events=True)
    article_id = await create_article(mine)
    for acting in (theirs, mine):
        for step in (
            lambda acting=acting: update(acting, article_id, title=unique(ctx, "title")),
            lambda acting=acting: start_edit(acting, article_id),
        ):
            _, told = await _caused(ctx, (mine, theirs), article_id, step)
            for records in told:
                ctx.require(bool(records), "a change made no event in a session of a reader")
                actors = [acting.user.id] * len(records)
                ctx.equal("EVENT-006", actors, _actors(records), on=records, pointer="/actor")


@case(
    "EVENT-006",
    "EVENT-005",
    needs=("events", *takes("create", "publish", "edit_start"), "role:reader"),
)
async def nobody_acts_when_a_session_ends(ctx: Context) -> None:
    """The end of an edit by the close of its session has neither actor nor cause."""
    author = ctx.user()
    ending = await open_articles(ctx, author, events=True)
    watchers = [
        await open_articles(ctx, author, events=True),
        await open_articles(ctx, ctx.user("reader"), events=True),
    ]
    article_id = await create_published(ending)
    await start_edit(ending, article_id)
    starts = await ctx.fences(*watchers)
    await ending.close()
    ending.leave_open = True
    for session, start in zip(watchers, starts, strict=True):

        def ended(session: Session = session, start: Any = start) -> Record | None:
            told = events_about(session, article_id, start)
            return next((r for r in told if r.type == "article.edit_ended"), None)

        record = await session.wait(ended, ctx.within(BOUND_MS))
        ctx.require(record is not None, "the end of a session did not end its edit with an event")
        if record is not None:
            ctx.equal("EVENT-006", [None], _actors([record]), on=record, pointer="/actor")
            ctx.equal("EVENT-005", [None], _causes([record]), on=record, pointer="/cause")


def _reached(ctx: Context, sessions: Sequence[Session], told: Sequence[Sequence[Record]]) -> None:
    """Check that each event which one of the sessions was told came to all of them."""
    distinct: list[Record] = []
    for record in (r for records in told for r in records):
        if not any(same_data(record, other) for other in distinct):
            distinct.append(record)
    ctx.require(bool(distinct), "a change made no event in any session")
    for session, records in zip(sessions, told, strict=True):
        missing = [
            one
            for one in distinct
            if one.type != REVISION_ADDED and not any(same_data(one, r) for r in records)
        ]
        ctx.check(
            "EVENT-007",
            not missing,
            expected=[f"{one.type} with equal data" for one in missing or distinct],
            seen=[r.type for r in records],
            on=(*missing, *records),
            why=f"a session of the {session.user.roles[0]} that was open when it changed",
        )


@case("EVENT-007", needs=("events", *EVERYTHING, "role:reader"))
async def changes_reach_every_affected_session(ctx: Context) -> None:
    """Each change comes to all sessions of all who may see it, those opened in between included."""
    author, reader = ctx.user(), ctx.user("reader")
    actor = await open_articles(ctx, author, events=True)
    own = [await open_articles(ctx, author, events=True) for _ in range(2)]
    others = [await open_articles(ctx, reader, events=True)]
    article_id = await create_article(actor, **members(ctx))
    _, told = await _caused(
        ctx,
        [actor, *own],
        article_id,
        lambda: update(actor, article_id, title=unique(ctx, "title")),
    )
    _reached(ctx, [actor, *own], told)
    for step in (
        lambda: publish(actor, article_id),
        lambda: update(
            actor, article_id, title=unique(ctx, "title"), content=unique(ctx, "content")
        ),
        lambda: start_edit(actor, article_id),
        lambda: end_edit(actor, article_id),
        lambda: delete(actor, article_id),
    ):
        sessions = [actor, *own, *others]
        _, told = await _caused(ctx, sessions, article_id, step)
        _reached(ctx, sessions, told)
        if len(own) < 4:
            own.append(await open_articles(ctx, author, events=True))
            others.append(await open_articles(ctx, reader, events=True))


@case("EVENT-007", needs=("events", *takes("create", "update", "select")))
async def selected_article_comes_with_content(ctx: Context) -> None:
    """Where the article is the current one, its change comes with content and its revision."""
    author = ctx.user()
    sessions = [await open_articles(ctx, author, events=True) for _ in range(2)]
    article_id = await create_article(sessions[0])
    for session in sessions:
        await select(session, article_id)
    content = unique(ctx, "content")
    _, told = await _caused(
        ctx, sessions, article_id, lambda: update(sessions[0], article_id, content=content)
    )
    for records in told:
        contents = [
            as_object(r.payload.get("article")).get("content")
            for r in records
            if r.type == "article.updated"
        ]
        ctx.equal(
            "EVENT-007", [content], contents, on=records, why="content of the selected article"
        )
    mine, theirs = ({r.type: r.payload for r in records} for records in told)
    ctx.equal("EVENT-007", mine, theirs, on=told[1], why="events of an article selected in both")
