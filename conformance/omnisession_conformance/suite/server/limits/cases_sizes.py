"""LIMIT: the largest bodies that a server can be brought to send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.limits import FLOORS
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    created_id,
    open_articles,
    slice_of,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.sending import (
    EDIT_START,
    Body,
    Posted,
    entries,
    feature,
    settle,
)
from omnisession_conformance.roles.server.steps.sizes import reachable, size, text_of

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

MOST_ENTRIES = 250
OTHER_MEMBERS = 512
"""Bytes for an article's ids, author and empty members, and for numbers that are written later."""
SHARES = {"articles": (0.522, OTHER_MEMBERS), "revisions": (0.175, 614)}
"""By list: the part of a state that it may take, and what each entry has beside a title, in bytes."""
LARGEST = {"title": 4_096, "content": 262_144}
"""In bytes, of a server that advertises more: twice the defaults, so that no broker is filled up."""
SMALLEST = 64
LAST = 2
"""Of each list so many entries come last, to a session that looks on."""
AT_A_TIME = 20
DEAR = "<\U0001f3d4>&é"
"""Text that grows where a server escapes more than it needs to."""


@case(
    "STATE-012",
    "LIMIT-001",
    needs=takes("create", "update", "delete", "select"),
    phase=Phase.LOUD,
    limit_ms=60_000,
)
async def full_lists_stay_in_their_limits(ctx: Context) -> None:
    """One largest article and one revision too many are cut off, and no body breaks a limit."""
    user = ctx.user()
    acting = await ctx.open(user, kinds=_acting_kinds(ctx), features=["events"])
    watched, ids, first = await _fill(ctx, acting)
    await watched.fence()
    # What breaks a limit by far is never delivered: it is looked for before the largest state.
    _within_limits(ctx, watched)
    await watched.sync()
    plain = await open_articles(ctx, user)
    await plain.apply("article.select", {"article_id": first})
    await plain.fence()
    for session in (watched, plain):
        _cut(ctx, session, ids)
        _within_limits(ctx, session)
    for session in {watched.id: watched, plain.id: plain}.values():
        if session is not acting:
            await session.close()
            session.leave_open = True


def _acting_kinds(ctx: Context) -> list[str]:
    """A kind whose states do not grow with each article, where there is one."""
    others = [kind for kind in ctx.declared.kinds if kind not in (KIND, "chat")]
    return [others[0] if others else KIND]


async def _fill(ctx: Context, acting: Session) -> tuple[Session, list[str], str]:
    """Make one article more than the limit, and of one of them one revision more.

    Returns the session that is told of the last ones, the ids by their order, and the one with the
    revisions. A server may tell each change by a state of all that is there, so that no session looks
    on until the end.
    """
    # A server that publishes the whole list for each article is spared the largest ones.
    cheap = KIND not in acting.kinds or feature(acting, "events")
    title = await _largest(ctx, acting, "title", _room_for_title(ctx)) if cheap else "t"
    content = await _largest(ctx, acting, "content", ctx.declared.limit("article_content"))
    count = _fitting(ctx, "articles", title) + 1
    # A server may refuse a slug that another article has.
    slugs = [ctx.draws.slug() for _ in range(count)]
    creates = [("article.create", {"title": title, "slug": slug}) for slug in slugs]
    changes = [{"content": content}, *[{"title": title}] * _fitting(ctx, "revisions", title)]
    ids = await _make(ctx, acting, creates[:-LAST])
    first = min(ids)
    await _update(acting, first, changes[:-LAST])
    watched = acting if KIND in acting.kinds else await open_articles(ctx, acting.user, events=True)
    await watched.apply("article.select", {"article_id": first})
    ids += await _make(ctx, acting, creates[-LAST:])
    await _update(acting, first, changes[-LAST:])
    return watched, sorted(ids), first


async def _make(ctx: Context, acting: Session, creates: list[tuple[str, Body]]) -> list[str]:
    """Make articles, and edit each of them."""
    ids = [created_id(ack) for ack in await _all(acting, creates)]
    if EDIT_START in ctx.declared.actions:
        await _all(acting, [(EDIT_START, {"article_id": id_}) for id_ in ids])
    return ids


async def _update(acting: Session, article_id: str, steps: list[Body]) -> None:
    data = [{"article_id": article_id, "changes": changes} for changes in steps]
    await _all(acting, [("article.update", one) for one in data])


def _fitting(ctx: Context, name: str, title: str) -> int:
    """How many entries of a list are filled in: all of it, unless it has more than its share of a state."""
    limit, (share, other) = ctx.declared.limit(name), SHARES[name]
    state = reachable(ctx.publisher, ctx.declared.limit("state"))
    room = int(share * state) // (size(title) + other)
    return min(limit, MOST_ENTRIES, max(FLOORS[name], room))


def _room_for_title(ctx: Context) -> int:
    """Bytes that a title may have, beside the other members of an article with a long name and id."""
    return ctx.declared.limit("article_rest") - OTHER_MEMBERS


async def _largest(ctx: Context, session: Session, member: str, bytes_: int) -> str:
    """The longest text that a server takes for a member; it may have rules of its own for it."""
    slug = ctx.draws.slug()
    made = await session.apply("article.create", {"title": unique(ctx, "t"), "slug": slug})
    article_id = created_id(made)
    bytes_ = min(bytes_, LARGEST[member], reachable(session.publisher, bytes_))
    while bytes_ > SMALLEST:
        text = text_of(DEAR, bytes_)
        data = {"article_id": article_id, "changes": {member: text}}
        if (await session.act("article.update", data)).acked:
            await session.apply("article.delete", {"article_id": article_id})
            return text
        bytes_ //= 2
    raise Prerequisite(f"no long {member} is taken")


async def _all(session: Session, actions: list[tuple[str, dict[str, Any]]]) -> list[Answer]:
    """Have actions acked, a few at a time: a server may publish large states for each of them."""
    acks: list[Answer] = []
    for at in range(0, len(actions), AT_A_TIME):
        part = actions[at : at + AT_A_TIME]
        acks += await settle(session, [Posted(session.action_body(*action)) for action in part])
    if refused := [str(ack) for ack in acks if not ack.acked]:
        raise Prerequisite(f"an action that was to fill a list was refused: {refused[0]}")
    return acks


def _cut(ctx: Context, session: Session, ids: list[str]) -> None:
    """Observe the length of lists, and that drafts are cut at the end of their order."""
    states = session.states(KIND)
    ctx.require(states != [], "no state of articles has come")
    state = states[-1]
    slice_ = slice_of(state)
    for name in ("articles", "revisions", "editors"):
        count, limit = len(entries(slice_, name)), ctx.declared.limit(name)
        ctx.check(
            "STATE-012",
            count <= limit,
            expected=f"at most {limit} entries",
            seen=f"{count} entries",
            on=state,
            pointer=f"/data/{name}",
            why=f"a state of an author with {len(ids)} drafts and more revisions than the limit",
        )
    # Drafts stand before everything that others have published.
    seen = {str(entry.get("id")) for entry in entries(slice_, "articles")}
    limit = ctx.declared.limit("articles")
    lost = [id_ for id_ in ids[:limit] if id_ not in seen]
    ctx.equal("STATE-012", [], lost[:3], on=state, why="drafts that stand first and are not shown")


def _within_limits(ctx: Context, session: Session) -> None:
    """Observe the sizes of all that a session was told; the largest of each family is shown."""
    largest: dict[str, Record] = {}
    for record in (*session.stream, *session.pushes):
        family = "event" if record.address.family == "events" else "state"
        if family not in largest or len(record.data) > len(largest[family].data):
            largest[family] = record
    for family, record in largest.items():
        limit = ctx.declared.limit(family)
        ctx.check(
            "LIMIT-001",
            len(record.data) <= limit,
            expected=f"at most {limit} bytes",
            seen=f"{len(record.data)} bytes",
            on=record,
            why=f"the largest {family} of a session with as much in it as the limits allow",
        )
