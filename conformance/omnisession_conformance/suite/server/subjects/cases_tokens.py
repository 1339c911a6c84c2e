"""SUBJ: ids as tokens of subjects: those that need encoding, and tokens that are none."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.schemas.location import schemas_folder
from omnisession_conformance.protocol.subjects import MAX_SESSION_BYTES, MAX_USER_BYTES, tok
from omnisession_conformance.roles.server.steps.control import OPEN, PING, opened
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import NOOP
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.traffic.record import Record

RANDOM = 16
"""Random bytes in a session id."""
TRAVELS = re.compile(r"[^\s.>\x00-\x1f\x7f]+\Z")
"""A token that a broker carries as it is."""
_FIRST_LITERAL = re.compile(r"((?:=..)*)([^=])(.*)\Z")


@cache
def vectors() -> Any:
    """The pairs of ids and tokens, and the tokens to refuse, as the protocol's vectors have them."""
    path = schemas_folder() / "vectors" / "tokens.json"
    return json.loads(path.read_text("utf-8"))


# -- ids that need encoding ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Encoded:
    """A session of a user whose id is in the vectors, and the subjects that these say it has."""

    session: Session
    prefix: str
    token: str
    pending: PendingRequest


@case("SUBJ-002", "SUBJ-003", "ENV-008", needs=("fixture:mint",))
async def ids_are_encoded_in_subjects(ctx: Context) -> None:
    """Users and sessions with ids of every form are told everything on the subjects of the vectors."""
    mark = ctx.log.mark()
    for one in [await _open(ctx, pair["id"], pair["token"]) for pair in vectors()["pairs"]]:
        answer = await one.pending.answer()
        if not await _served(ctx, one, answer, mark):
            return


async def _open(ctx: Context, id_: str, token: str) -> Encoded:
    random = secrets.token_hex(RANDOM)
    fits = len(token) + len(random) <= MAX_SESSION_BYTES
    session = ctx.session(ctx.user(user_id=id_), (id_ if fits else "") + random)
    prefix = f"session.{token}.{token if fits else ''}{random}"
    pending = await session.send(OPEN, session.open_data(), subject=f"{prefix}.control")
    return Encoded(session, prefix, token, pending)


async def _served(ctx: Context, one: Encoded, answer: Answer | None, mark: int) -> bool:
    """Observe that a session is opened, told its states and the outcome of an action."""
    session, why = one.session, f"user {one.session.user.id!r}, session {one.session.id!r}"
    if not opened(ctx, "SUBJ-003", answer, f"the canonical token of {why}") or answer is None:
        return False
    session.opened = answer
    _raw(ctx, session, answer.record)
    action = session.action_body(NOOP)
    await session.send_action(action, subject=f"user.actions.{one.token}")
    for leaf, type_ in (("state", "session.state"), ("control", "action.ack")):
        subject = f"{one.prefix}.{leaf}"
        record = await _first(ctx, subject, type_)
        if record is None:
            elsewhere = _elsewhere(ctx, session, type_, mark)
            seen = [r.subject for r in elsewhere] or "none of that session"
            expected = f"{type_} on {subject}"
            ctx.check("SUBJ-002", good=False, expected=expected, seen=seen, on=elsewhere, why=why)
            return False
        ctx.check("SUBJ-002", good=True, expected=subject, seen=subject, on=record)
        _raw(ctx, session, record)
    return True


async def _first(ctx: Context, subject: str, type_: str) -> Record | None:
    """Wait for the first message of a type that the target publishes on a subject."""

    def find() -> Record | None:
        came = (r for r in ctx.log.on(subject) if r.party is Party.TARGET and r.type == type_)
        return next(came, None)

    return await ctx.log.wait((subject,), find, timeout_s=ctx.answer_s)


def _elsewhere(ctx: Context, session: Session, type_: str, mark: int) -> list[Record]:
    """Where messages of a type for a session lie, whichever way its id is written there."""
    random = session.id[-2 * RANDOM :]
    return [
        r
        for r in ctx.log.since(mark)
        if r.party is Party.TARGET
        and r.type == type_
        and random in f"{r.subject} {(r.body or {}).get('session_id')}"
        and not r.subject.startswith("_INBOX.")
    ]


def _raw(ctx: Context, session: Session, record: Record) -> None:
    """Observe that a body names its user and session raw."""
    body = record.body or {}
    wanted = {"user_id": session.user.id, "session_id": session.id}
    seen = {name: body.get(name) for name in wanted}
    ctx.equal("ENV-008", wanted, seen, on=record, why=f"{record.type} on {record.subject}")


# -- tokens that are none --------------------------------------------------------------------------------


def _lax(token: str) -> str:
    """The id that a careless decoder reads from a token."""
    return unquote(token.replace("=", "%"), errors="replace")


def _escaped(id_: str) -> list[str]:
    """A token that a careless decoder reads as an id, though it escapes a byte that needs none."""
    found = _FIRST_LITERAL.match(tok(id_))
    return [f"{found[1]}={ord(found[2]):02x}{found[3]}"] if found is not None else []


def _bad_tokens(limit: int) -> list[str]:
    """The refused tokens of the vectors that a broker carries, and some that are too long."""
    listed = [bad["token"] for bad in vectors()["refused"] if TRAVELS.match(bad["token"])]
    encoded = "=c3=a9" * (limit // 6 + 1)
    return [*listed, "x" * (limit + 1), encoded]


@case("SUBJ-003")
async def bad_session_tokens_are_refused(ctx: Context) -> None:
    """Opens on subjects whose session token is no token, or too long, get 4004 and open nothing."""
    user = ctx.user()
    live = await ctx.open(user)
    twin = ctx.session(user)
    mark = ctx.log.mark()
    listed = _bad_tokens(MAX_SESSION_BYTES)
    tokens = [*listed, *_escaped(live.id), *_escaped(twin.id)]
    sent: list[tuple[str, str, PendingRequest]] = []
    for token in tokens:
        for id_ in dict.fromkeys((_lax(token), token)):
            body = {**live.request_body(OPEN, live.open_data()), "session_id": id_}
            subject = f"session.{tok(user.id)}.{token}.control"
            sent.append((token, id_, await live.send(OPEN, body=body, subject=subject)))
    for token, id_, pending in sent:
        why = f"session.open on the session token {token!r} with the id {id_!r} in the body"
        if not ctx.refused("SUBJ-003", await pending.answer(), 4004, why=why):
            break
    await live.fence()
    named = [*tokens, *(tok(_lax(token)) for token in listed)]
    _nothing_below(ctx, [f"session.{tok(user.id)}.{token}." for token in named], mark)
    ping = await (await twin.send(PING)).answer()
    ctx.refused("SUBJ-003", ping, 4041, why="a session that only a bad token named")
    longest = secrets.token_hex(MAX_SESSION_BYTES // 2)
    for id_ in (longest, "\u00e9" * 5 + longest[: MAX_SESSION_BYTES - 30]):
        session = ctx.session(user, id_)
        answer = await (await session.send(OPEN, session.open_data())).answer()
        if opened(ctx, "SUBJ-003", answer, f"a session token of {len(tok(id_))} bytes"):
            session.opened = answer


@case("SUBJ-003")
async def bad_user_tokens_are_refused(ctx: Context) -> None:
    """Requests and actions on subjects whose user token is none get 4004, and have no effect."""
    user = ctx.user()
    live, fresh = await ctx.open(user), ctx.session(user)
    mark = ctx.log.mark()
    action = live.action_body(NOOP)
    tokens = [*_bad_tokens(MAX_USER_BYTES), *_escaped(user.id)]
    for token in tokens:
        for id_ in dict.fromkeys((_lax(token), token)):
            why = f"on the user token {token!r} with the id {id_!r} in the body"
            body = {**fresh.request_body(OPEN, fresh.open_data()), "user_id": id_}
            subject = f"session.{token}.{fresh.id}.control"
            request = await fresh.send(OPEN, body=body, subject=subject)
            other = {**action, "user_id": id_}
            copy = await live.send("an action", body=other, subject=f"user.actions.{token}")
            for what, pending in (("session.open", request), ("an action", copy)):
                answer = await pending.answer()
                if not ctx.refused("SUBJ-003", answer, 4004, why=f"{what} {why}"):
                    return
    pong = await live.ask(PING)
    ctx.equal(
        "SUBJ-003", 0, count_in(pong), on=pong, why="last_action_seq after actions on bad tokens"
    )
    _nothing_below(ctx, [f"session.{token}." for token in tokens], mark)
    ping = await (await fresh.send(PING)).answer()
    ctx.refused("SUBJ-003", ping, 4041, why="a session of a user that only a bad token named")
    outcome = await live.outcome_of(action)
    ctx.acked("SUBJ-003", outcome, status="applied", why="the same action on the right subject")


def _nothing_below(ctx: Context, prefixes: list[str], mark: int) -> None:
    """Observe that the target published nothing below some prefixes; call it after a fence."""
    told = [
        r
        for r in ctx.log.since(mark)
        if r.party is Party.TARGET and r.subject.startswith(tuple(prefixes))
    ]
    ctx.check(
        "SUBJ-003",
        not told,
        expected="nothing on subjects with a bad token",
        seen=[f"{r.type} on {r.subject}" for r in told] or "nothing",
        on=told,
    )
