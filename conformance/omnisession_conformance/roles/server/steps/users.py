"""How cases look at a user, its permissions and its sessions, and how they change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import NotOffered, Prerequisite
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.protocol.model.fold import readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

KIND = "user"
UPDATES = (KIND, "action:user.update")
"""The needs of a case that changes a user."""
NOT_FOUND = 4040
Entry = dict[str, Any]


async def open_user(
    ctx: Context, user: User, *, events: bool = False, timers: Mapping[str, int] | None = None
) -> Session:
    """Open a session with the kind user; one with `events` gets states where these are not served."""
    return await ctx.open(user, kinds=[KIND], features=["events"] if events else [], timers=timers)


def other_kinds(ctx: Context) -> list[str]:
    """A kind that is not `user`, where the target serves one; rather not the shared chat room."""
    return [*ctx.declared.other_kinds(KIND)[:1]] or [KIND]


async def user_slice(session: Session) -> Entry:
    """The slice of the own user at a fence that is made now."""
    return session.slice(KIND, upto=await session.fence())


async def user_in(session: Session) -> Entry:
    """How a session shows its own user at a fence that is made now; empty where it shows none."""
    return as_object((await user_slice(session)).get("user"))


async def has_no_user(session: Session) -> bool:
    """Whether the target has no user for the session: it shows null and finds none to update."""
    if "user.update" not in session.declared.actions:
        return True
    return (await session.act("user.update", {"changes": {}})).code == NOT_FOUND


async def known_user(session: Session) -> Entry:
    """How a session shows its own user at a fence; NotOffered where the target has none for it."""
    shown = await user_in(session)
    if not shown and await has_no_user(session):
        raise NotOffered("the server has no user for the ids of the fixture; list users it has")
    if not shown:
        raise Prerequisite("the session shows no user")
    return shown


def last_slice(session: Session) -> tuple[Record, Entry]:
    """The last state of the kind user with what it shows; Prerequisite where there is none."""
    states = session.states(KIND)
    if not states:
        raise Prerequisite("a session was told no state of its user")
    return states[-1], readable(KIND, states[-1].payload)


async def update_user(session: Session, **changes: Any) -> Answer:
    """Change members of the acting user."""
    return await session.apply("user.update", {"changes": changes})


async def restore_user(session: Session, before: Entry) -> None:
    """Give a user its name and email back, where later cases or people may need them."""
    if not session.mints:
        changes = {name: before[name] for name in ("username", "email") if name in before}
        await session.act("user.update", {"changes": changes})
