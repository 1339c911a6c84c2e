"""SUBJ, CTRL: where answers go, and what happens where there is no place for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.reading.trace import OUTCOMES
from omnisession_conformance.roles.server.steps.control import (
    ANSWERS,
    CLOSE,
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    UNKNOWN_KIND,
    UNKNOWN_REQUEST,
    answered,
    asked_for,
    reason_of,
)
from omnisession_conformance.roles.server.steps.malformed import HALF
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
    EDIT_SUBJECT,
    NOOP,
    UNKNOWN,
    edit_body,
)
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

LARGEST = 500_000
"""Bytes that every broker carries, with room for what is beside them."""
TOO_LARGE = 4130


def strays(ctx: Context, session: Session, mark: int) -> list[Record]:
    """Answers since a mark that name a session and lie where nobody of this case asked for them."""
    asked = {r.reply for r in ctx.log.since(mark) if r.party is Party.KIT and r.reply}
    return [
        r
        for r in ctx.log.since(mark)
        if r.party is Party.TARGET
        and r.type in ANSWERS
        and r.subject not in asked
        and (session.id in r.subject or (r.body or {}).get("session_id") == session.id)
    ]


def _no_strays(ctx: Context, requirement: str, session: Session, mark: int, why: str) -> None:
    told = strays(ctx, session, mark)
    ctx.check(
        requirement,
        not told,
        expected="answers on the reply subjects of their requests, and nowhere else",
        seen=[f"{r.type} on {r.subject}" for r in told] or "no others",
        on=told,
        why=why,
    )


@case("CTRL-001", "ACTION-002")
async def long_reply_subjects_are_answered(ctx: Context) -> None:
    """A request and an action with a reply subject of some hundred characters are answered there."""
    session = await ctx.open(ctx.user())
    for number, length in enumerate((65, 130, 256)):
        inbox = f"{session.new_inbox()}.".ljust(length - 1, "x") + str(number)
        answer = await (await session.send(PING, reply=inbox)).answer()
        why = f"a ping with a reply subject of {len(inbox)} characters"
        answered(ctx, "CTRL-001", answer, "session.pong", why)
        body, where = session.action_body(NOOP), f"{inbox}.noop"
        sent = await session.send("action", body=body, subject=session.actions_subject, reply=where)
        why = f"an action with a reply subject of {len(where)} characters"
        # A busy server may refuse it for now: that is its outcome as well.
        outcome, expected = await sent.answer(), "action.ack or action.nack"
        if outcome is None:
            ctx.absent("ACTION-002", expected=expected, why=why)
        else:
            good, seen = outcome.type in OUTCOMES, str(outcome)
            ctx.check("ACTION-002", good, expected=expected, seen=seen, on=outcome, why=why)


@case("CTRL-001")
async def large_requests_are_answered(ctx: Context) -> None:
    """A ping that is larger than an action may be is answered, or refused for its size."""
    session = await ctx.open(ctx.user())
    above = ctx.declared.limit("action") + 1
    if above > LARGEST:
        raise NotOffered(f"an action may have {above - 1} bytes, which is much for a broker")
    body = session.request_body(PING)
    for what, request in (
        ("unknown data", {**body, "data": {"x_more": "x" * above}}),
        ("an unknown member", {**body, "x_more": "x" * above}),
    ):
        answer = await (await session.send(PING, body=request)).answer()
        expected, why = f"session.pong, or {TOO_LARGE}", f"a ping with {what} of {above} bytes"
        if answer is None:
            ctx.absent("CTRL-001", expected=expected, why=why)
            continue
        good = answer.type == "session.pong" or answer.code == TOO_LARGE
        ctx.check("CTRL-001", good, expected=expected, seen=str(answer), on=answer, why=why)


@case("SUBJ-005")
async def answers_go_to_the_reply_subject_only(ctx: Context) -> None:
    """Answers and errors, whether there is a reply subject or none, are told on no other subject."""
    user = ctx.user()
    session, fresh, mark = ctx.session(user), ctx.session(user), ctx.log.mark()
    requests: list[tuple[str, dict[str, Any]]] = [
        (OPEN, session.open_data()),
        (SYNC, {}),
        (PING, {}),
        (RESUME, NOWHERE),
        (RESUME, {}),
        (SYNC, {"kinds": [UNKNOWN_KIND]}),
        (UNKNOWN_REQUEST, {}),
    ]
    for reply in (None, ""):
        for type_, data in requests:
            await session.send(type_, data, reply=reply)
        for sender in (session, fresh):
            await sender.send("half an object", body=HALF, reply=reply)
            await sender.send("half an object", body=HALF, reply=reply, subject=EDIT_SUBJECT)
            wrong = {**sender.action_body(NOOP, client_seq=1), "user_id": "nobody"}
            await sender.send("an action", body=wrong, reply=reply, subject=sender.actions_subject)
            await sender.send(PING, reply=reply)
    session.opened = await session.ask(OPEN, session.open_data())
    await session.fence()
    for one in (session, fresh):
        _no_strays(ctx, "SUBJ-005", one, mark, "after requests with and without a reply subject")


# -- no reply subject ------------------------------------------------------------------------------------


@case("CTRL-018")
async def requests_without_reply_have_their_effect(ctx: Context) -> None:
    """Without a reply subject a session is opened, synced, resumed and closed, and nobody is answered."""
    session, mark = ctx.session(ctx.user()), ctx.log.mark()
    reached: Position | None = Position(0, 0)
    for type_, data, reasons in (
        (OPEN, session.open_data(), ["open"]),
        (SYNC, {}, ["sync"]),
        (RESUME, NOWHERE, ["sync"]),
        (PING, {}, []),
        (SYNC, {"kinds": [UNKNOWN_KIND]}, []),
        (UNKNOWN_REQUEST, {}, []),
    ):
        await session.send(type_, data, reply="")
        reached = await _led_to(ctx, session, reached, reasons, type_)
        if reached is None:
            return
    await session.send("half an object", body=HALF, reply="")
    await session.send(CLOSE, reply="")
    for type_, data in ((PING, {}), (OPEN, session.open_data())):
        answer = await (await session.send(type_, data)).answer()
        ctx.refused("CTRL-018", answer, 4101, why=f"{type_} after a close without a reply subject")
    _no_strays(ctx, "CTRL-018", session, mark, "after requests without a reply subject")


async def _led_to(
    ctx: Context, session: Session, since: Position, reasons: list[str], type_: str
) -> Position | None:
    """Observe the states that a request led to; return where the session stands then."""
    why = f"after {type_} without a reply subject"
    pong = await (await session.send(PING)).answer()
    if not answered(ctx, "CTRL-018", pong, "session.pong", f"session.ping {why}") or pong is None:
        return None
    at = pong.position_or_stop("session.pong")
    await session.reach(at)
    told = asked_for(session, since)
    seen = [reason_of(record) for record in told]
    ctx.equal("CTRL-018", reasons, seen, on=(*told, pong), why=f"reasons of the states {why}")
    return at


@case("CTRL-018")
async def actions_without_reply_have_their_effect(ctx: Context) -> None:
    """Actions without a reply subject count, and are told their outcome on `.control` alone."""
    session, mark = await ctx.open(ctx.user()), ctx.log.mark()
    taken = session.action_body(NOOP)
    sent = (
        ("an action", taken, None, "action.ack"),
        ("a copy of it", taken, None, "action.ack"),
        ("an action of an unknown type", session.action_body(UNKNOWN), None, "action.nack"),
        ("a shared action", edit_body(session, "none"), EDIT_SUBJECT, "action.nack"),
    )
    for what, body, subject, type_ in sent:
        pending = await session.send_action(body, reply="", subject=subject)
        why = f"{what} without a reply subject"
        _told_on_control(ctx, session, await pending.outcome(), type_, why)
    pong = await session.ask(PING)
    ctx.equal(
        "CTRL-018",
        session.next_seq - 1,
        count_in(pong),
        on=pong,
        pointer="/data/position/last_action_seq",
    )
    _no_strays(ctx, "CTRL-018", session, mark, "after actions without a reply subject")


def _told_on_control(
    ctx: Context, session: Session, outcome: Answer | None, type_: str, why: str
) -> None:
    if not answered(ctx, "CTRL-018", outcome, type_, why) or outcome is None:
        return
    subject = outcome.record.subject
    ctx.equal(
        "CTRL-018", session.control_subject, subject, on=outcome, why=f"where it is told: {why}"
    )
