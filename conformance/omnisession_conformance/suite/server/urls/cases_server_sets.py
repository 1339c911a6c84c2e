"""URL: ids and times of urls are the server's, and an id is not used again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.timers import MINUTE_MS
from omnisession_conformance.roles.server.steps.urls import (
    LASTING,
    address,
    create_url,
    open_urls,
    part_of,
    takes_url,
    url_id,
    url_in,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

LONG_AGO = 1_000_000_000_000


@case("URL-001", "URL-006", "STATE-013", needs=takes_url("create", "update"))
async def times_of_urls_are_the_server_s(ctx: Context) -> None:
    """A url is made and updated when the server says so, whatever time the actions tell."""
    session = await open_urls(ctx, ctx.user())
    body = session.action_body("url.create", {"target_url": address(ctx)})
    ack = await session.needed_outcome_of({**body, "timestamp": LONG_AGO})
    ctx.require(ack.acked, "url.create was not acked")
    id_ = url_id(ack)
    data = {"url_id": id_, "changes": {"is_active": False}}
    for requirement, names in (
        ("URL-001", ("created_at", "updated_at")),
        ("URL-006", ("updated_at",)),
    ):
        url = await url_in(session, id_) or {}
        now = session.stream[-1].integer("timestamp") or 0
        for name in names:
            seen = url.get(name)
            good = type(seen) is int and abs(seen - now) <= MINUTE_MS
            expected = f"the server's time, near {now}"
            ctx.check(requirement, good, expected=expected, seen=seen, why=name)
        update = session.action_body("url.update", data)
        ack = await session.needed_outcome_of({**update, "timestamp": LONG_AGO})
    shown = part_of(await url_in(session, id_), LASTING)
    later = await open_urls(ctx, session.user)
    seen, on = part_of(await url_in(later, id_), LASTING), later.stream[-1:]
    why = "a url that is not active, in a session that was opened later"
    ctx.equal("STATE-013", shown, seen, on=on, why=why)


@case("URL-006", needs=takes_url("create", "delete"))
async def ids_of_deleted_urls_are_not_used_again(ctx: Context) -> None:
    """Urls that are made after a deletion have other ids than the one that is gone."""
    session = await open_urls(ctx, ctx.user())
    ids = [await create_url(ctx, session) for _ in range(2)]
    for gone in (ids[1], ids[0]):
        await session.apply("url.delete", {"url_id": gone})
        ids += [await create_url(ctx, session) for _ in range(2)]
    ctx.equal("URL-006", len(ids), len(set(ids)), why=f"different ids among {ids}")
