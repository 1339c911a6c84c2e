"""CTRL: that requests are answered, in their order, and what is no request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Excused, NotOffered
from omnisession_conformance.environment.access import INBOX
from omnisession_conformance.protocol.bounds import BOUND_S
from omnisession_conformance.protocol.excuses import Excuse
from omnisession_conformance.roles.server.steps.control import (
    ANSWERS,
    CLOSE,
    NOWHERE,
    OF_SECURE_ONES,
    OPEN,
    PING,
    PUSHES,
    RESUME,
    SYNC,
    UNKNOWN_KIND,
    answered,
    opened,
    silent,
    unchanged,
)
from omnisession_conformance.roles.server.steps.malformed import HALF
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

CLIENTS = (
    {"name": "", "version": ""},
    {"name": "nobody has heard of it", "version": "0.0.0-alpha+1"},
    {"name": "<b>\u00e9\U0001f600</b>", "version": "x" * 200},
)
"""Programs that open sessions: a server may log them, and must not mind."""
UNKNOWN_REQUESTS = ("x.unknown", "session.unknown", "session.noop", "article.create", "x-acme.ping")
PONG = "session.pong"
SAME_INBOX = 3
BURSTS = 4
SHARED = 6
"""How many requests of a burst are answered with a position."""


# -- answers ---------------------------------------------------------------------------------------------


@case("CTRL-001")
async def every_request_gets_one_answer(ctx: Context) -> None:
    """Requests that are taken, refused, repeated or unreadable each get one answer in time."""
    user = ctx.user()
    session, sibling = ctx.session(user), await ctx.open(user)
    sent = [(what, await session.send("a request", body=body)) for what, body in _requests(session)]
    for what, pending in sent:
        if await pending.answer() is None:
            ctx.absent("CTRL-001", expected=f"an answer within {BOUND_S:g} s", why=what)
            return
    await sibling.fence()
    for what, pending in sent:
        came = [r for r in ctx.log.on(pending.inbox) if r.party is Party.TARGET]
        ctx.check(
            "CTRL-001",
            len(came) == 1,
            expected="one answer",
            seen=[record.type for record in came],
            on=came,
            why=what,
        )


def _requests(session: Session) -> Iterator[tuple[str, dict[str, Any] | bytes]]:
    """Yield the requests of a session from its begin to its end, with words for each."""
    request = session.request_body
    for number in range(1, 4):
        yield f"session.open, number {number} of three at once", request(OPEN, session.open_data())
    for client in CLIENTS:
        what = f"session.open of the client {client['name'][:30]!r}"
        yield what, request(OPEN, {**session.open_data(), "client": client})
    for type_ in (PING, SYNC):
        yield type_, request(type_)
    yield RESUME, request(RESUME, NOWHERE)
    yield "session.resume without a position", request(RESUME)
    yield "session.sync of an unknown kind", request(SYNC, {"kinds": [UNKNOWN_KIND]})
    yield "a request of an unknown type", request(UNKNOWN_REQUESTS[0])
    yield "a request of another MAJOR", {**request(PING), "v": "9.0"}
    yield "a request for another session", {**request(PING), "session_id": f"{session.id[1:]}x"}
    yield "a request without data", {n: v for n, v in request(PING).items() if n != "data"}
    yield "half an object", HALF
    yield "an array", b"[]"
    yield "an empty body", b""
    yield CLOSE, request(CLOSE)
    yield "session.ping after session.close", request(PING)
    yield "session.open after session.close", request(OPEN, session.open_data())


@case("CTRL-001")
async def requests_are_answered_however_they_come(ctx: Context) -> None:
    """White space, escapes, used reply subjects and used message ids leave a request what it is."""
    session = await ctx.open(ctx.user())
    for what, raw in _writings(session).items():
        answered(ctx, "CTRL-001", await (await session.send(PING, body=raw)).answer(), PONG, what)
    header = {"Nats-Msg-Id": session.new_action_id()}
    for ordinal in ("first", "second"):
        answer = await (await session.send(PING, headers=header)).answer()
        answered(ctx, "CTRL-001", answer, PONG, f"the {ordinal} ping with one Nats-Msg-Id")
    inbox = session.new_inbox()
    for _ in range(SAME_INBOX):
        await session.send(PING, reply=inbox)
    # What is sent in one session is answered in turn.
    await session.ask(PING)
    came = [r.type for r in ctx.log.on(inbox) if r.party is Party.TARGET]
    wanted, why = [PONG] * SAME_INBOX, "answers to pings with one reply subject"
    ctx.equal("CTRL-001", wanted, came, on=session.stream[-1:], why=why)


@case("CTRL-001")
async def requests_are_answered_on_any_inbox(ctx: Context) -> None:
    """Requests on inboxes as libraries make them, below no user's token, are answered as any other."""
    if ctx.draws.inboxes != INBOX:
        why = f"the kit is to ask below {ctx.draws.inboxes} alone, as `inbox_prefix` says"
        raise Excused(Excuse.NO_RIGHT, why)
    if "secure" in ctx.declared.profiles:
        raise NotOffered("a server with the profile secure takes no such inbox (SECU-016)")
    user = ctx.user()
    session, fresh = await ctx.open(user), ctx.session(user)
    one, below = ctx.draws.plain_inboxes()
    for inbox, what in ((one, "an inbox for one answer"), (below, "a subject below an inbox")):
        answer = await (await session.send(PING, reply=inbox)).answer()
        answered(ctx, "CTRL-001", answer, PONG, f"a ping with {what}, below no user's token")
    request = await fresh.send(OPEN, fresh.open_data(), reply=ctx.draws.plain_inboxes()[0])
    opened(ctx, "CTRL-001", await request.answer(), "an open with an inbox below no user's token")
    # Nobody else knows of this session, and a room would have one user more for as long as its window.
    await fresh.ask(CLOSE)


def _writings(session: Session) -> dict[str, bytes]:
    """Ways to write a ping, by what is special about each."""
    body = session.request_body(PING)
    plain = json.dumps(body)
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in PING)
    return {
        "a ping with white space at both ends": f" \r\n\t{plain}\n \t\r\n".encode(),
        "a ping with white space within": json.dumps(body, indent="\t").encode(),
        "a ping whose type has an escape for its dot": plain.replace(
            PING, PING.replace(".", "\\u002e")
        ).encode(),
        "a ping whose type is written in escapes": plain.replace(PING, escaped).encode(),
        "a ping with a name that has an escape": plain.replace('"type"', '"t\\u0079pe"').encode(),
    }


# -- order -----------------------------------------------------------------------------------------------


@case("CTRL-015")
async def requests_are_handled_in_order(ctx: Context) -> None:
    """Opens, pings, syncs, resumes and closes that are published at once are answered in their order."""
    user = ctx.user()
    sessions = [ctx.session(user) for _ in range(BURSTS)]
    bursts = [await _burst(session) for session in sessions]
    wanted = [
        ("session.opened", None),
        ("session.pong", None),
        ("session.syncing", None),
        ("session.pong", None),
        ("session.resumed", None),
        ("session.pong", None),
        ("session.closed", None),
        ("error", 4101),
    ]
    for burst in bursts:
        answers = [await pending.must() for pending in burst]
        seen = [(answer.type, answer.code) for answer in answers]
        if ctx.equal(
            "CTRL-015", wanted, seen, on=answers, why="answers in the order of the requests"
        ):
            _in_line(ctx, answers)


async def _burst(session: Session) -> list[PendingRequest]:
    requests: tuple[tuple[str, dict[str, Any]], ...] = (
        (OPEN, session.open_data()),
        (PING, {}),
        (SYNC, {}),
        (PING, {}),
        (RESUME, NOWHERE),
        (PING, {}),
        (CLOSE, {}),
        (PING, {}),
    )
    return [await session.send(type_, data) for type_, data in requests]


def _in_line(ctx: Context, answers: list[Answer]) -> None:
    """Observe that no position is before the states that an earlier request asked for."""
    least = (0, 0)
    count = len(answers[0].data.get("kinds") or ())
    for answer in answers[:SHARED]:
        at = answer.position
        ctx.check(
            "CTRL-015",
            at is not None and at.head >= least,
            expected=f"at least {least[0]}:{least[1]}, where the requests before it led to",
            seen=at,
            on=answer,
            pointer="/data/position",
            why=f"the position of {answer.type}",
        )
        if at is not None:
            least = (at.epoch, at.seq + (0 if answer.type == "session.pong" else count))


# -- types -----------------------------------------------------------------------------------------------


@case("CTRL-013")
async def unknown_request_changes_nothing(ctx: Context) -> None:
    """A request type that no version knows is refused, and the session stays as it is."""
    user = ctx.user()
    session, fresh = await ctx.open(user), ctx.session(user)
    for type_ in UNKNOWN_REQUESTS:
        before = await session.fence()
        answer = await (await session.send(type_)).answer()
        ctx.refused("CTRL-013", answer, 4002, why=f"a request of type {type_}")
        await unchanged(ctx, "CTRL-013", session, before, f"a request of type {type_}")
    answer = await (await fresh.send(UNKNOWN_REQUESTS[0])).answer()
    ctx.refused("CTRL-013", answer, 4002, why="an unknown type for a session that was never opened")


@case("CTRL-014")
async def own_types_are_ignored(ctx: Context) -> None:
    """What only a server says, said by a client on `.control`, is not answered and does nothing."""
    user = ctx.user()
    session, fresh = await ctx.open(user), ctx.session(user)
    before = await session.fence()
    pushes = PUSHES if "secure" in ctx.declared.profiles else PUSHES - OF_SECURE_ONES
    sent = [
        (type_, await sender.send(type_, body=body))
        for type_ in sorted(ANSWERS | pushes)
        for sender in (session, fresh)
        for body in _lookalikes(sender, type_, before)
    ]
    for type_ in sorted(pushes):
        await session.send(type_, reply="")
    await unchanged(ctx, "CTRL-014", session, before, "messages of the server's own types")
    ping = await (await fresh.send(PING)).answer()
    ctx.refused("CTRL-014", ping, 4041, why="a session that only such messages named")
    for type_, pending in sent:
        came = [r for r in ctx.log.on(pending.inbox) if r.party is Party.TARGET]
        seen = [record.type for record in came] or "none"
        ctx.check("CTRL-014", not came, expected="no answer", seen=seen, on=came, why=type_)


def _lookalikes(session: Session, type_: str, at: Position) -> Iterator[dict[str, Any]]:
    """Yield bodies of a server's type: one that looks right, and one with nothing else in it."""
    position = {"epoch": at.epoch, "seq": at.seq + 9, "last_action_seq": at.last_action_seq + 9}
    data = {
        "position": position,
        "code": 5030,
        "reconnect": True,
        "after_ms": 0,
        "action_id": "none",
        "client_seq": 1,
        "status": "applied",
    }
    yield session.request_body(type_, data)
    yield {"type": type_}


# -- sessions that are not there -------------------------------------------------------------------------


@case("CTRL-019", "STATE-007")
async def requests_before_open(ctx: Context) -> None:
    """Sync, resume, ping and close of a session that was never opened create nothing."""
    user = ctx.user()
    other = await ctx.open(user)
    fresh, namesake = ctx.session(user), ctx.session(ctx.user(), other.id)
    requests = {SYNC: {}, RESUME: {"epoch": 1, "seq": 0}, PING: {}, CLOSE: {}}
    for session, why in (
        (fresh, "of a session that was never opened"),
        (namesake, "of a session whose id only another user has"),
    ):
        for type_, data in requests.items():
            answer = await (await session.send(type_, data)).answer()
            ctx.refused("CTRL-019", answer, 4041, why=f"{type_} {why}")
    await other.fence()
    silent(ctx, "STATE-007", fresh, "a session that was never opened")
    answer = await (await fresh.send(OPEN, fresh.open_data())).answer()
    if opened(ctx, "CTRL-019", answer, "an open after such requests") and answer is not None:
        fresh.opened = answer
        at = answer.position
        seq = at.seq if at is not None else None
        ctx.equal("CTRL-019", 0, seq, on=answer, pointer="/data/position/seq", why="a first open")
