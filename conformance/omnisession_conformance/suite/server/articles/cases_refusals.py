"""ART: what refusals and copies of actions on articles leave behind: nothing, also for who comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NoRoom
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.kinds.articles import REVISION
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    current,
    edit_part,
    editor,
    end_edit,
    ever_full,
    find,
    open_articles,
    part,
    select,
    start_edit,
    takes,
    titles,
    unique,
    update,
    view,
)
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import from_target
from omnisession_conformance.roles.server.steps.sizes import text_of, usable
from omnisession_conformance.suite.server.articles.writing import WRITES, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.articles import Entry
    from omnisession_conformance.traffic.record import Record

SELECTS = "action:article.select"
NO_REVISION = 2**40
"""A revision that no article has."""
Try = tuple["Session", str, "Entry", "Entry"]
"""Who sends what, with what data and which further members."""


async def _whole(session: Session, article_id: str) -> Entry:
    """All that a session can be shown of an article, selected there."""
    await select(session, article_id)
    slice_ = await view(session)
    listed = find(slice_, article_id)
    if listed is None and ever_full(session, "articles"):
        raise NoRoom(f"the list of articles was at its limit and may have lost {article_id}")
    editors: list[Entry] = slice_.get("editors") or []
    return {
        "listed": part(listed),
        "selected": part(current(slice_)),
        "revisions": [part(r, REVISION.members) for r in slice_.get("revisions") or ()],
        "editors": [edit_part(e) for e in editors if e.get("article_id") == article_id],
    }


def _tries(
    ctx: Context, ids: Entry, mine: Session, theirs: Session
) -> dict[str, tuple[int, list[Try]]]:
    """By requirement the code and the actions that must be refused with it, each on its own article."""
    stale: Entry = {"expect": {"revision": NO_REVISION}}
    wrong: Entry = {"title": unique(ctx, "wrong")}
    limit = usable(mine, "article_rest")
    long: Entry = {**wrong, "subtitle": text_of("x", limit + 1)}
    above = ctx.declared.limit("article_rest") == limit
    hidden, named = ids["ART-008"], {"article_id": ids["ART-007"]}
    return {
        "ART-009": (4030, [(theirs, t, d, {}) for t, d in writing(ctx, ids["ART-009"]).items()]),
        "ART-008": (
            4040,
            [
                *((theirs, t, d, {}) for t, d in writing(ctx, hidden).items()),
                (theirs, "article.select", {"article_id": hidden}, {}),
            ],
        ),
        "ART-007": (
            4090,
            [
                *((mine, t, d, stale) for t, d in writing(ctx, ids["ART-007"]).items()),
                (mine, "article.select", named, stale),
            ],
        ),
        "ACTION-016": (4001, [*_invalid(mine, ids["ACTION-016"], wrong)]),
        "LIMIT-003": (
            4130,
            [
                (mine, "article.update", {"article_id": ids["LIMIT-003"], "changes": long}, {}),
                (mine, "article.create", long, {}),
            ]
            if above
            else [],
        ),
    }


def _invalid(mine: Session, article_id: str, wrong: Entry) -> Iterator[Try]:
    for half in ({"tags": "none"}, {"leading": 5}, {"content": None}):
        yield mine, "article.update", {"article_id": article_id, "changes": {**wrong, **half}}, {}
    yield mine, "article.create", {**wrong, "tags": [1]}, {}


@case(
    "ART-007",
    "ART-008",
    "ART-009",
    "ACTION-016",
    "LIMIT-003",
    needs=(*WRITES, SELECTS, "role:reader"),
)
async def refused_writes_leave_nothing(ctx: Context) -> None:
    """After refusals of each kind, each on an article of its own, all is as before, also opened later."""
    author, reader = ctx.user(), ctx.user("reader")
    mine, theirs = await open_articles(ctx, author), await open_articles(ctx, reader)
    public = await create_published(mine)
    ids: Entry = {"ART-009": public}
    for requirement in ("ART-008", "ART-007", "ACTION-016", "LIMIT-003"):
        ids[requirement] = await create_article(mine, content=unique(ctx, "content"))
    for article_id in ids.values():
        await start_edit(mine, article_id)
    before = {requirement: await _whole(mine, id_) for requirement, id_ in ids.items()}
    await select(theirs, public)
    await select(mine, public)
    mark, tries = ctx.log.mark(), _tries(ctx, ids, mine, theirs)
    for requirement, (code, sent) in tries.items():
        for session, type_, data, how in sent:
            answer = await session.act(type_, data, **how)
            ctx.refused(requirement, answer, code, why=f"{type_}, to be refused")
    for session in (mine, theirs):
        await session.sync()
        seen = current(await view(session)).get("id")
        requirement = "ART-007" if session is mine else "ART-008"
        ctx.equal(requirement, public, seen, on=session.stream[-1:], why="selected after refusals")
    later = await open_articles(ctx, author)
    wrong = _wrong_titles(tries)
    for session, where in ((later, "in a session opened later"), (mine, "in the acting session")):
        for requirement, article_id in ids.items():
            seen, on = await _whole(session, article_id), session.stream[-1:]
            why = f"an article after refused actions on it, {where}"
            ctx.equal(requirement, before[requirement], seen, on=on, why=why)
        made = [title for title in titles(await view(session)) if title in wrong]
        for requirement in ("ACTION-016", "LIMIT-003"):
            ctx.equal(requirement, [], made, why=f"articles of refused creates, {where}")
    hints = _hints_of_refused(ctx, public, mark, before["ART-009"]["listed"].get("revision"))
    ctx.equal("ART-009", [], [r.type for r in hints], on=hints, why="hints of refused actions")


def _hints_of_refused(ctx: Context, article_id: str, mark: int, revision: Any) -> list[Record]:
    """What hints have told since a mark, but for the hint of its publish: that may come late, or never."""
    hints = from_target(ctx, f"article.{ctx.tok(article_id)}.updates")
    same = [r for r in hints if as_object(r.payload.get("article")).get("revision") == revision]
    return [r for r in hints if r.n >= mark and r not in same[:1]]


def _wrong_titles(tries: dict[str, tuple[int, list[Try]]]) -> set[Any]:
    return {data.get("title") for _, sent in tries.values() for _, _, data, _ in sent}


# -- copies ----------------------------------------------------------------------------------------


@case("ACTION-005", "ACTION-020", needs=takes("create", "update", "select"))
async def copies_of_selections_select_nothing(ctx: Context) -> None:
    """Copies of a selection and of an update, after later ones, change nothing, there and elsewhere."""
    user = ctx.user()
    one, two = await open_articles(ctx, user), await open_articles(ctx, user, events=True)
    first, second = await create_article(one), await create_article(one)
    chosen = one.action_body("article.select", {"article_id": first})
    changes = {"title": unique(ctx, "old")}
    titled = one.action_body("article.update", {"article_id": first, "changes": changes})
    for body in (chosen, titled):
        ctx.require((await one.needed_outcome_of(body)).acked, f"{body['type']} was not acked")
    title = unique(ctx, "new")
    await update(one, first, title=title)
    await select(one, second)
    for body in (chosen, titled):
        ctx.acked("ACTION-005", await one.outcome_of(body), status="duplicate", why=body["type"])
        ctx.acked("ACTION-020", await as_next(two, body), status="duplicate", why=body["type"])
    for requirement, session, wanted in (("ACTION-005", one, second), ("ACTION-020", two, None)):
        slice_ = await view(session)
        on, why = session.stream[-1:], "after a copy of an earlier selection"
        ctx.equal(requirement, wanted, current(slice_).get("id"), on=on, why=f"selected {why}")
        seen = (find(slice_, first) or {}).get("title", title)
        ctx.equal(requirement, title, seen, on=on, why="the title after a copy of an older update")


@case("ACTION-020", needs=takes("create", "edit_start", "edit_end"))
async def copies_of_starts_hold_no_edit(ctx: Context) -> None:
    """A session that sent a copy of another's start does not hold the edit: it ends with the other."""
    user = ctx.user()
    one, two = await open_articles(ctx, user), await open_articles(ctx, user, events=True)
    article_id = await create_article(one)
    body = one.action_body("article.edit_start", {"article_id": article_id})
    ctx.require((await one.needed_outcome_of(body)).acked, "article.edit_start was not acked")
    copy = await as_next(two, body)
    ctx.acked("ACTION-020", copy, status="duplicate", why="a copy of a start in another session")
    ctx.require(await editor(one, article_id, user) is not None, "a started edit is not shown")
    await end_edit(one, article_id)
    for session in (one, two, await open_articles(ctx, user)):
        left = await editor(session, article_id, user, there=False)
        why = "the edit after its only session ended it, a copy of the start was sent in another"
        ctx.equal("ACTION-020", None, left, on=session.stream[-1:], why=why)
