"""CTRL: the position of a pong, by which everything else in this kit waits, and the order behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NoRoom
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_published,
    ever_full,
    find,
    open_articles,
    takes,
    unique,
    update,
)
from omnisession_conformance.roles.server.steps.control import (
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    answered,
)
from omnisession_conformance.roles.server.steps.sending import NOOP, UNKNOWN

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

FAR = 12
"""Syncs that a second session is ahead by: its head is surely another one."""
HELD = {"coalesce_ms": 1_000}
"""The longest that a server may be asked to hold states back."""


@case("CTRL-007")
async def pong_covers_what_was_answered(ctx: Context) -> None:
    """A ping right behind an answer or an outcome tells a position beyond what that one led to."""
    user = ctx.user()
    ahead, session = await ctx.open(user), ctx.session(user)
    for _ in range(FAR):
        await ahead.sync()
    for type_, data in ((OPEN, session.open_data()), (SYNC, {}), (RESUME, NOWHERE), (SYNC, {})):
        answer = await session.ask(type_, data)
        session.opened = session.opened or answer
        ctx.require(answer.position is not None, f"{type_} was answered with {answer}")
        if answer.position is not None:
            states = len(answer.data.get("kinds") or session.kinds)
            least = (answer.position.epoch, answer.position.seq + states)
            await _covers(ctx, session, least, 0, f"a ping right behind {answer.type}")
    for count, type_ in enumerate((NOOP, UNKNOWN, NOOP), 1):
        outcome = await session.act(type_)
        least = outcome.position.head if outcome.position is not None else (0, 0)
        await _covers(ctx, session, least, count, f"a ping right behind the {outcome.type} {count}")
    await _covers(ctx, ahead, ahead.head, 0, "a ping in the other session")


async def _covers(
    ctx: Context, session: Session, least: tuple[int, int], count: int, why: str
) -> None:
    """Observe that a pong is at least at a head and a count, and that the stream comes to it."""
    pong = await (await session.send(PING)).answer()
    if not answered(ctx, "CTRL-007", pong, "session.pong", why) or pong is None:
        return
    at = pong.position
    good = at is not None and at.head >= least and at.last_action_seq >= count
    wanted = f"at least {least[0]}:{least[1]} (last action {count})"
    pointer = "/data/position"
    ctx.check("CTRL-007", good, expected=wanted, seen=at, on=pong, pointer=pointer, why=why)
    if at is None:
        return
    came = await session.wait(lambda: session.head >= at.head or None, ctx.answer_s)
    ctx.check(
        "CTRL-007",
        came is not None,
        expected="a position that the session's stream comes to",
        seen=f"{at}, and the stream stands at {session.head[0]}:{session.head[1]}",
        on=pong,
        pointer=pointer,
        why=why,
    )


@case("CTRL-007", needs=takes("create", "publish", "update"))
async def pong_covers_what_was_acked(ctx: Context) -> None:
    """Once an update is acked, a ping in any session names a position that shows it."""
    author, reader = ctx.user(), ctx.user()
    acting = await open_articles(ctx, author)
    sessions = [acting]
    for user in (author, reader):
        sessions += [await open_articles(ctx, user, events=True)]
        sessions += [await open_articles(ctx, user, timers=HELD)]
    article_id = await create_published(acting)
    for _ in range(2):
        title = unique(ctx, "title")
        ack = await update(acting, article_id, title=title)
        pings = [(session, await session.send(PING)) for session in sessions]
        for session, ping in pings:
            pong = await ping.must()
            at = pong.position_or_stop("session.pong")
            await session.reach(at)
            shown = find(session.slice(KIND, upto=at), article_id)
            cut = shown is None and ever_full(session, "articles")
            if cut:
                raise NoRoom("the list of articles was at its limit and may have lost one")
            whose = "the acting user" if session.user is author else "another user"
            ctx.check(
                "CTRL-007",
                shown is not None and shown.get("title") == title,
                expected=f"title {title} up to the pong's position",
                seen=shown,
                on=(pong, ack),
                why=f"a session of {whose}, pinged after the ack",
            )


@case("CTRL-015")
async def pings_wait_for_the_requests_before_them(ctx: Context) -> None:
    """Syncs, opens and pings of a live session that are published at once are handled in their order."""
    session = await ctx.open(ctx.user(), kinds=ctx.declared.kinds)
    wishes = session.open_data(kinds=session.kinds)
    requests: list[tuple[str, dict[str, Any]]] = [
        *((SYNC, {}), (PING, {}), (OPEN, wishes), (PING, {}), (RESUME, NOWHERE), (PING, {})),
        *((SYNC, {}), (SYNC, {}), (PING, {})),
    ]
    pending = [await session.send(type_, data) for type_, data in requests]
    least, before = (0, 0), "nothing"
    for request in pending:
        answer = await request.must()
        at = answer.position
        ctx.check(
            "CTRL-015",
            at is not None and at.head >= least,
            expected=f"at least {least[0]}:{least[1]}, where the requests before it led to",
            seen=at if at is not None else str(answer),
            on=answer,
            pointer="/data/position",
            why=f"the position of the answer to {request.type}, published right behind {before}",
        )
        if at is not None:
            states = 0 if request.type == PING else len(session.kinds)
            least, before = max(least, (at.epoch, at.seq + states)), request.type
