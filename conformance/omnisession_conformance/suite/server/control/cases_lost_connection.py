"""What a lost connection is to the sessions of a server: nothing, but that messages may be lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_object, as_text, objects
from omnisession_conformance.protocol.kinds.abilities import CHANGE
from omnisession_conformance.roles.server.breaks import CUT
from omnisession_conformance.roles.server.steps.any_kind import change, one_kind, shows_times
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    open_articles,
    takes,
    update,
)
from omnisession_conformance.roles.server.steps.discovery import NAME, Asked
from omnisession_conformance.roles.server.steps.outcomes import as_next
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SEND,
    CHAT_SUBJECT,
    EDIT_START,
    EDIT_SUBJECT,
    NOOP,
    chat_body,
    edit_body,
)
from omnisession_conformance.roles.server.steps.timers import BEATS, beaten, interval_ms
from omnisession_conformance.roles.server.wires import BACK_WITHIN_S, WIRE, is_back, server_wire

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import Change, Deed
    from omnisession_conformance.roles.server.steps.sending import Body

WIRES_MS = 40_000
"""The server is started anew behind a proxy, and may take its time to connect again."""
NO_ARTICLE = "t-none"
DESK = frozenset({"article.create", "article.select", EDIT_START})
BACK, KEPT = "CTRL-023", "CTRL-024"


@dataclass(frozen=True, slots=True)
class _Before:
    """What there was before the connection was lost: an acked action, a change, and one under way.

    In `desk` its user edits an article that is selected there; None where the server has no such thing.
    """

    session: Session
    other: Session
    desk: Session | None
    article: str
    service: bool
    """Whether the server is found as a micro-service."""
    first: Body
    ack: Answer
    done: Change | None
    deed: Deed | None
    head: Position


@case(BACK, KEPT, needs=WIRE, phase=Phase.WIRES, ends=(BACK,), limit_ms=WIRES_MS)
async def connection_is_taken_up_again(ctx: Context) -> None:
    """A server whose connection is cut comes back with all subjects and sessions, and does all once."""
    wire = await server_wire(ctx)
    before = await _before(ctx)
    session = before.session
    under_way = session.action_body(NOOP) if before.deed is None else before.deed.body(session)
    await session.send_action(under_way)
    await wire.strike(CUT)
    expected = f"an answer to session.ping within {BACK_WITHIN_S:g} s"
    if not await is_back(ctx, session):
        ctx.absent(BACK, expected=expected, why="the connection was cut, and the broker is there")
        return
    ctx.check(BACK, good=True, expected=expected, seen="it came")
    if await _are_live(ctx, session, before):
        await _is_done_once(ctx, before, under_way)
        await _is_at_work(ctx, before)
        await _beats(ctx, before.other)
    await _hears_everything(ctx, before.other)
    if before.service:
        await _is_found(ctx)


@case(
    KEPT,
    needs=(*WIRE, *takes("create", "update"), "role:editor"),
    phase=Phase.WIRES,
    limit_ms=WIRES_MS,
)
async def rights_outlast_a_connection(ctx: Context) -> None:
    """After a lost connection a session may do what it was opened for: to edit what others have written."""
    wire = await server_wire(ctx)
    author, holder = (
        await open_articles(ctx, ctx.user()),
        await open_articles(ctx, ctx.user("editor")),
    )
    article_id = await create_article(author)
    await update(holder, article_id, title=ctx.draws.text("title"))
    await wire.strike(CUT)
    ctx.require(await is_back(ctx, holder), "the server did not come back")
    changes = {"article_id": article_id, "changes": {"title": ctx.draws.text("title")}}
    answer = await holder.outcome_of(holder.action_body("article.update", changes))
    ctx.acked(KEPT, answer, why="an edit by post_edit_any, in a session opened before")


async def _before(ctx: Context) -> _Before:
    asked = Asked(ctx)
    service = await asked.ask("PING", NAME)
    user = ctx.user()
    kind = one_kind(ctx) if ctx.declared.able_kinds(CHANGE) else None
    session = await ctx.open(user, kinds=[kind.name] if kind else None)
    done = await change(ctx, session, kind) if kind else None
    first = session.action_body(NOOP)
    ack = await session.needed_outcome_of(first)
    ctx.require(ack.acked, f"{NOOP} was not acked: {ack}")
    other = await ctx.open(ctx.user(), kinds=_kinds_with_subjects(ctx), timers=BEATS)
    desk, article = await _desk(ctx)
    deed = kind.new(ctx) if kind else None
    head = await session.fence()
    found = bool(asked.answers(service))
    return _Before(session, other, desk, article, found, first, ack, done, deed, head)


async def _desk(ctx: Context) -> tuple[Session | None, str]:
    """A session that edits and shows an article of its user, with the id of that."""
    if not ctx.declared.actions >= DESK:
        return None, ""
    desk = await ctx.open(ctx.user(), kinds=["articles"])
    made = await desk.apply("article.create", {"title": ctx.draws.text("title")})
    id_ = made.result.get("article_id")
    ctx.require(isinstance(id_, str), "the ack does not name the article that was made")
    for type_ in ("article.select", EDIT_START):
        await desk.apply(type_, {"article_id": id_})
    return desk, as_text(id_)


def _kinds_with_subjects(ctx: Context) -> list[str] | None:
    """The kinds that have an action subject of their own, as far as the server has them."""
    found = [kind for kind in ("articles", "chat") if kind in ctx.declared.kinds]
    return found or None


async def _are_live(ctx: Context, session: Session, before: _Before) -> bool:
    """Observe that both sessions are live, and that nothing of the stream is taken back."""
    good = True
    for one in (session, before.other):
        pong = await (await one.send("session.ping")).answer()
        if pong is None:
            ctx.absent(
                BACK, expected="session.pong", why="another session, after a lost connection"
            )
            return False
        why = "a session that was live when the connection was lost"
        live = pong.type == "session.pong"
        good &= ctx.check(KEPT, live, expected="session.pong", seen=str(pong), on=pong, why=why)
        if live and one is session:
            at = pong.position_or_stop("session.pong")
            ctx.check(
                KEPT,
                at.head >= before.head.head and at.last_action_seq >= before.head.last_action_seq,
                expected=f"a position of {before.head} or later",
                seen=str(at),
                on=pong,
                pointer="/data/position",
                why="the session went on to there before the connection was lost",
            )
    return good


async def _is_done_once(ctx: Context, before: _Before, under_way: Body) -> None:
    """Observe that what was acked is there and remembered, and that what was under way is done once."""
    session = before.session
    answer = await session.outcome_of(under_way)
    ctx.acked(
        KEPT, answer, why="an action that was under way when the connection was lost, sent again"
    )
    again = await session.outcome_of(before.first)
    if ctx.acked(KEPT, again, status="duplicate", why="a copy of an action that was acked before"):
        was, now = before.ack.position, again.position if again else None
        later = was is not None and now is not None and now.epoch > was.epoch
        ctx.check(
            KEPT,
            now == was or later,
            expected=f"{was}, or a position of a higher epoch",
            seen=str(now),
            on=again,
            why="a copy has the position of the first outcome, as long as its epoch lasts",
        )
    # Under a new number the memory of actions answers, which belongs to the user.
    second = await ctx.open(session.user)
    for body in (before.first, under_way):
        why = "a copy in another session after a lost connection, of what was acked"
        ctx.acked(KEPT, await as_next(second, body), status="duplicate", why=why)
    answer = await session.resume(*before.head.head)
    right = answer.type == "session.resumed"
    why = "from the last position before the connection was lost"
    ctx.check(KEPT, right, expected="session.resumed", seen=str(answer), on=answer, why=why)
    await session.sync()
    for deed in (before.done.deed if before.done else None, before.deed):
        # Where nothing is made, each change takes the place of the one before.
        if deed is not None and (deed.kind.id_member or deed is before.deed):
            await shows_times(ctx, KEPT, session, deed, "after a lost connection")


async def _is_at_work(ctx: Context, before: _Before) -> None:
    """Observe that what a session has selected and edits is so still."""
    desk, article = before.desk, before.article
    if desk is None:
        return
    await desk.sync()
    shown = desk.slice("articles")
    on, why = desk.stream[-1:], "after a lost connection"
    current = as_object(shown.get("current_article")).get("id")
    ctx.equal(KEPT, article, current, on=on, why=f"the article that is selected, {why}")
    editors = [e for e in objects(shown.get("editors")) if e.get("article_id") == article]
    users = [editor.get("user_id") for editor in editors]
    ctx.equal(KEPT, [desk.user.id], users, on=on, why=f"who edits the article, {why}")


async def _beats(ctx: Context, session: Session) -> None:
    """Observe that a session that was live before has heartbeats."""
    expected = f"a heartbeat at least every {interval_ms(session)} ms"
    found = await beaten(ctx, session, 2, ctx.log.mark())
    why = "a session that was live when the connection was lost"
    if found is None:
        ctx.absent(KEPT, expected=expected, why=why)
    else:
        ctx.check(KEPT, good=True, expected=expected, seen="they came", on=found, why=why)


async def _is_found(ctx: Context) -> None:
    """Observe that a server which was found as a micro-service is found again."""
    asked = Asked(ctx)
    subject = await asked.ask("PING", NAME)
    answer = await asked.first(subject)
    why = f"{subject}, after a lost connection"
    if answer is None:
        ctx.absent(BACK, expected=f"an answer of the service {NAME}", why=why)
    else:
        ctx.check(BACK, good=True, expected="an answer", seen="it came", on=answer, why=why)


async def _hears_everything(ctx: Context, session: Session) -> None:
    """Observe that the subjects of actions are received again, and that a session can be opened."""
    tries: list[tuple[Body, str | None]] = [(session.action_body(NOOP), None)]
    if CHAT_SEND in ctx.declared.actions:
        tries.append((chat_body(session, ctx.draws.text("content")), CHAT_SUBJECT))
    if EDIT_START in ctx.declared.actions:
        tries.append((edit_body(session, NO_ARTICLE), EDIT_SUBJECT))
    for body, subject in tries:
        answer = await session.outcome_of(body, subject=subject)
        where = subject or "user.actions.*"
        if answer is None:
            ctx.absent(
                BACK, expected="an outcome", why=f"an action on {where}, after a lost connection"
            )
        else:
            ctx.check(
                BACK, good=True, expected="an outcome", seen=str(answer), on=answer, why=where
            )
    new = ctx.session(ctx.user())
    try:
        answer = await new.open()
    except Prerequisite:
        ctx.absent(BACK, expected="session.opened", why="a new session, after a lost connection")
        return
    opened = answer.type == "session.opened"
    ctx.check(BACK, opened, expected="session.opened", seen=str(answer), on=answer)
