"""URL: what a user does every day with a url of its own is acked, and shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import ever_full
from omnisession_conformance.roles.server.steps.any_kind.url import ANY_URL
from omnisession_conformance.roles.server.steps.ordinary import acked, done, named
from omnisession_conformance.roles.server.steps.urls import (
    Entry,
    address,
    create_url,
    open_urls,
    takes_url,
    urls_of,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


async def _url(session: Session, id_: str) -> Entry | None:
    return next((url for url in await urls_of(session) if url.get("id") == id_), None)


@case("URL-001", needs=takes_url("create"))
async def an_ordinary_url(ctx: Context) -> None:
    """A url.create is acked with an id, and shows under it."""
    session, target = await open_urls(ctx, ctx.user()), address(ctx)
    ack = await acked(ctx, "URL-001", session, "url.create", {"target_url": target})
    if ack is not None:
        id_ = named(ctx, "URL-001", ack, "url_id")
        shown = (await _url(session, id_) or {}).get("target_url") == target
        shown = shown or ever_full(session, ANY_URL)
        done(ctx, "URL-001", session, ack, shown=shown, what=f"a url for {target}")


@case("URL-006", needs=takes_url("create", "update"))
async def an_ordinary_update_of_a_url(ctx: Context) -> None:
    """A creator's url.update is acked, and shows."""
    session, target = await open_urls(ctx, ctx.user()), address(ctx)
    id_ = await create_url(ctx, session)
    data = {"url_id": id_, "changes": {"target_url": target}}
    ack = await acked(ctx, "URL-006", session, "url.update", data)
    if ack is not None:
        shown = (await _url(session, id_) or {}).get("target_url") == target
        shown = shown or ever_full(session, ANY_URL)
        done(ctx, "URL-006", session, ack, shown=shown, what=f"a url for {target}")


@case("URL-006", needs=takes_url("create", "delete"))
async def an_ordinary_delete_of_a_url(ctx: Context) -> None:
    """A creator's url.delete is acked, and the url is gone."""
    session = await open_urls(ctx, ctx.user())
    id_ = await create_url(ctx, session)
    ack = await acked(ctx, "URL-006", session, "url.delete", {"url_id": id_})
    if ack is not None:
        gone = await _url(session, id_) is None
        done(ctx, "URL-006", session, ack, shown=gone, what="no such url")
