"""CHAT: several users who type, and several of one name: each is there, and types, by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.bounds import BOUND_MS
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.chat import (
    KIND,
    LONG_MS,
    delete,
    edit,
    end,
    open_both,
    open_chat,
    open_elsewhere,
    quiet_or_stop,
    say,
    takes_chat,
    text,
    type_,
    typists,
    view,
)
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.roles.server.steps.timers import EXPIRY_LATE_MS, MS, SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

SEEN = {**SHORT, "resume_window_ms": BOUND_MS + 500}
"""A window in which whoever comes is shown to the others."""


async def _types(
    ctx: Context, sessions: Sequence[Session], users: Sequence[User], wanted: User, since_ns: int
) -> None:
    """Observe that of some users one types, in live sessions and in one that is opened now."""
    later = await open_chat(ctx, sessions[0].user)
    for session in (*sessions, later):
        shown = [id_ for id_ in typists(await view(session)) if id_ in {u.id for u in users}]
        lasted = (ctx.log.records[-1].t_ns - since_ns) // MS
        ctx.in_time(lasted < LONG_MS, f"the kit itself took {lasted} ms to look who types")
        why = "who types of two users, after the end of what has nothing to do with it"
        ctx.equal("CHAT-012", [wanted.id], shown, on=session.stream[-1:], why=why)
    await end(ctx, later)


@case("CHAT-012", needs=takes_chat("send", "typing"))
async def typing_is_each_users_own(ctx: Context) -> None:
    """One user edits and deletes and goes on typing, while another begins, stops, sends, and leaves."""
    stays, goes = ctx.user(), ctx.user()
    watching = await open_both(ctx, ctx.user())
    typist, other = await open_chat(ctx, stays), await open_chat(ctx, goes, events=True)
    tidies = {"chat.edit", "chat.delete"} <= ctx.declared.actions
    said = await say(typist, text(ctx)) if tidies else ""
    since = ctx.log.records[-1].t_ns
    await type_(typist, ttl_ms=LONG_MS)
    for what in ("stops", "sends", "leaves"):
        if tidies and what == "stops":
            await edit(typist, said, text(ctx))
        if tidies and what == "sends":
            await delete(typist, said)
        await type_(other, ttl_ms=LONG_MS)
        if what == "sends":
            await say(other, text(ctx))
        if what == "leaves":
            await end(ctx, other)
        else:
            await type_(other, active=False)
        await _types(ctx, watching, [stays, goes], stays, since)
    for session in (*await open_elsewhere(ctx, stays), await open_chat(ctx, stays)):
        await end(ctx, session)
        await _types(ctx, watching, [stays, goes], stays, since)


@case("CHAT-011", "CHAT-012", needs=takes_chat("typing"), slow=True, limit_ms=9_000)
async def expiry_of_one_session_ends_nothing(ctx: Context) -> None:
    """Where one of two chat sessions of a user expires, the user is there and types all the same."""
    stays, goes = ctx.user(), ctx.user()
    watching = await open_both(ctx, ctx.user())
    mute = [await open_chat(ctx, user, timers=SEEN) for user in (stays, goes)]
    for session in mute:
        session.leave_open = True
    own = await open_chat(ctx, stays)
    # Who is not shown yet, or was cut off a full list, has not left.
    met = await meet(ctx, *watching, *mute)
    quiet_or_stop(*watching)
    ctx.require(met, "a user who came is not shown in its time")
    since = ctx.log.records[-1].t_ns
    await type_(own, ttl_ms=LONG_MS)
    within = ctx.within(SEEN["resume_window_ms"] + EXPIRY_LATE_MS + BOUND_MS)
    for session in watching:

        def left(session: Session = session) -> bool | None:
            return goes.id not in _ids(session.slice(KIND)) or None

        told = await session.wait(left, within)
        quiet_or_stop(session)
        ctx.require(told is not None, "a user whose only session was left alone is still there")
    # Whoever opened first was silent for longer.
    await _types(ctx, watching, [stays, goes], stays, since)
    await _are_there(ctx, watching, [stays, goes], [stays.id])


@case("CHAT-008", needs=takes_chat("typing"))
async def absent_users_do_not_type(ctx: Context) -> None:
    """Typing of a user without a chat session is acked and shown nowhere, now and when it has one."""
    user = ctx.user()
    sessions = await open_elsewhere(ctx, user)
    if not sessions:
        raise NotOffered("the server has no other kind, so who acts is always in the chat")
    elsewhere = sessions[0]
    watching = await open_both(ctx, ctx.user())
    await type_(elsewhere, ttl_ms=LONG_MS)
    for step in ("while it is absent", "after it came"):
        if step == "after it came":
            await open_chat(ctx, user)
        for session in (*watching, await open_chat(ctx, watching[0].user)):
            shown = [id_ for id_ in typists(await view(session)) if id_ == user.id]
            why = f"typing of a user without a chat session, {step}"
            ctx.equal("CHAT-008", [], shown, on=session.stream[-1:], why=why)


@case("CHAT-011", needs=(KIND, "fixture:mint"))
async def users_of_one_name_are_apart(ctx: Context) -> None:
    """Two users with the same name are two participants, and one that leaves leaves alone."""
    name, users = unique(ctx, "name"), [ctx.user(), ctx.user()]
    watching = await open_both(ctx, ctx.user())
    sessions: list[Session] = []
    for user in users:
        session = ctx.session(user)
        token = ctx.fixture.sign({"sub": user.id, "perm": [], "name": name})
        answer = await session.open(kinds=[KIND], token=token)
        answer.position_or_stop("session.opened")
        await session.fence()
        sessions.append(session)
    await meet(ctx, *watching, *sessions)
    await _are_there(ctx, watching, users, [user.id for user in users])
    await end(ctx, sessions[0])
    gone = users[0].id

    def left(session: Session) -> bool | None:
        return gone not in _ids(session.slice(KIND)) or None

    for session in watching:
        told = await session.wait(lambda session=session: left(session), ctx.within(BOUND_MS))
        ctx.require(told is not None, "a user who left is still there")
    await _are_there(ctx, watching, users, [users[1].id])


def _ids(slice_: dict[str, object]) -> list[object]:
    return [user.get("id") for user in entries(slice_, "participants")]


async def _are_there(
    ctx: Context, watching: Sequence[Session], users: Sequence[User], wanted: Sequence[str]
) -> None:
    for session in (*watching, await open_chat(ctx, watching[0].user)):
        shown = [id_ for id_ in _ids(await view(session)) if id_ in {user.id for user in users}]
        if len(shown) < len(wanted):
            quiet_or_stop(session)
        why = "who is there of some users"
        ctx.equal("CHAT-011", sorted(wanted), shown, on=session.stream[-1:], why=why)
