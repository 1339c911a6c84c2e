"""ENV: strings of an author in what readers are told, and the trace that an action belongs to."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_object, objects
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.protocol.vocabulary.texts import STRINGS
from omnisession_conformance.roles.server.steps.articles import (
    KIND,
    create_article,
    created_id,
    current,
    find,
    open_articles,
    select,
    takes,
    unique,
    view,
)
from omnisession_conformance.roles.server.steps.outcomes import taken
from omnisession_conformance.roles.server.steps.sending import NOOP, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

TEXTS: tuple[str, ...] = ("title", "subtitle", "leading", "content")
"""Members of an article that may be any text; a slug may have rules of its own."""


# -- strings ---------------------------------------------------------------------------------------------


@case("ENV-010", needs=takes("create", "update", "select"))
async def strings_are_shown_unaltered(ctx: Context) -> None:
    """Texts with all that may be in a string are shown as they were given, in states and by events."""
    user = ctx.user()
    sessions = [await open_articles(ctx, user, events=events) for events in (False, True)]
    article_id = await create_article(sessions[0])
    for session in sessions:
        await select(session, article_id)
    used: list[str] = []
    for number, (what, text) in enumerate(STRINGS.items()):
        given: dict[str, Any] = {**dict.fromkeys(TEXTS, text), "tags": [text, unique(ctx, "tag")]}
        acting = sessions[number % 2]
        data = {"article_id": article_id, "changes": given}
        if await taken(acting, "article.update", data) is not None:
            used.append(what)
            for session in sessions:
                await _shown(ctx, session, article_id, given, what)
    ctx.require(bool(used), "the server took none of the texts")
    # Few of these are slugs; this one is what an author may have meant.
    odd = f"{ctx.draws.slug()}-Of-Mixed-Case"
    data = {"article_id": article_id, "changes": {"slug": odd}}
    if await taken(sessions[0], "article.update", data) is not None:
        for session in sessions:
            await _shown(ctx, session, article_id, {"slug": odd}, "a slug of mixed case")
    # A new article takes another way through a server than one that is changed.
    given = {name: STRINGS[used[n % len(used)]] for n, name in enumerate(TEXTS, 1)}
    made = await taken(sessions[0], "article.create", given)
    if made is not None:
        for session in sessions:
            await select(session, created_id(made))
            await _shown(ctx, session, created_id(made), given, "texts of a new article")


async def _shown(
    ctx: Context, session: Session, article_id: str, given: dict[str, Any], what: str
) -> None:
    """Observe that a session shows texts as they were given: in its list, selection and revisions."""
    slice_ = await view(session)
    listed, selected = find(slice_, article_id), current(slice_)
    ctx.require(listed is not None and bool(selected), "an article that was selected is not shown")
    _same(ctx, session, given, listed or {}, f"{what}, in the list", ("content",))
    _same(ctx, session, given, selected, f"{what}, in the selection")
    for entry in slice_.get("revisions") or ():
        if "title" in given and as_object(entry).get("revision") == selected.get("revision"):
            title = {"title": given["title"]}
            _same(ctx, session, title, as_object(entry), f"{what}, in the revisions")


def _same(
    ctx: Context,
    session: Session,
    given: dict[str, Any],
    shown: dict[str, Any],
    what: str,
    without: Iterable[str] = (),
) -> None:
    wanted = {name: text for name, text in given.items() if name not in without}
    seen = {name: shown.get(name) for name in wanted}
    features = ", ".join(session.opened.data.get("features") or ()) if session.opened else ""
    why = f"{what} of a session with {features or 'no features'}"
    ctx.equal("ENV-010", wanted, seen, on=session.stream[-1:], why=why)


# -- traces ----------------------------------------------------------------------------------------------


def _header(record: Record) -> str:
    """The trace context of a message, an empty text where it has none."""
    named = (text for name, text in record.headers.items() if name.lower() == "traceparent")
    return next(named, "")


def _traced(ctx: Context, trace: str, records: Iterable[Record | None], what: str) -> None:
    for record in records:
        seen = _header(record) if record is not None else "no such message"
        on = record if record is not None else None
        expected = f"a traceparent of the trace {trace}"
        ctx.check("ENV-009", f"-{trace}-" in seen, expected=expected, seen=seen, on=on, why=what)


async def _outcomes(ctx: Context, pending: PendingAction) -> list[Record | None]:
    """The outcome of an action on `.control` and on its inbox, once both are there."""
    topics = (*pending.session.topics, pending.inbox)

    def both() -> list[Record | None] | None:
        told, came = pending.on_control(), ctx.log.on(pending.inbox)
        return [told, came[0]] if told is not None and came else None

    found = await ctx.log.wait(topics, both, timeout_s=ctx.answer_s)
    ctx.require(found is not None, "an outcome is missing on .control or on the reply subject")
    return found or []


@case("ENV-009")
async def outcomes_are_of_their_actions_trace(ctx: Context) -> None:
    """Outcomes carry the trace of their own action, those that are taken and those that are refused."""
    session = await ctx.open(ctx.user())
    for type_ in (NOOP, UNKNOWN, NOOP):
        trace = secrets.token_hex(16)
        headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        pending = await session.send_action(session.action_body(type_), headers=headers)
        _traced(ctx, trace, await _outcomes(ctx, pending), f"the outcome of {type_}")


@case("ENV-009")
async def held_actions_are_of_their_own_trace(ctx: Context) -> None:
    """What is held carries its own trace when it is judged, not that of what closed its gap."""
    session = await ctx.open(ctx.user(), timers={"gap_ms": 250})
    first, traces = session.next_seq, [secrets.token_hex(16) for _ in range(2)]
    sent: list[PendingAction] = []
    for at in (1, 0):
        headers = {"traceparent": f"00-{traces[at]}-{secrets.token_hex(8)}-01"}
        body = session.action_body(NOOP, client_seq=first + at)
        sent.append(await session.send_action(body, headers=headers))
    for pending, at in zip(sent, (1, 0), strict=True):
        what = "the outcome of an action ahead" if at else "the outcome of what closed its gap"
        _traced(ctx, traces[at], await _outcomes(ctx, pending), what)


# A state may tell changes of others as well, and is then as well of their trace.
@case("ENV-009", needs=takes("create"), alone=True)
async def changes_are_of_their_actions_trace(ctx: Context) -> None:
    """What an action brings to its session, and what tells it in others, carry the action's trace."""
    user = ctx.user()
    sessions = [await open_articles(ctx, user, events=events) for events in (False, True, True)]
    for acting in sessions[:2]:
        trace, ack, action_id = await _creates(ctx, acting)
        at = ack.position
        await ctx.fences(*sessions)
        last = [r for r in acting.stream if at and (p := Position.of(r.body)) and p.head == at.head]
        events = [r for s in sessions for r in s.events() if _causing(r) == action_id]
        ctx.require(bool(last), "the ack tells a position without a message")
        _traced(ctx, trace, last, "the message that the ack names")
        _traced(ctx, trace, events, "an event of the action")
        told = "the state that tells it to a session without events"
        _traced(ctx, trace, _showing(sessions[0], ack), told)
    others, own = await _creates(ctx, sessions[1]), await _creates(ctx, sessions[0])
    await sessions[0].fence()
    for what, (trace, ack, _) in (("was held back for another", others), ("made this", own)):
        why = f"a state of an action that {what}, where one follows the other"
        _traced(ctx, trace, _showing(sessions[0], ack), why)
    _traced(ctx, own[0], [own[1].record], "the outcome of an action behind what was held back")


async def _creates(ctx: Context, session: Session) -> tuple[str, Answer, str]:
    """Create an article in a trace of its own: the trace, the ack, and the id of the action."""
    trace = secrets.token_hex(16)
    headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
    body = session.action_body("article.create", {"title": unique(ctx, "title")})
    ack = await session.needed_outcome_of(body, headers=headers)
    ctx.require(ack.acked and ack.position is not None, f"article.create was not acked: {ack}")
    return trace, ack, body["action_id"]


def _showing(session: Session, ack: Answer) -> list[Record]:
    """The first state of a session that shows the article which an action made."""
    id_ = ack.result.get("article_id")
    return [s for s in session.states(KIND) if _lists(s, id_)][:1]


def _lists(state: Record, article_id: Any) -> bool:
    return any(a.get("id") == article_id for a in objects(state.payload.get("articles")))


def _causing(event: Record) -> Any:
    return as_object((event.body or {}).get("cause")).get("action_id")
