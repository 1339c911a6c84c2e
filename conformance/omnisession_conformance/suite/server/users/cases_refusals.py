"""USER: what later opens, refusals and copies do to a user: nothing, also for sessions opened later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import texts
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import entries
from omnisession_conformance.roles.server.steps.sizes import text_of
from omnisession_conformance.roles.server.steps.users import (
    KIND,
    UPDATES,
    Entry,
    known_user,
    open_user,
    restore_user,
    update_user,
    user_in,
)

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

MOST = 256
"""Bytes of a name or an email in their RFC 8785 form."""


async def _beside(ctx: Context, user: User) -> Session:
    """A session that shows the user, and what the chat shows of it where that is served."""
    kinds = [KIND, *(["chat"] if "chat" in ctx.declared.kinds else [])]
    return await ctx.open(user, kinds=kinds)


async def _unchanged(
    ctx: Context, requirement: str, session: Session, watcher: Session, before: Entry
) -> None:
    """Observe that a user is as it was, live and in a session opened now, and so is its participant."""
    later = await _beside(ctx, session.user)
    for one in (session, watcher, later):
        seen, on = await user_in(one), one.stream[-1:]
        where = "in a session opened later" if one is later else "in a live session"
        told = {name: seen.get(name) for name in before}
        ctx.equal(requirement, before, told, on=on, why=f"the user after refusals, {where}")
        if "chat" in one.kinds:
            people = entries(one.slice("chat"), "participants")
            names = [p.get("username") for p in people if p.get("id") == session.user.id]
            wanted = [before.get("username")] * len(names)
            ctx.equal(requirement, wanted, names, on=on, why=f"the participant, {where}")


@case("ACTION-016", "LIMIT-003", "ACTION-005", "ACTION-020", needs=UPDATES)
async def refused_updates_of_users_leave_nothing(ctx: Context) -> None:
    """Of updates that are invalid or too long, and of copies of an older one, nothing is seen later."""
    user = ctx.user()
    session, watcher = await open_user(ctx, user), await _beside(ctx, user)
    first = await known_user(session)
    older = session.action_body("user.update", {"changes": {"username": unique(ctx, "older")}})
    ctx.require((await session.needed_outcome_of(older)).acked, "user.update was not acked")
    await update_user(session, username=unique(ctx, "name"))
    before = await user_in(session)
    for half in ({"email": 5}, {"email": None}, {"email": [ctx.draws.email()]}):
        data = {"changes": {"username": unique(ctx, "wrong"), **half}}
        answer = await session.act("user.update", data)
        ctx.refused("ACTION-016", answer, 4001, why="an update with an email that is no text")
    await _unchanged(ctx, "ACTION-016", session, watcher, before)
    long: Entry = {"email": text_of("x", MOST - 10) + ctx.draws.email()}
    for changes in (
        {"username": unique(ctx, "wrong"), **long},
        {"username": text_of("x", MOST + 3)},
    ):
        answer = await session.act("user.update", {"changes": changes})
        # A server may have rules for names and emails, which come before sizes.
        ctx.refused("LIMIT-003", answer, 4130, 4220, why="a name or an email above 256 bytes")
    await _unchanged(ctx, "LIMIT-003", session, watcher, before)
    ctx.acked("ACTION-005", await session.outcome_of(older), status="duplicate", why="a copy")
    await _unchanged(ctx, "ACTION-005", session, watcher, before)
    ctx.acked("ACTION-020", await as_next(watcher, older), status="duplicate", why="elsewhere")
    await _unchanged(ctx, "ACTION-020", session, watcher, before)
    await restore_user(session, first)


# -- later opens -----------------------------------------------------------------------------------


@case("USER-006", needs=(KIND, "fixture:mint"))
async def later_opens_leave_the_user(ctx: Context) -> None:
    """A second session whose token has another name and email changes the user nowhere."""
    user = ctx.user()
    one = await _beside(ctx, user)
    events = await open_user(ctx, user, events=True)
    claims: Entry = {
        "sub": user.id,
        "perm": [],
        "name": unique(ctx, "name"),
        "email": ctx.draws.email(),
    }
    token = ctx.fixture.sign(claims)
    before = await known_user(one)
    for step in ("told by its first token", "updated since"):
        if step == "updated since":
            if "user.update" not in ctx.declared.actions:
                break
            await update_user(events, username=unique(ctx, "name"), email=ctx.draws.email())
            before = await user_in(one)
        for given in (token, user.token):
            two = ctx.session(user)
            answer = await two.open(kinds=list(one.kinds), token=given)
            answer.position_or_stop("session.opened")
            await two.fence()
            for session in (two, one, events):
                seen, on = await user_in(session), session.stream[-1:]
                told = {name: seen.get(name) for name in before}
                why = f"a user that was {step}, after an open with a token of another name"
                ctx.equal("USER-006", before, told, on=on, why=why)
                if "chat" in session.kinds:
                    people = entries(session.slice("chat"), "participants")
                    names = [p.get("username") for p in people if p.get("id") == user.id]
                    wanted = [before.get("username")] * len(names)
                    ctx.equal("USER-006", wanted, names, on=on, why=f"the participant, {why}")


@case("USER-001", needs=(KIND, "fixture:mint"))
async def permissions_are_shown_as_each_session_has_them(ctx: Context) -> None:
    """Sessions of a user that were opened with and without a permission show it or do not, each its own."""
    user, name = ctx.user("editor"), "post_edit_any"
    for order in ((True, False), (False, True)):
        sessions: list[tuple[Session, bool]] = []
        for holds in order:
            claims: Entry = {"sub": user.id, "perm": [name] * holds, "name": user.username}
            session = ctx.session(user)
            answer = await session.open(kinds=[KIND], token=ctx.fixture.sign(claims))
            answer.position_or_stop("session.opened")
            sessions.append((session, holds))
        for session, holds in sessions:
            await session.sync()
            shown = name in texts(session.slice(KIND).get("permissions"))
            why = f"{name} in permissions, opened {'with' if holds else 'without'} it"
            ctx.equal("USER-001", holds, shown, on=session.stream[-1:], why=why)
        for session, _ in sessions:
            await session.close()
            session.leave_open = True


@case("USER-004", needs=UPDATES)
async def updates_change_nobody_else(ctx: Context) -> None:
    """An update that names another user changes the acting one, as sessions of both show it later, too."""
    user, other = ctx.user(), ctx.user()
    mine, theirs = await open_user(ctx, user), await open_user(ctx, other, events=True)
    first, before = await known_user(mine), await known_user(theirs)
    name = unique(ctx, "name")
    named = {"user_id": other.id, "id": other.id}
    await mine.apply("user.update", {**named, "changes": {**named, "username": name}})
    for session in (theirs, await open_user(ctx, other)):
        seen, on = await user_in(session), session.stream[-1:]
        told = {member: seen.get(member) for member in before}
        ctx.equal("USER-004", before, told, on=on, why="a user whom another's update named")
    for session in (mine, await open_user(ctx, user)):
        seen = (await user_in(session)).get("username")
        ctx.equal("USER-004", name, seen, on=session.stream[-1:], why="the user who acted")
    await restore_user(mine, first)
