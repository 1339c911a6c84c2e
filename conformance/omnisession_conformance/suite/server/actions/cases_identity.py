"""SEC: who may speak for a session, and what nobody else is told of it."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.articles import (
    create_published,
    open_articles,
    start_edit,
    takes,
    unique,
    update,
)
from omnisession_conformance.traffic.record import Party

if TYPE_CHECKING:
    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.session import Session

LONG_AGO_S = -3_600


@case("SEC-003")
async def bodies_name_their_subject(ctx: Context) -> None:
    """Requests whose body names another session than their subject get 4031 and do nothing."""
    mine, theirs = await ctx.open(ctx.user()), await ctx.open(ctx.user())
    sibling = await ctx.open(mine.user)
    fresh, unborn = ctx.session(mine.user), ctx.session(theirs.user)
    sessions = [mine, theirs, sibling]
    marks = {session.id: len(session.states()) for session in sessions}
    sent: list[tuple[str, PendingRequest]] = []
    for type_, data in (
        ("session.ping", {}),
        ("session.sync", {}),
        ("session.resume", {"epoch": 1, "seq": 2**40}),
        ("session.open", mine.open_data()),
        ("session.close", {}),
    ):
        body = mine.request_body(type_, data)
        for why, ids in (
            (
                "the ids of another user's session",
                {"user_id": theirs.user.id, "session_id": theirs.id},
            ),
            ("the user id of another", {"user_id": theirs.user.id}),
            ("the id of a sibling session", {"session_id": sibling.id}),
        ):
            what = f"{type_} with {why} in the body"
            sent.append((what, await mine.send(type_, body={**body, **ids})))
    for target, ids in (
        (fresh, {"user_id": theirs.user.id, "session_id": unborn.id}),
        (fresh, {"session_id": sibling.id}),
    ):
        body = {**target.request_body("session.open", mine.open_data()), **ids}
        what = "session.open of a new session with other ids"
        sent.append((what, await target.send("session.open", body=body)))
    for what, pending in sent:
        ctx.refused("SEC-003", await pending.answer(), 4031, why=what)
    for session in sessions:
        await _untouched(ctx, session, marks[session.id])
    for session in (fresh, unborn):
        answer = await session.ask("session.ping")
        ctx.refused("SEC-003", answer, 4041, why="a session that only such an open named")


async def _untouched(ctx: Context, session: Session, states: int) -> None:
    ping = await session.ask("session.ping")
    good = ping.type == "session.pong"
    ctx.check("SEC-003", good, expected="a live session", seen=str(ping), on=ping)
    if good:
        await session.reach(ping.position_or_stop("session.pong"))
    told = [r for r in session.states()[states:] if (r.body or {}).get("reason") != "change"]
    ctx.check(
        "SEC-003", not told, expected="no states that were asked for", seen=len(told), on=told
    )


@case("SEC-004", needs=takes("create", "publish", "update", "edit_start"))
async def sessions_of_others_are_secret(ctx: Context) -> None:
    """What a user's changes bring to another user names no session of the one who made them."""
    mine, theirs = await open_articles(ctx, ctx.user()), ctx.user()
    watching = [await open_articles(ctx, theirs, events=events) for events in (False, True)]
    article_id = await create_published(mine)
    await start_edit(mine, article_id)
    await update(mine, article_id, title=unique(ctx, "title"))
    await ctx.fences(*watching)
    secret = mine.id.encode()
    for session in watching:
        told = [*session.stream, *session.pushes]
        seen = [record for record in told if article_id.encode() in record.data]
        ctx.require(bool(seen), "the other user was told nothing of a published article")
        wrong = [record for record in told if secret in record.data]
        ctx.check(
            "SEC-004",
            not wrong,
            expected=f"no session id of {mine.user.id}",
            seen=[record.type for record in wrong] or "none",
            on=wrong,
            why=f"messages in a session of {theirs.id}",
        )


# -- credentials -----------------------------------------------------------------------------------------


async def _refused_open(ctx: Context, user: User, auth: Any, code: int, why: str) -> None:
    """Observe that an open with a credential is refused, and that it opens nothing."""
    session = ctx.session(user)
    data = {**session.open_data(kinds=ctx.declared.kinds), "auth": auth}
    answer = await (await session.send("session.open", data)).answer()
    ctx.refused("SEC-006", answer, code, why=f"session.open with {why}")
    ping = await (await session.send("session.ping")).answer()
    ctx.refused("SEC-006", ping, 4041, why=f"session.ping after an open with {why}")
    told = [*session.stream, *session.pushes]
    ctx.check(
        "SEC-006",
        not told,
        expected="nothing on the session's subjects",
        seen=[record.subject for record in told] or "nothing",
        on=told,
        why=f"after an open with {why}",
    )


def bearer(token: str) -> dict[str, str]:
    """A credential of the usual scheme."""
    return {"scheme": "bearer", "token": token}


@case("SEC-006", needs=("fixture:auth",))
async def opens_need_a_token(ctx: Context) -> None:
    """Without a token, with garbage for one, or with another user's, nothing is opened."""
    user, other = ctx.user(), ctx.user()
    await _refused_open(ctx, user, None, 4010, "auth null")
    for what, token in (
        ("an empty token", ""),
        ("garbage for a token", "garbage"),
        ("garbage in the form of a token", "a.b.c"),
        ("a token with one character more", f"{user.token}x"),
    ):
        await _refused_open(ctx, user, bearer(token), 4010, what)
    await _refused_open(ctx, user, bearer(other.token), 4031, "another user's token")


@case("SEC-006", needs=("fixture:auth", "fixture:mint"))
async def tokens_are_checked(ctx: Context) -> None:
    """Tokens that are signed with another key, not signed, altered or expired open nothing."""
    user = ctx.user()
    fixture = ctx.fixture
    claims = {"sub": user.id, "perm": list(user.permissions)}
    session = ctx.session(user)
    other = ctx.session(ctx.user())
    tokens = (
        ("signed with another key", fixture.sign(claims, key="another key " * 4), 4010),
        ("of an expired time", fixture.sign(claims, lifetime_s=LONG_AGO_S), 4011),
        ("without a signature", unsigned(user.token), 4010),
        ("altered after it was signed", altered(other.user.token, user.id), 4010),
        ("both badly signed and expired", fixture.sign(claims, key="x" * 40, lifetime_s=-9), 4010),
    )
    for what, token, code in tokens:
        await _refused_token(ctx, session, token, code, what)
    answer = await session.open()
    ctx.equal("SEC-006", "session.opened", answer.type, on=answer, why="a right token, at last")


async def _refused_token(ctx: Context, session: Session, token: str, code: int, what: str) -> None:
    answer = await (await session.send("session.open", session.open_data(token=token))).answer()
    ctx.refused("SEC-006", answer, code, why=f"session.open with a token {what}")
    ping = await (await session.send("session.ping")).answer()
    ctx.refused("SEC-006", ping, 4041, why=f"session.ping after an open with a token {what}")


@case("SEC-006", needs=("fixture:auth", "fixture:expired-token"))
async def expired_tokens_are_refused(ctx: Context) -> None:
    """A token whose time is over opens nothing."""
    fixture = ctx.fixture
    if fixture.config.expired is not None:
        user_id, token = fixture.config.expired
        user = dataclasses.replace(ctx.user(), id=user_id, token=token)
    else:
        user = ctx.user()
        token = fixture.sign({"sub": user.id, "perm": []}, lifetime_s=LONG_AGO_S)
    await _refused_token(ctx, ctx.session(user), token, 4011, "of an expired time")


def unsigned(token: str) -> str:
    """The claims of a token under a header that says that there is no signature."""
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def altered(token: str, user_id: str) -> str:
    """A token with its signature, but with another user in its claims."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    text = json.dumps({**claims, "sub": user_id}, separators=(",", ":")).encode()
    return f"{header}.{base64.urlsafe_b64encode(text).rstrip(b'=').decode()}.{signature}"


@case("SEC-005")
async def tokens_are_not_repeated(ctx: Context) -> None:
    """Whatever a request with a token is answered, no message of the target has the token in it."""
    session = ctx.session(ctx.user())
    mark = ctx.log.mark()
    data = session.open_data(kinds=ctx.declared.kinds, features=ctx.declared.features)
    good = session.request_body("session.open", data)
    bad = f"{session.user.token}-bad"
    requests = (
        {**good, "data": {**data, "auth": bearer(bad)}},
        {**good, "data": {**data, "auth": {"scheme": bad, "token": [bad]}}},
        {**good, "data": {**data, "kinds": bad}},
        {**good, "data": {**data, "protocol": ["9.0"]}},
        {**good, "type": "x.unknown"},
        {**good, "v": "9.0"},
        good,
        good,
    )
    for body in requests:
        answer = await (await session.send("session.open", body=body)).must()
        if session.opened is None and answer.type == "session.opened":
            session.opened = answer
    ctx.require(session.opened is not None, "the session was not opened")
    action = session.action_body("session.noop", {"token": session.user.token})
    await session.needed_outcome_of({**action, "x_token": session.user.token})
    await session.send("session.open", body=json.dumps(good).encode()[:-9])
    await session.sync()
    secret = session.user.token.encode()
    sent = [r for r in ctx.log.since(mark) if r.party is Party.TARGET and r.case == ctx.case.name]
    wrong = [record for record in sent if secret in record.data]
    ctx.check(
        "SEC-005",
        not wrong,
        expected=f"the token in none of {len(sent)} messages",
        seen=[record.type for record in wrong] or "in none",
        on=wrong,
    )
