"""STATE: the order of participants, and what sessions opened later show of messages, urls and users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.protocol.vocabulary.texts import LETTERS
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import (
    KIND,
    carrier,
    comes,
    crowded,
    delete,
    edit,
    open_chat,
    open_room,
    present,
    quiet_or_stop,
    say,
    takes_chat,
)
from omnisession_conformance.roles.server.steps.urls import (
    LASTING,
    create_url,
    open_urls,
    part_of,
    takes_url,
    update_url,
    url_in,
)
from omnisession_conformance.roles.server.steps.users import (
    UPDATES,
    known_user,
    open_user,
    restore_user,
    update_user,
    user_slice,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


@case("STATE-010", needs=(KIND, "fixture:mint"))
async def participants_are_ordered_by_code_point(ctx: Context) -> None:
    """Participants whose ids differ in case, accents and planes stand by code point."""
    watching = await open_chat(ctx, ctx.user())
    stem = unique(ctx, "p")
    ids = [f"{stem}{letter}" for letter in LETTERS]
    for id_ in ids:
        await open_chat(ctx, ctx.user(user_id=id_))
    await comes(
        watching,
        lambda s: set(ids) <= set(present(s)) or crowded(s),
        ctx.within(BOUND_MS),
    )
    await watching.sync()
    seen = [str(id_).removeprefix(stem) for id_ in present(watching) if id_ in ids]
    if len(seen) <= 1:
        quiet_or_stop(watching)
    ctx.require(len(seen) > 1, "the room does not show who is there")
    state = watching.states(KIND)[-1]
    ctx.equal("STATE-010", sorted(seen), seen, on=state, pointer="/data/participants")


@case("STATE-013", needs=takes_chat("send", "edit", "delete"))
async def later_sessions_show_the_same_room(ctx: Context) -> None:
    """A session that is opened after messages changed shows what an earlier one does."""
    user = ctx.user()
    room = await open_room(ctx, user)
    first = room.sessions[0]
    ids: list[str] = []
    for step in (edit, delete, None):
        ids.append(id_ := await say(first, unique(ctx, "message")))
        if step is edit:
            await edit(first, id_, unique(ctx, "edited"))
        elif step is delete:
            await delete(first, id_)
    earlier = await room.own(first, ids)
    ctx.require(len(earlier) == len(ids) - 1, "the room does not show the messages that were sent")
    for events in (False, True):
        later = await room.late(user, events=events)
        _same(ctx, later, earlier, await room.own(later, ids), "messages")


@case("STATE-013", needs=takes_url("create", "update"))
async def later_sessions_show_the_same_urls(ctx: Context) -> None:
    """A session that is opened after urls were made and changed shows what an earlier one does."""
    user = ctx.user()
    first = await open_urls(ctx, user)
    ids = [await create_url(ctx, first) for _ in range(2)]
    await update_url(first, ids[0], target_url=f"https://example.org/{unique(ctx, 'other')}")
    earlier = [part_of(await url_in(first, id_), LASTING) for id_ in ids]
    for events in (False, True):
        later = await open_urls(ctx, user, events=events)
        _same(
            ctx, later, earlier, [part_of(await url_in(later, id_), LASTING) for id_ in ids], "urls"
        )


@case("STATE-013", needs=UPDATES)
async def later_sessions_show_the_same_user(ctx: Context) -> None:
    """A session that is opened after its user changed shows the user that an earlier one does."""
    user = ctx.user()
    first = await open_user(ctx, user)
    before = await known_user(first)
    await update_user(first, username=unique(ctx, "name"))
    earlier = await user_slice(first)
    for events in (False, True):
        later = await open_user(ctx, user, events=events)
        told = await user_slice(later)
        _same(ctx, later, earlier.get("user"), told.get("user"), "user")
    await restore_user(first, before)


def _same(ctx: Context, later: Session, earlier: object, seen: object, what: str) -> None:
    why = f"{what} {carrier(later)} that was opened later"
    ctx.equal("STATE-013", earlier, seen, on=later.stream[-1:], why=why)
