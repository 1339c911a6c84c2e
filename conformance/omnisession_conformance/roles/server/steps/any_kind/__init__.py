"""Steps of cases that need some kind, and no certain one: those of the core, which hold for every kind.

Such a case names what it does in `needs` (`CHANGES`, `CREATES`, `ALTERS`, `SHARES`) and takes the kinds
of the target that can do it: one of them, drawn by the seed of the run, or each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.stops import NoRoom, Prerequisite
from omnisession_conformance.protocol.kinds.abilities import ALTER, CHANGE, CREATE, SHARE
from omnisession_conformance.roles.server.steps import lists
from omnisession_conformance.roles.server.steps.any_kind.articles import ANY_ARTICLES
from omnisession_conformance.roles.server.steps.any_kind.chat import ANY_CHAT
from omnisession_conformance.roles.server.steps.any_kind.kind import AnyKind, Change, Deed
from omnisession_conformance.roles.server.steps.any_kind.url import ANY_URL
from omnisession_conformance.roles.server.steps.any_kind.user import ANY_USER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

__all__ = [
    "ADAPTERS",
    "ALTER",
    "ALTERS",
    "CHANGE",
    "CHANGES",
    "CREATES",
    "SHARES",
    "AnyKind",
    "Change",
    "Deed",
    "alter",
    "change",
    "each_kind",
    "ever_full",
    "made_id",
    "one_kind",
    "open_any",
    "open_any_watchers",
    "room_or_stop",
    "share",
    "shows_times",
    "view_of",
]

CHANGES = (f"able:{CHANGE}",)
"""The needs of a case that changes something, by an action that needs nothing."""
CREATES = (f"able:{CREATE}",)
"""The needs of a case that makes something, whose id the ack tells."""
ALTERS = (f"able:{ALTER}",)
"""The needs of a case that changes one thing again and again."""
SHARES = (f"able:{SHARE}",)
"""The needs of a case that changes what another user is shown."""
ADAPTERS: Mapping[str, AnyKind] = {
    kind.name: kind for kind in (ANY_ARTICLES, ANY_CHAT, ANY_URL, ANY_USER)
}
_SHARED_LAST = sorted(ADAPTERS.values(), key=lambda kind: kind.everybody)


# -- which kind ------------------------------------------------------------------------------------


def each_kind(ctx: Context, ability: str = CHANGE) -> Sequence[AnyKind]:
    """The kinds of the target that can do something, those that everybody is shown last.

    Raises Prerequisite where the limits of all of them leave no room, which is a fault of its own.
    """
    cramped = ctx.declared.cramped()
    able = ctx.declared.able_kinds(ability)
    found = [kind for kind in _SHARED_LAST if kind.name in able and kind.name not in cramped]
    if not found:
        raise Prerequisite("; ".join(cramped[kind] for kind in able))
    return found


def one_kind(ctx: Context, ability: str = CHANGE) -> AnyKind:
    """A kind of the target that can do something: which one, the seed of the run decides.

    One in which things are made, and that not everybody is shown, where other cases are in the way; of
    others only where there is none such.
    """
    found = each_kind(ctx, ability)
    own = [kind for kind in found if not kind.everybody] or found
    made = [kind for kind in own if kind.id_member is not None] or own
    return ctx.draws.rng("kind", ctx.case.name).choice(made)


# -- sessions --------------------------------------------------------------------------------------


async def open_any(
    ctx: Context,
    user: User,
    kind: AnyKind,
    *,
    events: bool = False,
    timers: Mapping[str, int] | None = None,
) -> Session:
    """Open a session with one kind; one with `events` gets states where these are not served."""
    features = ["events"] if events else []
    session = await ctx.open(user, kinds=[kind.name], features=features, timers=timers)
    await kind.begins(ctx, session)
    return session


async def open_any_watchers(ctx: Context, user: User, kind: AnyKind) -> list[Session]:
    """Open a session of a user without and one with `events`."""
    return [await open_any(ctx, user, kind, events=events) for events in (False, True)]


# -- deeds -----------------------------------------------------------------------------------------


def made_id(kind: AnyKind, ack: Answer) -> str:
    """The id that an ack names of what was made, "" in a kind that makes nothing; else Prerequisite."""
    if kind.id_member is None:
        return ""
    id_ = ack.result.get(kind.id_member)
    if not isinstance(id_, str) or not id_:
        raise Prerequisite(f"the ack does not name what was made in result.{kind.id_member}")
    return id_


async def change(ctx: Context, session: Session, kind: AnyKind) -> Change:
    """Make a change that the session's own user is shown, as a step that a case needs."""
    await kind.begins(ctx, session)
    deed = kind.new(ctx)
    ack = await session.apply(deed.type, deed.data)
    return Change(deed, made_id(kind, ack), ack)


async def alter(ctx: Context, session: Session, done: Change) -> Change:
    """Change again what was changed before, as a step that a case needs."""
    deed = done.deed.kind.again(ctx, done.id)
    ack = await session.apply(deed.type, deed.data)
    return Change(deed, done.id, ack)


async def share(ctx: Context, session: Session, kind: AnyKind) -> Change:
    """Make a change that other users are shown, in a kind that can; as a step that a case needs."""
    done = await change(ctx, session, kind)
    if kind is ANY_ARTICLES:
        await session.apply("article.publish", {"article_id": done.id})
    return done


# -- looking ---------------------------------------------------------------------------------------


async def view_of(session: Session, kind: AnyKind) -> dict[str, Any]:
    """The slice of a kind at a fence that is made now."""
    return session.slice(kind.name, upto=await session.fence())


def ever_full(session: Session, kind: AnyKind) -> bool:
    """Whether the list of a kind was at its limit at any time: an entry may be missing for good."""
    return kind.list is not None and lists.ever_full(session, kind.name, kind.list)


def room_or_stop(session: Session, kind: AnyKind) -> None:
    """Stop where what a session should show, and does not, may have been cut off its list."""
    if ever_full(session, kind):
        raise NoRoom(f"the list of {kind.list} was at its limit and may have lost some")


async def shows_times(
    ctx: Context, requirement: str, session: Session, deed: Deed, why: str, count: int = 1
) -> bool:
    """Observe how often a session shows a deed now."""
    shown = deed.times(await view_of(session, deed.kind))
    if shown < count:
        room_or_stop(session, deed.kind)
    what = f"times that {deed.kind.name} show {deed.marker}, {why}"
    return ctx.equal(requirement, count, shown, on=session.stream[-1:], why=what)
