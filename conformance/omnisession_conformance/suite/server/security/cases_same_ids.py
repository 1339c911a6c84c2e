"""SEC, EDIT, ACTION: sessions and actions of two users that have one id, which means nothing to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    create_published,
    editor,
    open_articles,
    select,
    start_edit,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.articles import current as selected
from omnisession_conformance.roles.server.steps.held import HOLD, Held, hold, is_early
from omnisession_conformance.roles.server.steps.sending import AHEAD, NOOP, UNKNOWN
from omnisession_conformance.roles.server.steps.urls import address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session


async def _opens(ctx: Context, session: Session, why: str, *features: str) -> bool:
    """Observe that a session is opened, with what it asked for."""
    answer = await session.open(features=features)
    good = answer.type == "session.opened"
    if ctx.check("SEC-008", good, expected="session.opened", seen=str(answer), on=answer, why=why):
        wanted = [name for name in features if name in ctx.declared.features]
        seen = list(session.features)
        ctx.equal("SEC-008", wanted, seen, on=answer, pointer="/data/features", why=why)
    return good


async def _lives(ctx: Context, session: Session, why: str) -> None:
    answer = await session.ask("session.ping")
    good = answer.type == "session.pong"
    ctx.check("SEC-008", good, expected="session.pong", seen=str(answer), on=answer, why=why)


@case("SEC-008")
async def sessions_of_one_id_are_apart(ctx: Context) -> None:
    """Users with sessions of one id, at a time and one after the other, have each a session of its own."""
    first = await ctx.open(ctx.user(), features=["events"])
    second, third = (ctx.session(ctx.user(), first.id) for _ in range(2))
    why = "a session whose id another user's live session has"
    if not await _opens(ctx, second, why, "digests"):
        return
    await _lives(ctx, first, "a session after another user opened one of its id")
    bodies = [(one, one.action_body(NOOP)) for _ in range(2) for one in (first, second)]
    for session, body in bodies:
        answer = await session.outcome_of(body)
        ctx.acked("SEC-008", answer, status="applied", why="numbers in sessions of one id")
    for session, body in bodies:
        answer = await session.outcome_of(body)
        ctx.acked("SEC-008", answer, status="duplicate", why="copies in sessions of one id")
    await second.close()
    second.leave_open = True
    await _lives(ctx, first, "a session after another user closed one of its id")
    if not await _opens(ctx, third, "a session whose id another user closed, and a third has"):
        return
    answer = await third.outcome_of(third.action_body(NOOP))
    ctx.acked("SEC-008", answer, status="applied", why="number 1 in a session of a known id")
    await first.close()
    first.leave_open = True
    await _lives(ctx, third, "a session after another user closed one of its id")
    fourth = ctx.session(ctx.user(), first.id)
    await _opens(ctx, fourth, "a session whose id two users closed", "events")


@case(
    "SEC-008",
    "EDIT-004",
    "ART-011",
    needs=(*takes("create", "publish", "select", "edit_start"), "role:editor"),
)
async def what_sessions_of_one_id_do_is_apart(ctx: Context) -> None:
    """Edits and selections of sessions of one id are those of their users, and end with their own."""
    author, other = ctx.user(), ctx.user("editor")
    mine = await open_articles(ctx, author)
    watcher = await open_articles(ctx, author, events=True)
    theirs = await ctx.open(other, kinds=["articles"], session_id=mine.id)
    one, two = [await create_published(mine) for _ in range(2)]
    for session, article_id in ((mine, one), (theirs, two)):
        await select(session, article_id)
        await start_edit(session, one)
    seen: Any = selected(await view(mine)).get("id")
    why = "selected in a session, after another user selected in one of its id"
    ctx.equal("ART-011", one, seen, on=mine.stream[-1:], why=why)
    ctx.require(await editor(watcher, one, other) is not None, "a started edit is not shown")
    await theirs.close()
    theirs.leave_open = True
    for session in (mine, watcher, await open_articles(ctx, author)):
        left = await editor(session, one, author)
        why = "the edit of a user, after another user closed a session of the same id"
        expected, shown = "the entry", "the entry" if left is not None else "no entry"
        on = session.stream[-1:]
        ctx.check("EDIT-004", left is not None, expected=expected, seen=shown, on=on, why=why)
    seen = selected(await view(mine)).get("id")
    ctx.equal("SEC-008", one, seen, on=mine.stream[-1:], why="selected after that close")


@case("ACTION-001", "ACTION-012")
async def what_sessions_of_one_id_hold_is_apart(ctx: Context) -> None:
    """What a session holds is judged when its own gap closes, whatever another one of its id does."""
    mine = await ctx.open(ctx.user(), timers=HOLD)
    theirs = await ctx.open(ctx.user(), timers=HOLD, session_id=mine.id)
    # When the gap of the other one closes, the next of its numbers is one that is held here.
    wanted = ((mine, 2), (mine, 3), (theirs, 2))
    held = [(s, await hold(s, s.action_body(NOOP, client_seq=number))) for s, number in wanted]
    fronts = [(s, await hold(s, s.action_body(NOOP, client_seq=1))) for s in (theirs, mine)]
    if not await _judged(ctx, [one for _, one in (*fronts, *held)], "held others"):
        return
    last = await hold(mine, mine.action_body(NOOP, client_seq=5))
    await mine.fence()
    await theirs.close()
    theirs.leave_open = True
    await _judged(ctx, [await hold(mine, mine.action_body(NOOP, client_seq=4)), last], "closed")


async def _judged(ctx: Context, held: Sequence[Held], what: str) -> bool:
    """Observe that actions are judged, or were refused while a number before them was awaited."""
    for one in held:
        answer = await one.pending.outcome()
        why = f"an action of a session, while another user's of the same id {what}"
        if answer is None:
            return ctx.absent("ACTION-001", expected="an outcome of its own", on=one.sent, why=why)
        ctx.check("ACTION-001", good=True, expected="an outcome", seen=str(answer))
        expected = f"an ack, or {AHEAD} before the gap closed"
        # A busy server may refuse one for a while, whatever others do.
        good = answer.acked or is_early(answer) or answer.later_ms is not None
        ctx.check("ACTION-012", good, expected=expected, seen=str(answer), on=answer, why=why)
    return True


# -- one action id, two users ------------------------------------------------------------------------


def _of_each_kind(ctx: Context) -> list[tuple[str, dict[str, Any]]]:
    """An action of each kind that anybody may do, with data that differ from one call to the next."""
    listed: dict[str, dict[str, Any]] = {
        "article.create": {"title": unique(ctx, "title")},
        "article.select": {"article_id": None},
        "chat.send": {"content": unique(ctx, "message")},
        "chat.typing": {"active": False},
        "url.create": {"target_url": address(ctx)},
        "user.update": {"changes": {}},
        NOOP: {},
    }
    return [(type_, data) for type_, data in listed.items() if type_ in ctx.declared.actions]


@case("ACTION-021")
async def ids_of_users_are_apart_in_each_kind(ctx: Context) -> None:
    """Under ids of another user's actions, equal, different and refused ones, all of each kind is done."""
    one, two = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    pairs = list(zip(_of_each_kind(ctx), _of_each_kind(ctx), strict=True))
    for (type_, data), (_, other) in pairs:
        for again, what in ((data, "the same body"), (other, "another body")):
            body = one.action_body(type_, data)
            first = await one.needed_outcome_of(body)
            ctx.require(first.acked or first.code == 4040, f"{type_} was not acked: {first}")
            copy = two.action_body(type_, again, action_id=body["action_id"])
            await _is_new(ctx, two, copy, first.code, f"{what} of {type_}")
    refused = one.action_body(UNKNOWN)
    await one.needed_outcome_of(refused)
    for type_, data in _of_each_kind(ctx):
        body = one.action_body(type_, data, action_id=one.new_action_id())
        wrong = {**body, "data": 5}
        await one.needed_outcome_of(wrong)
        copy = two.action_body(type_, data, action_id=body["action_id"])
        await _is_new(ctx, two, copy, None, f"{type_}, refused to another user")


async def _is_new(
    ctx: Context, session: Session, body: dict[str, Any], code: int | None, why: str
) -> None:
    answer = await session.outcome_of(body)
    told = answer is not None and answer.code == 4040
    # Where a server has no user for an id, an update of the user finds none.
    if told and body["type"] == "user.update" and code in (None, 4040):
        return
    ctx.acked("ACTION-021", answer, status="applied", why=f"under an id of another user: {why}")
