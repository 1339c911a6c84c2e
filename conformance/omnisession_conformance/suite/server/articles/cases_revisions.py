"""ART: what a revision is told to be, whose slug is taken, and which ids and times the server sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.protocol.kinds.articles import REVISION
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    current,
    delete,
    entry,
    later_than,
    open_articles,
    part,
    select,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.roles.server.steps.timers import MINUTE_MS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry

LONG_AGO = 1_000_000_000_000


async def _revisions(session: Session, article_id: str) -> list[Entry]:
    await select(session, None)
    await select(session, article_id)
    told = entries(await view(session), "revisions")
    return [part(revision, REVISION.members) for revision in told]


@case("ART-012", "ART-002", needs=takes("create", "update", "select"))
async def revisions_stay_what_they_were(ctx: Context) -> None:
    """Each revision has the title and the time that it was made with, whatever came later."""
    session = await open_articles(ctx, ctx.user())
    names = [unique(ctx, "title") for _ in range(3)]
    slug = ctx.draws.slug()
    article_id = await create_article(session, title=names[0], slug=slug)
    first = await _revisions(session, article_id)
    ctx.require(len(first) == 1, "a new article has not one revision")
    await later_than(session, first[0].get("timestamp"))
    await update(session, article_id, title=names[1])
    second = await _revisions(session, article_id)
    ctx.require(len(second) == 2, "an updated article has not two revisions")
    on = session.stream[-1:]
    ctx.equal("ART-012", first[0], second[1], on=on, why="the first revision, after an update")
    times = [entry.get("timestamp") for entry in (second[1], second[0])]
    good = as_int(times[0]) < as_int(times[1])
    expected = "the time of the later revision after that of the first"
    ctx.check("ART-012", good, expected=expected, seen=times, on=on)
    # An article's own slug is not one that another has.
    data = {"article_id": article_id, "changes": {"slug": slug, "title": names[2]}}
    answer = await session.act("article.update", data)
    ctx.acked("ART-002", answer, why="an update that names the slug which the article has")
    third = await _revisions(session, article_id)
    on = session.stream[-1:]
    ctx.equal("ART-012", second, third[1:], on=on, why="the earlier revisions, after one more")
    seen = [entry.get("title") for entry in third]
    ctx.equal("ART-012", names[::-1], seen, on=on, why="the titles of the revisions, highest first")


@case("ART-005", "ART-012", needs=takes("create", "publish", "select"))
async def times_of_articles_are_the_server_s(ctx: Context) -> None:
    """The times of a publish and of a revision are the server's, whatever the action says."""
    session = await open_articles(ctx, ctx.user())
    article_id = await create_article(session)
    body = session.action_body("article.publish", {"article_id": article_id})
    answer = await session.outcome_of({**body, "timestamp": LONG_AGO})
    ctx.require(answer is not None and answer.acked, "article.publish was not acked")
    revisions = await _revisions(session, article_id)
    now = session.stream[-1].integer("timestamp") or 0
    shown = current(await view(session)).get("published_at")
    times = [("ART-005", "published_at", shown)]
    times += [("ART-012", "timestamp of a revision", r.get("timestamp")) for r in revisions]
    for requirement, name, time in times:
        good = type(time) is int and abs(time - now) <= MINUTE_MS
        expected = f"the server's time, near {now}"
        ctx.check(requirement, good, expected=expected, seen=time, on=session.stream[-1:], why=name)


@case("ART-013", needs=takes("create", "delete"))
async def ids_of_deleted_articles_are_not_used_again(ctx: Context) -> None:
    """Articles that are made after a deletion have other ids than the one that is gone."""
    session = await open_articles(ctx, ctx.user())
    ids = [await create_article(session) for _ in range(2)]
    await delete(session, ids[1])
    ids.append(await create_article(session))
    await delete(session, ids[0])
    ids += [await create_article(session) for _ in range(2)]
    ctx.equal("ART-013", len(ids), len(set(ids)), why=f"different ids among {ids}")
    for id_ in ids[:2]:
        seen = await entry(session, id_, there=False)
        on = session.stream[-1:]
        ctx.equal("ART-013", None, seen, on=on, why="a deleted article, after others were made")
