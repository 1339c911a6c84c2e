"""ORDER: which actions a position counts, and from which message on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_object, objects
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    change,
    one_kind,
    open_any_watchers,
)
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    find,
    open_articles,
    select,
    slice_of,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.chat import KIND as CHAT
from omnisession_conformance.roles.server.steps.control import told_positions
from omnisession_conformance.roles.server.steps.sending import noops
from omnisession_conformance.roles.server.steps.users import KIND as USER
from omnisession_conformance.roles.server.steps.users import (
    UPDATES,
    known_user,
    restore_user,
    update_user,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record


@case("ORDER-005", needs=CHANGES)
async def each_session_counts_its_own_actions(ctx: Context) -> None:
    """Six actions of one session and three of another are counted apart, and never uncounted."""
    user, kind = ctx.user(), one_kind(ctx)
    first, second = await open_any_watchers(ctx, user, kind)
    third = await ctx.open(user, kinds=[kind.name])
    for acting in (first, first, second, first, first, second, first):
        await change(ctx, acting, kind)
    for session in (first, second):
        # What has no effect is counted by no message of the stream.
        await noops(session, 1)
    for session, count in ((first, 6), (second, 3)):
        told = {"a pong": await session.fence()}
        told["syncing"] = (await session.sync()).position_or_stop("session.syncing")
        head = await session.fence()
        answer = await session.resume(head.epoch, head.seq)
        told["resumed"] = answer.position_or_stop("session.resumed")
        again = await session.ask("session.open", session.open_data(kinds=[kind.name]))
        told["opened again"] = again.position_or_stop("session.opened")
        told["the last pong"] = await session.fence()
        for name, position in told.items():
            seen = position.last_action_seq
            ctx.equal("ORDER-005", count, seen, on=session.stream[-1:], why=f"told in {name}")
        for records in (told_positions(session.stream), told_positions(session.pushes)):
            falls = [
                record
                for (_, before), (record, now) in pairwise(records)
                if now.last_action_seq < before.last_action_seq
            ]
            ctx.equal("ORDER-005", 0, len(falls), on=falls, why="times that last_action_seq fell")
        ctx.equal("ORDER-005", count, told_positions(session.stream)[-1][1].last_action_seq)
    for session in (first, second):
        await noops(session, 1)
    # What is told next, and nobody has asked for, counts it all the same.
    await change(ctx, third, kind)
    for session, count in ((first, 7), (second, 4)):
        await session.fence()
        seen = told_positions(session.stream)[-1][1].last_action_seq
        why = "told of another session's change"
        ctx.equal("ORDER-005", count, seen, on=session.stream[-1:], why=why)


def _counts(ctx: Context, session: Session, ack: Answer, last: Record, number: int) -> None:
    """Check that an action counts from its last effect on, and from no earlier message."""
    position = ack.position_or_stop("action.ack")
    at = Position.of(last.body)
    if at is None:
        return
    early = [
        r
        for r in session.stream
        if (p := Position.of(r.body)) is not None
        and p.head < at.head
        and p.last_action_seq >= number
    ]
    ctx.equal(
        "ORDER-006", 0, len(early), on=early, why="messages before the last effect that count"
    )
    # A server may publish a further state before the ack, and count from there.
    told = [p for r in session.stream if (p := Position.of(r.body)) and p.head == position.head]
    counted = bool(told) and told[0].last_action_seq >= number
    ctx.check(
        "ORDER-006",
        counted,
        expected=f"last_action_seq {number} in the message at {position}, the last effect",
        seen=told[0] if told else "no message there",
        on=(last, ack),
        pointer="/last_action_seq",
    )


@case("ORDER-006", needs=("events", *takes("create", "update", "select", "publish", "edit_start")))
async def actions_count_from_their_last_event(ctx: Context) -> None:
    """Of an action's events only the last counts it, however many there are."""
    session = await open_articles(ctx, ctx.user(), events=True)
    article_id = await create_article(session)
    await select(session, article_id)
    for type_, data in (
        ("article.update", {"changes": {"title": "New"}}),
        ("article.edit_start", {}),
        ("article.publish", {}),
    ):
        number = session.next_seq
        ack = await session.apply(type_, {"article_id": article_id, **data})
        await session.reach(ack.position_or_stop("action.ack"))
        caused = [r for r in session.events() if _cause_id(r) == ack.data.get("action_id")]
        ctx.require(bool(caused), f"{type_} made no event in its own session")
        _counts(ctx, session, ack, caused[-1], number)


def _cause_id(record: Record) -> object:
    return as_object((record.body or {}).get("cause")).get("action_id")


@case("ORDER-006", needs=takes("create", "update"))
async def actions_count_from_their_state(ctx: Context) -> None:
    """No state before the one that shows an action counts it, and that at the ack does."""
    user = ctx.user()
    session, other = await open_articles(ctx, user), await open_articles(ctx, user)
    article_id = await create_article(session)
    for _ in range(3):
        # Another session's change may be held back, and be told in between.
        await update(other, article_id, title=unique(ctx, "title"))
        title, number = unique(ctx, "title"), session.next_seq
        ack = await update(session, article_id, title=title)
        await session.reach(ack.position_or_stop("action.ack"))
        shown = next(
            (
                r
                for r in session.states(KIND)
                if (find(slice_of(r), article_id) or {}).get("title") == title
            ),
            None,
        )
        ctx.require(shown is not None, "an update was not in a state by its ack")
        if shown is not None:
            _counts(ctx, session, ack, shown, number)


@case("ORDER-006", needs=(*UPDATES, CHAT))
async def actions_count_from_their_last_kind(ctx: Context) -> None:
    """Of the states of two kinds that tell a new name only the last one counts its action."""
    session = await ctx.open(ctx.user(), kinds=[USER, CHAT])
    before = await known_user(session)
    for kinds in ((USER, CHAT), (CHAT, USER)):
        session = await ctx.open(session.user, kinds=kinds)
        name, number = unique(ctx, "name"), session.next_seq
        ack = await update_user(session, username=name)
        await session.reach(ack.position_or_stop("action.ack"))
        told = [next((r for r in session.states(k) if _names(r, name)), None) for k in kinds]
        shown = [record for record in told if record is not None]
        ctx.require(len(shown) == len(kinds), "a new name was not in a state of each kind")
        _counts(ctx, session, ack, max(shown, key=lambda r: r.n), number)
    await restore_user(session, before)


def _names(state: Record, name: str) -> bool:
    """Whether a state of a user, or of who is in the room, has a name in it."""
    shown = [as_object(state.payload.get("user")), *objects(state.payload.get("participants"))]
    return any(entry.get("username") == name for entry in shown)
