"""STATE, ART: articles, editors and revisions that are more than their limit are cut at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    current,
    open_articles,
    select,
    takes,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.sending import Posted, entries, settle
from omnisession_conformance.suite.server.limits.long_lists import (
    AT_A_TIME,
    CUT,
    FEW,
    FULL,
    MOST,
    cut_or_stop,
    fill,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


@case(
    CUT,
    FULL,
    "ART-012",
    needs=takes("create", "update", "select"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def long_lists_of_revisions_are_cut(ctx: Context) -> None:
    """Of two revisions more than the limit the highest are shown, in states, by events and later."""
    limit = ctx.declared.limit("revisions")
    user, count = ctx.user(), min(limit, MOST) + 2
    acting = await open_articles(ctx, user, events=True)
    article_id = await create_article(acting)
    await select(acting, article_id)
    changes = {"changes": {"title": unique(ctx, "title")}, "article_id": article_id}
    await fill(ctx, acting, [("article.update", changes)] * (count - 1), KIND, "revisions")
    numbers: list[Any] = []
    for session in (acting, await open_articles(ctx, user)):
        if session is acting:
            await session.fence()
            numbers = [e.payload.get("revision", {}).get("revision") for e in _added(session)]
            _check(ctx, session, count, limit)
            await session.sync()
        else:
            await select(session, article_id)
        _check(ctx, session, count, limit)
        shown = [r.get("revision") for r in entries(await view(session), "revisions")]
        wanted = numbers[::-1][: len(shown)]
        if len(numbers) == count - 1:
            on = session.stream[-1:]
            ctx.equal("ART-012", wanted[:limit], shown[: len(wanted)], on=on, why="the highest")
    cut_or_stop(ctx, "revisions")


def _added(session: Session) -> list[Any]:
    return session.events("article.revision_added")


def _check(ctx: Context, session: Session, made: int, limit: int) -> None:
    """Observe how many revisions a session shows, from the present one down."""
    slice_ = session.slice(KIND)
    shown = [r.get("revision") for r in entries(slice_, "revisions")]
    wanted, on = min(made, limit), session.stream[-1:]
    why = f"{made} revisions were made, with the limit {limit}"
    for requirement in (CUT, "ART-012"):
        ctx.equal(requirement, wanted, len(shown), on=on, why=why)
    first = [current(slice_).get("revision")]
    ctx.equal("ART-012", first, shown[:1], on=on, why=f"the present revision stands first: {why}")


async def _dropped(ctx: Context, session: Session, ids: Sequence[str]) -> None:
    """Delete articles, in a session that is told nothing of them where the server has another kind."""
    await session.close()
    session.leave_open = True
    kinds = ctx.declared.other_kinds(KIND)[:1] or (KIND,)
    quiet = await ctx.open(session.user, kinds=kinds)
    for at in range(0, len(ids), AT_A_TIME):
        deletes = [("article.delete", {"article_id": id_}) for id_ in ids[at : at + AT_A_TIME]]
        acks = await settle(quiet, [Posted(quiet.action_body(*one)) for one in deletes])
        ctx.require(all(ack.acked for ack in acks), "an article that was made is not deleted")


async def _cut_is_told(ctx: Context, session: Session, article_id: str) -> None:
    """Observe that the update of an article that was cut off the list is told by an event."""
    if "events" not in session.features:
        return
    head, title = await session.fence(), unique(ctx, "title")
    await update(session, article_id, title=title)
    await session.fence()
    told = [r for r in session.after(head) if r.type == "article.updated"]
    seen = [as_object(r.payload.get("article")).get("title") for r in told]
    why = "article.updated of an article that was cut off the list of the session"
    ctx.equal("EVENT-007", [title], seen, on=told, why=why)


@case(
    *(CUT, FULL, "EVENT-007"),
    needs=takes("create", "update", "edit_start", "delete"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def long_lists_of_articles_are_cut(ctx: Context) -> None:
    """Of drafts, and of edits where few are shown, one more than the limit those of the lowest ids stay."""
    limit, user = ctx.declared.limit("articles"), ctx.user()
    count, lists = min(limit, MOST) + 1, [("articles", "id")]
    if ctx.declared.limit("editors") < FEW:
        lists.append(("editors", "article_id"))
    acting = await open_articles(ctx, user, events=True)
    word = unique(ctx, "title")
    made = await fill(ctx, acting, [("article.create", {"title": word})] * count, KIND, "articles")
    ids = sorted(str(ack.result.get("article_id")) for ack in made)
    if len(lists) > 1:
        starts = [("article.edit_start", {"article_id": id_}) for id_ in ids]
        await fill(ctx, acting, starts, KIND, "editors")
    later = await open_articles(ctx, user)
    for session in (acting, later):
        await session.sync()
        slice_ = session.slice(KIND)
        for name, member in lists:
            shown = [str(entry.get(member)) for entry in entries(slice_, name)]
            most, on = ctx.declared.limit(name), session.stream[-1:]
            why = f"{name}: {count} were made, with the limit {most}"
            least = min(count, most)
            good, expected = least <= len(shown) <= most, f"{least} to {most} entries"
            ctx.check(CUT, good, expected=expected, seen=len(shown), on=on, why=why)
            strangers = len([id_ for id_ in shown if id_ not in ids])
            wanted = ids[: max(0, most - strangers)]
            lost = [id_ for id_ in wanted if id_ not in shown]
            ctx.equal(CUT, [], lost[:3], on=on, why=f"entries that are missing: {why}")
    await later.close()
    later.leave_open = True
    if limit <= MOST:
        await _cut_is_told(ctx, acting, ids[-1])
    await _dropped(ctx, acting, ids)
    cut_or_stop(ctx, "articles")
