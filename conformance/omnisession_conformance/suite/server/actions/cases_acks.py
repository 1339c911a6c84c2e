"""ACTION: what the positions of outcomes say, and where the effects of an action are by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import is_object
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_published,
    created_id,
    current,
    find,
    open_articles,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.sending import NOOP, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record


@case("ACTION-003", "ACTION-008")
async def ack_without_effect_tells_the_head(ctx: Context) -> None:
    """The ack of an action that changes nothing names its own session's head, not another's."""
    user = ctx.user()
    session, other = await ctx.open(user), await ctx.open(user)
    for _ in range(5):
        await other.sync()
    for _ in range(2):
        before = await session.fence()
        number = session.next_seq
        ack = await session.apply(NOOP)
        after = await session.fence()
        ctx.check(
            "ACTION-003",
            within(ack.position, before, after),
            expected=f"the head, {before}" + (f" to {after}" if after.head != before.head else ""),
            seen=ack.position,
            on=ack,
            pointer="/data/position",
            why=f"another session of the user stands at {other.head[0]}:{other.head[1]}",
        )
        told = ack.position.last_action_seq if ack.position else None
        ctx.equal("ACTION-008", number, told, on=ack, pointer="/data/position/last_action_seq")
        await session.sync()


@case("ACTION-003", needs=takes("create", "update", "select"))
async def ack_tells_the_state_with_the_effect(ctx: Context) -> None:
    """In a session without events an ack names the state that shows what the action did."""
    session = await open_articles(ctx, ctx.user())
    await _other_session(ctx, session)
    titles = [unique(ctx, "title") for _ in range(2)]
    steps: list[tuple[str, dict[str, Any], Callable[[dict[str, Any], str], bool]]] = [
        ("article.create", {"title": titles[0]}, lambda s, i: _title(s, i) == titles[0]),
        ("article.select", {}, lambda s, i: current(s).get("id") == i),
        (
            "article.update",
            {"changes": {"title": titles[1]}},
            lambda s, i: _title(s, i) == titles[1],
        ),
    ]
    article_id = ""
    for type_, data, shows in steps:
        before = await session.fence()
        named = {**data, "article_id": article_id} if article_id else data
        ack = await session.apply(type_, named)
        article_id = article_id or created_id(ack)
        await session.fence()
        told = [r for r in session.after(before) if r.payload.get("type") == KIND]
        effects = [r for r in told if shows(r.payload, article_id)]
        ctx.require(bool(effects), f"no state shows the effect of {type_}")
        _last_effect(ctx, ack, effects[:1], effects[1:], type_)


@case("ACTION-003", needs=("events", *takes("create", "update", "select")))
async def ack_tells_the_last_event(ctx: Context) -> None:
    """In a session with events an ack names the last of the events that the action made."""
    session = await open_articles(ctx, ctx.user(), events=True)
    await _other_session(ctx, session)
    article_id = ""
    for type_, data in (
        ("article.create", {"title": unique(ctx, "title")}),
        ("article.select", {}),
        ("article.update", {"changes": {"title": unique(ctx, "title")}}),
    ):
        before = await session.fence()
        named = {**data, "article_id": article_id} if article_id else data
        ack = await session.apply(type_, named)
        article_id = article_id or created_id(ack)
        await session.fence()
        new = session.after(before)
        effects = [r for r in new if _article_of(r) == article_id]
        ctx.require(bool(effects), f"no event shows the effect of {type_}")
        states = [r for r in new if r.address.family == "state" and r.n > effects[-1].n]
        _last_effect(ctx, ack, effects, states, type_)


async def _other_session(ctx: Context, session: Session) -> None:
    """A second session of the same user whose head is elsewhere."""
    other = await open_articles(ctx, session.user)
    for _ in range(5):
        await other.sync()


def _title(slice_: dict[str, Any], article_id: str) -> Any:
    return (find(slice_, article_id) or {}).get("title")


def _article_of(event: Record) -> Any:
    """The article that an event is about; None for states and other events."""
    if event.address.family != "events":
        return None
    data = event.payload
    for name, id_ in (("article", "id"), ("revision", "article_id")):
        value: Any = data.get(name)
        if is_object(value):
            return value.get(id_)
    return data.get("article_id")


def _last_effect(
    ctx: Context, ack: Answer, effects: list[Record], further: list[Record], type_: str
) -> None:
    """Judge an ack's position; a further state before the ack may count as the last effect."""
    heads = [p.head for r in (effects[-1], *further) if (p := Position.of(r.body)) is not None]
    ctx.check(
        "ACTION-003",
        ack.position is not None and ack.position.head in heads,
        expected=f"{heads[0][0]}:{heads[0][1]}, the place of the last effect",
        seen=ack.position,
        on=(ack, *effects),
        pointer="/data/position",
        why=f"{len(effects)} effect(s) of {type_}",
    )


@case("ACTION-004", needs=takes("create", "publish", "update"))
async def ack_follows_effects_elsewhere(ctx: Context) -> None:
    """Once an update is acked, other sessions that are asked where they are have it behind them."""
    author = ctx.user()
    acting = await open_articles(ctx, author)
    others = [
        await open_articles(ctx, user, events=events, timers=timers)
        for user, events, timers in (
            (author, True, None),
            (ctx.user(), False, None),
            (ctx.user(), True, None),
            (ctx.user(), False, {"coalesce_ms": 0}),
        )
    ]
    article_id = await create_published(acting)
    for _ in range(3):
        title = unique(ctx, "title")
        ack = await update(acting, article_id, title=title)
        pings = [await session.send("session.ping") for session in others]
        for session, ping in zip(others, pings, strict=True):
            pong = await ping.must()
            upto = pong.position_or_stop("session.pong")
            await session.reach(upto)
            shown = find(session.slice(KIND, upto=upto), article_id)
            ctx.check(
                "ACTION-004",
                shown is not None and shown.get("title") == title,
                expected=f"title {title} up to the pong's position",
                seen=shown,
                on=(pong, ack),
                why="a session of "
                + ("the acting user" if session.user is author else "another user")
                + ", pinged after the ack",
            )
