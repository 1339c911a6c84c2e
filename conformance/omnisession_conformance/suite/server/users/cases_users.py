"""USER: whom the kind `user` shows, and what an update of the own user changes, where, and where not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NoRoom
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.model.limits import bound_of
from omnisession_conformance.protocol.model.order import misplacement_in
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.meeting import meet
from omnisession_conformance.roles.server.steps.sending import told_to
from omnisession_conformance.roles.server.steps.users import (
    KIND,
    UPDATES,
    has_no_user,
    known_user,
    last_slice,
    open_user,
    other_kinds,
    restore_user,
    update_user,
    user_in,
    user_slice,
)
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.users import Entry
    from omnisession_conformance.traffic.record import Record

SCATTERED = [
    *["zeta", "post_edit_any", "Beta", "\uff21", "\U0001f600", "émile", "_", "a", "B", "a"],
    *["p10", "p2", "10", "9", "-1", "01", "a b", "a-b", "aB"],
]
"""Permissions in no order, one twice; how they sort tells code points from UTF-16, locales, numbers."""


def email(ctx: Context) -> str:
    """An email that nobody else has."""
    return ctx.draws.email()


# -- USER-001 ---------------------------------------------------------------------------------------


async def _shows_itself(
    ctx: Context, session: Session, state: Record, slice_: Entry, why: str
) -> None:
    user = session.user
    shown = slice_.get("user")
    if shown is not None or not await has_no_user(session):
        told = as_object(shown)
        ctx.equal("USER-001", user.id, told.get("id"), on=state, pointer="/data/user/id", why=why)
    permissions: list[Any] = slice_["permissions"]
    wrong = misplacement_in(KIND, "permissions", permissions)
    missing = sorted(set(user.permissions) - set(permissions))
    ctx.check(
        "USER-001",
        wrong is None and not missing,
        expected=f"permissions by code point, each once, {', '.join(user.permissions)} among them"
        if user.permissions
        else "permissions by code point, each once",
        seen=permissions,
        on=state,
        pointer="/data/permissions",
        why=why,
    )


@case("USER-001", needs=(KIND, "role:editor"))
async def user_is_that_of_the_session(ctx: Context) -> None:
    """Sessions of two users, opened in turn and asked again, each show their own user and its rights."""
    one, two = ctx.user(), ctx.user("editor")
    for events in (False, True):
        for user in (one, two):
            session = await open_user(ctx, user, events=events)
            await _shows_itself(ctx, session, *last_slice(session), "in the first state")
    for session in list(ctx.sessions):
        await session.sync()
        why = "in a sync, after sessions of another user were opened"
        await _shows_itself(ctx, session, *last_slice(session), why)


@case("USER-001", needs=(KIND, "fixture:mint"))
async def permissions_are_sorted(ctx: Context) -> None:
    """A token with permissions in no order opens a session that shows them by code point, each once."""
    user = ctx.user()
    claims = {"sub": user.id, "perm": SCATTERED, "name": user.username, "email": user.email}
    token = ctx.fixture.sign(claims)
    for features in ((), ("events",)):
        session = ctx.session(user)
        answer = await session.open(kinds=[KIND], features=features, token=token)
        start = answer.position_or_stop("session.opened")
        await session.sync()
        for state in session.states(KIND):
            listed: Any = state.payload.get("permissions")
            wrong = misplacement_in(KIND, "permissions", listed)
            ctx.check(
                "USER-001",
                wrong is None,
                expected="permissions by code point, each once",
                seen=listed,
                on=state,
                pointer="/data/permissions",
                why=f"opened with the permissions {SCATTERED} at {start}",
            )


# -- USER-004 ---------------------------------------------------------------------------------------


@case("USER-004", needs=UPDATES)
async def update_reaches_all_sessions_of_the_user(ctx: Context) -> None:
    """Name and email, alone and together, change in all the user's sessions, whichever session acts."""
    user, other = ctx.user(), ctx.user()
    sessions = [await open_user(ctx, user, events=events) for events in (False, True, False)]
    actors = [*sessions[:2], await ctx.open(user, kinds=other_kinds(ctx))]
    stranger = await open_user(ctx, other)
    theirs = await user_in(stranger)
    first = before = await known_user(sessions[0])
    steps: list[Entry] = [
        {"username": unique(ctx, 'name <é> & "ß" \u2028 \U0001f600')},
        {"email": email(ctx)},
        {"username": unique(ctx, "name"), "email": email(ctx)},
        {"username": unique(ctx, "name"), "x_unknown": 1, "id": other.id},
    ]
    for step, changes in enumerate(steps):
        acting = actors[step % len(actors)]
        await update_user(acting, **changes)
        named = {name: value for name, value in changes.items() if name in ("username", "email")}
        before = {**before, **named}
        for session in (*sessions, *([await open_user(ctx, user)] if step in (2, 3) else [])):
            told = await user_in(session)
            seen = {name: told.get(name) for name in before}
            where = "the acting session" if session is acting else "another session"
            why = f"after an update of {', '.join(changes)}, in {where} of the user"
            ctx.equal("USER-004", before, seen, on=session.stream[-1:], why=why)
    back = {name: first[name] for name in ("username", "email") if name in first}
    for what, changes in (
        ("to an email that differs in case", {"email": str(before["email"]).swapcase()}),
        ("back to what it was at first", back),
    ):
        answer = await sessions[1].act("user.update", {"changes": changes})
        # A server may have a rule for such emails, and for names that were given up.
        for session in sessions if answer.acked else ():
            told = await user_in(session)
            seen, on = {name: told.get(name) for name in changes}, session.stream[-1:]
            ctx.equal("USER-004", changes, seen, on=on, why=f"after an update {what}")
    ctx.equal("USER-004", theirs, await user_in(stranger), why="what another user sees of itself")
    await restore_user(sessions[0], first)


async def _participant(session: Session, user: User) -> Entry:
    """How a session shows a participant at a fence; NoRoom where a full list may lack it."""
    slice_ = session.slice("chat", upto=await session.fence())
    participants: list[Entry] = slice_.get("participants") or []
    found = next((entry for entry in participants if entry.get("id") == user.id), None)
    bound = bound_of("chat", "participants", session.limits)
    if found is None and bound is not None and len(participants) >= bound:
        raise NoRoom(f"the list of participants was at its limit and may have lost {user.id}")
    return found or {}


@case("USER-004", "USER-002", needs=(*UPDATES, "chat"))
async def update_reaches_the_chat(ctx: Context) -> None:
    """A new username is shown among the participants to everybody, and the new email to nobody else."""
    user, other, begin = ctx.user(), ctx.user(), ctx.log.mark()
    sessions = [
        await ctx.open(who, kinds=["user", "chat"], features=features)
        for who, features in ((user, []), (user, ["events"]), (other, []), (other, ["events"]))
    ]
    emails = [user.email] if user.email else []
    first = await known_user(sessions[0])
    for acting in sessions[:2]:
        name, address = unique(ctx, "name"), email(ctx)
        emails.append(address)
        await update_user(acting, username=name, email=address)
        late = await ctx.open(other, kinds=["chat"])
        await meet(ctx, *sessions, late)
        for session in (*sessions, late):
            seen = (await _participant(session, user)).get("username")
            whose = "of the user" if session.user is user else "of another user"
            why = f"the participant after an update of its name, in a session {whose}"
            ctx.equal("USER-004", name, seen, on=session.stream[-1:], why=why)
        for session in sessions[:2]:
            told = (await user_in(session)).get("email")
            ctx.equal("USER-004", address, told, on=session.stream[-1:], why="the new email")
        await late.close()
        late.leave_open = True
    leaks = _leaks(ctx, begin, emails, user)
    _none_of(ctx, "USER-002", leaks, "emails")
    await restore_user(sessions[0], first)


def _leaks(ctx: Context, begin: int, emails: list[str], user: User) -> list[Record]:
    """What came since a mark with one of a user's emails in it, and is not the user's own slice."""
    texts = [text.encode() for text in emails]
    return [
        record
        for record in ctx.log.since(begin)
        if record.party is Party.TARGET
        and any(text in record.data for text in texts)
        and not _own_slice(record, user)
    ]


def _own_slice(record: Record, user: User) -> bool:
    """Whether a message is a state or event of the kind user to the user itself."""
    if record.address.user != user.id:
        return False
    if record.address.family == "state":
        return record.payload.get("type") == KIND
    return record.address.family == "events" and record.type.startswith("user.")


def _none_of(ctx: Context, requirement: str, leaks: list[Record], what: str) -> None:
    ctx.check(
        requirement,
        not leaks,
        expected=f"no {what}",
        seen=[f"{r.type} on {r.subject}" for r in leaks[:5]] or "none",
        on=leaks[:5],
    )


# -- USER-002 and USER-005 ------------------------------------------------------------------------------


@case("USER-002", needs=UPDATES)
async def new_email_is_told_to_its_owner_only(ctx: Context) -> None:
    """Emails that a user gives itself, taken or refused, come to no other user and in no answer."""
    user, other, begin = ctx.user(), ctx.user(), ctx.log.mark()
    kinds = [kind for kind in ctx.declared.kinds if kind != "chat"]
    for who in (user, other):
        for features in ([], ["events"]):
            await ctx.open(who, kinds=kinds, features=features)
    mine, theirs = ctx.sessions[:2], ctx.sessions[2:]
    first = [(session, await known_user(session)) for session in (mine[0], theirs[0])]
    emails = [email(ctx) for _ in range(3)]
    await update_user(mine[0], email=emails[0])
    await update_user(mine[1], email=emails[1], username=unique(ctx, "name"))
    await mine[0].act("user.update", {"changes": {"email": emails[2], "username": 5}})
    # Another user may ask for the same email: what it is told must be its own.
    await update_user(theirs[0], username=unique(ctx, "name"))
    for session in (*ctx.sessions, await ctx.open(other, kinds=kinds)):
        await session.sync()
        await session.fence()
    shown = {(await user_in(session)).get("email") for session in mine}
    ctx.require(shown == {emails[1]}, "the new email is not shown to its owner")
    leaks = _leaks(ctx, begin, emails, user)
    _none_of(ctx, "USER-002", leaks, "email but in its owner's own user slice and user events")
    for session, before in first:
        await restore_user(session, before)


@case("USER-005", needs=UPDATES)
async def unknown_members_are_not_shown(ctx: Context) -> None:
    """A password and other unknown members, in updates that are taken and refused, never come back."""
    user = ctx.user()
    sessions = [await open_user(ctx, user, events=events) for events in (False, True)]
    first, before = await known_user(sessions[0]), await user_slice(sessions[0])
    secret, name = unique(ctx, "password"), unique(ctx, "x_member").replace("-", "_")
    unknown: Entry = {
        "password": secret,
        name: unique(ctx, "value"),
        "x_list": [unique(ctx, "item")],
        "permissions": [unique(ctx, "permission"), "post_edit_any"],
    }
    texts = [secret, name, unknown[name], *unknown["x_list"], unknown["permissions"][0]]
    username = unique(ctx, "name")
    for acting, changes in (
        (sessions[0], {"username": username, **unknown}),
        (sessions[1], unknown),
        (sessions[0], {"username": 5, **unknown}),
        (sessions[1], {"email": None, **unknown}),
    ):
        await acting.act("user.update", {"changes": changes})
    for session in (*sessions, await open_user(ctx, user), await open_user(ctx, user, events=True)):
        await session.sync()
        slice_ = await user_slice(session)
        ctx.equal("USER-005", before["permissions"], slice_["permissions"], why="the permissions")
    told = await user_in(sessions[0])
    ctx.require(told.get("username") == username, "the update with unknown members is not shown")
    leaks = [r for r in told_to(ctx, user) if any(text.encode() in r.data for text in texts)]
    _none_of(ctx, "USER-005", leaks, "member that the protocol does not name")
    await restore_user(sessions[0], first)
