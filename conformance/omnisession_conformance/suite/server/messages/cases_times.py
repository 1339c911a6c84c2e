"""ENV: times that changes of messages, urls and sessions set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import edit, open_room, say, takes_chat
from omnisession_conformance.roles.server.steps.timers import DAY_MS, MINUTE_MS
from omnisession_conformance.roles.server.steps.urls import create_url, open_urls, takes_url, url_in
from omnisession_conformance.roles.server.steps.users import KIND, open_user, user_slice

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.users import Entry


def _now(ctx: Context, session: Session, entry: Entry, *names: str) -> None:
    """Observe that times which a change has set just now are those of the message that told it."""
    record = session.stream[-1]
    told = record.integer("timestamp") or 0
    for name in names:
        seen: Any = entry.get(name, "no member")
        good = type(seen) is int and abs(seen - record.at_ms) <= DAY_MS
        ctx.check(
            "ENV-003",
            good and abs(seen - told) <= MINUTE_MS,
            expected=f"milliseconds since the Unix epoch, near {told} and {record.at_ms}",
            seen=seen,
            on=record,
            why=name,
        )


@case("ENV-003", needs=takes_chat("send", "edit"))
async def times_of_messages_are_milliseconds(ctx: Context) -> None:
    """Times that a message gets when it is sent and edited are those of the bodies that tell it."""
    room = await open_room(ctx, ctx.user())
    id_ = await say(room.sessions[0], unique(ctx, "message"))
    await edit(room.sessions[0], id_, unique(ctx, "edited"))
    for session, told in await room.each([id_]):
        ctx.require(bool(told), "a message that was sent is not shown")
        _now(ctx, session, told[0], "sent_at", "edited_at")


@case("ENV-003", needs=takes_url("create"))
async def times_of_urls_are_milliseconds(ctx: Context) -> None:
    """Times that a url gets when it is made are those of the bodies that tell it."""
    session = await open_urls(ctx, ctx.user())
    url = await url_in(session, await create_url(ctx, session))
    ctx.require(url is not None, "a url that was created is not shown")
    _now(ctx, session, url or {}, "created_at", "updated_at")


@case("ENV-003", needs=(KIND,))
async def times_of_sessions_are_milliseconds(ctx: Context) -> None:
    """The time that a session was opened at is that of the bodies that tell it."""
    session = await open_user(ctx, ctx.user())
    entries: list[Entry] = (await user_slice(session)).get("sessions") or []
    own = [entry for entry in entries if entry.get("session_id") == session.id]
    ctx.require(bool(own), "a session does not show itself")
    _now(ctx, session, own[0], "opened_at")
