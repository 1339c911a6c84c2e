"""URL: what refusals and copies of actions on urls leave behind: nothing, also for who comes later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import later_than
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sizes import text_of, usable
from omnisession_conformance.roles.server.steps.urls import (
    address,
    code,
    create_url,
    open_urls,
    part_of,
    takes_url,
    update_url,
    url_in,
    urls_of,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.urls import Entry

ALL = takes_url("create", "update", "delete")
OWN = ("short_code", "target_url", "created_at", "updated_at", "is_active")
"""What nobody who follows a code can change."""
Try = tuple["Session", str, "Entry"]


def _update(id_: str, **changes: object) -> Entry:
    return {"url_id": id_, "changes": changes}


def _tries(
    ctx: Context, ids: Entry, mine: Session, theirs: Session, codes: tuple[str, str, str]
) -> dict[str, tuple[int, list[Try]]]:
    """By requirement the code and the actions that must be refused with it, each on its own url."""
    (taken, free, kept), new = codes, address(ctx)
    stem, limit = f"{address(ctx)}/", usable(mine, "target_url")
    long = stem + text_of("x", limit + 1 - len(stem))
    above = ctx.declared.limit("target_url") == limit
    return {
        "URL-002": (
            4220,
            [
                (mine, "url.update", _update(ids["URL-002"], short_code=taken, target_url=new)),
                (mine, "url.update", _update(ids["URL-002"], short_code=taken, is_active=False)),
                (mine, "url.create", {"target_url": new, "short_code": taken}),
            ],
        ),
        "URL-004": (
            4040,
            [
                (theirs, "url.update", _update(ids["URL-004"], is_active=False)),
                (theirs, "url.update", _update(ids["URL-004"], target_url=new)),
                (theirs, "url.delete", {"url_id": ids["URL-004"]}),
            ],
        ),
        "ACTION-016": (
            4001,
            [
                (mine, "url.update", _update(ids["ACTION-016"], target_url=new, is_active="no")),
                (mine, "url.update", _update(ids["ACTION-016"], is_active=False, short_code="")),
                (mine, "url.create", {"target_url": new, "short_code": 5}),
            ],
        ),
        "LIMIT-003": (
            4130,
            [
                (mine, "url.update", _update(ids["LIMIT-003"], target_url=long, is_active=False)),
                (mine, "url.update", _update(ids["LIMIT-003"], target_url=long, short_code=kept)),
                (mine, "url.create", {"target_url": long, "short_code": free}),
            ]
            if above
            else [],
        ),
    }


@case("URL-002", "URL-004", "ACTION-016", "LIMIT-003", needs=ALL)
async def refused_changes_of_urls_leave_nothing(ctx: Context) -> None:
    """After refusals of each kind, each on a url of its own, all is as before, also opened later."""
    user, other = ctx.user(), ctx.user()
    mine, theirs = await open_urls(ctx, user), await open_urls(ctx, other)
    taken, free, other_free = code(ctx), code(ctx), code(ctx)
    await create_url(ctx, theirs, short_code=taken)
    kept = {name: code(ctx) for name in ("URL-002", "ACTION-016", "LIMIT-003", "URL-004")}
    ids = {name: await create_url(ctx, mine, short_code=own) for name, own in kept.items()}
    before = {name: part_of(await url_in(mine, id_), OWN) for name, id_ in ids.items()}
    count = len(await urls_of(mine))
    await later_than(mine, before["URL-004"]["updated_at"])
    for requirement, (wanted, sent) in _tries(
        ctx, ids, mine, theirs, (taken, free, other_free)
    ).items():
        for session, type_, data in sent:
            answer = await session.act(type_, data)
            ctx.refused(requirement, answer, wanted, why=f"{type_}, to be refused")
    later = await open_urls(ctx, user)
    for session, where in ((later, "in a session opened later"), (mine, "in the acting session")):
        for requirement, id_ in ids.items():
            seen, on = part_of(await url_in(session, id_), OWN), session.stream[-1:]
            why = f"a url after refused actions on it, {where}"
            ctx.equal(requirement, before[requirement], seen, on=on, why=why)
        seen = len(await urls_of(session))
        ctx.equal("URL-002", count, seen, why=f"urls after refused creates, {where}")
    for requirement, own in kept.items():
        again = {"target_url": address(ctx), "short_code": own}
        why = "the code of a url whose changes were refused"
        ctx.refused(requirement, await theirs.act("url.create", again), 4220, why=why)
    answer = await mine.act("url.create", {"target_url": address(ctx), "short_code": free})
    ctx.acked("LIMIT-003", answer, why="the code of a create that was refused for its address")
    again = {"target_url": address(ctx), "short_code": other_free}
    answer = await theirs.act("url.create", again)
    ctx.acked("LIMIT-003", answer, why="the code of an update that was refused for its address")


@case("ACTION-005", "ACTION-020", needs=takes_url("create", "update"))
async def copies_of_updates_of_urls_do_nothing(ctx: Context) -> None:
    """Copies of an update, after a later one, leave the url and its time as they are."""
    user = ctx.user()
    one, two = await open_urls(ctx, user), await open_urls(ctx, user, events=True)
    id_ = await create_url(ctx, one)
    body = one.action_body("url.update", _update(id_, target_url=address(ctx), is_active=False))
    ctx.require((await one.needed_outcome_of(body)).acked, "url.update was not acked")
    await update_url(one, id_, target_url=address(ctx), is_active=True)
    before = part_of(await url_in(one, id_), OWN)
    await later_than(one, before["updated_at"])
    ctx.acked("ACTION-005", await one.outcome_of(body), status="duplicate", why="a copy")
    ctx.acked("ACTION-020", await as_next(two, body), status="duplicate", why="a copy elsewhere")
    for session in (one, two, await open_urls(ctx, user)):
        seen, on = part_of(await url_in(session, id_), OWN), session.stream[-1:]
        for requirement in ("ACTION-005", "ACTION-020"):
            ctx.equal(requirement, before, seen, on=on, why="a url after copies of an older update")
