"""ERR: what errors say, and what they keep to themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.schemas.catalogue import catalogue
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    create_published,
    open_articles,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.faulty_bodies import faulty_requests, points_at
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sending import NO_GAP, NOOP, UNKNOWN, Posted, settle

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingAction, PendingRequest
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

BURST = 120
OPEN = ("session.open",)
OTHERS = ("session.sync", "session.resume", "session.ping", "session.close")
PATIENCE_MS = 30_000
"""For servers that take a burst in the end, but slowly."""


@case("ERR-001")
async def errors_are_of_the_catalogue(ctx: Context) -> None:
    """Refusals of many kinds carry a code of the catalogue with its own name and `retryable`."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    closed = await ctx.open(session.user)
    await closed.close()
    closed.leave_open = True
    requests = await _refused_requests(ctx, session, closed)
    actions = await _refused_actions(session)
    for what, pending in (*requests, *actions):
        _of_the_catalogue(ctx, await pending.must(), what)


async def _refused_requests(
    ctx: Context, session: Session, closed: Session
) -> list[tuple[str, PendingRequest]]:
    ping = session.request_body("session.ping")
    unknown = ctx.session(session.user)
    user, id_ = session.prefix.split(".")[1:]
    return [
        ("a request that is no JSON", await session.send("session.ping", body=b"{")),
        (
            "a request without data",
            await session.send("session.ping", body={**ping, "data": None}),
        ),
        ("a request of an unknown type", await session.send(UNKNOWN)),
        (
            "a request of another MAJOR",
            await session.send("session.ping", body={**ping, "v": "9.0"}),
        ),
        (
            "a request on a token that is not canonical",
            await session.send("session.ping", subject=f"session.{user}.=61{id_}.control"),
        ),
        (
            "a request with another session's id",
            await session.send("session.ping", body={**ping, "session_id": closed.id}),
        ),
        (
            "a sync of a kind that is not open",
            await session.send("session.sync", {"kinds": ["x-none"]}),
        ),
        ("a request of an unknown session", await unknown.send("session.ping")),
        ("a request of a closed session", await closed.send("session.ping")),
    ]


async def _refused_actions(session: Session) -> list[tuple[str, PendingAction]]:
    first = session.action_body(NOOP)
    bodies = [
        ("an unknown type", session.action_body(UNKNOWN)),
        ("invalid data", {**session.action_body(NOOP), "data": 5}),
        ("another MAJOR", {**session.action_body(NOOP), "v": "9.0"}),
        ("a used number", session.action_body(NOOP, client_seq=1)),
        ("a number far ahead", session.action_body(NOOP, client_seq=99)),
        ("a known id with another body", {**first, "type": UNKNOWN}),
    ]
    await session.send_action(first)
    return [(f"an action with {what}", await session.send_action(body)) for what, body in bodies]


def _of_the_catalogue(ctx: Context, answer: Answer, what: str) -> None:
    error = answer.error
    known = catalogue().errors.get(answer.code or 0)
    expected: list[Any] = [known.code, known.name, known.retryable] if known else ["a known code"]
    seen = [error.get(name) for name in ("code", "name", "retryable")]
    ctx.equal("ERR-001", expected, seen, on=answer, pointer="/data/error", why=f"answer to {what}")


@case("ERR-006", needs=takes("create", "publish", "update", "delete", "select", "edit_start"))
async def errors_tell_nothing_of_others(ctx: Context) -> None:
    """Refusals of actions on somebody else's articles name neither that user nor its sessions."""
    mine, theirs = (
        await open_articles(ctx, ctx.user("reader")),
        await open_articles(ctx, ctx.user()),
    )
    draft = await create_article(theirs, title=unique(ctx, "draft"))
    published = await create_published(theirs)
    await mine.fence()
    secrets = (theirs.user.id, theirs.id)
    for article_id, whose in ((draft, "a draft"), (published, "a published article")):
        named = {"article_id": article_id}
        for type_, data in (
            ("article.update", {**named, "changes": {"title": "Mine"}}),
            ("article.delete", named),
            ("article.edit_start", named),
            ("article.select", named),
        ):
            answer = await mine.act(type_, data)
            if answer.error:
                text = json.dumps(answer.error, ensure_ascii=False)
                ctx.check(
                    "ERR-006",
                    not any(secret in text for secret in secrets),
                    expected="an error without ids of the other user",
                    seen=text,
                    on=answer,
                    pointer="/data/error",
                    why=f"{type_} on {whose} of another user",
                )


@case("ERR-007", phase=Phase.LOUD, limit_ms=PATIENCE_MS)
async def burst_is_taken_in_the_end(ctx: Context) -> None:
    """Of a burst, what a rate limit refuses is taken when it comes again after the time told."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    refused: list[Answer] = []
    posted = [Posted(session.action_body(NOOP)) for _ in range(BURST)]
    try:
        outcomes = await settle(session, posted, refused)
    except Prerequisite as stop:
        expected = "every action of a burst taken in the end"
        ctx.check("ERR-007", good=False, expected=expected, seen=str(stop), on=refused[-1:])
        return
    for answer in (answer for answer in refused if answer.code == 4290):
        after: Any = answer.error.get("retry_after_ms")
        ctx.check(
            "ERR-007",
            isinstance(after, int) and not isinstance(after, bool) and after >= 0,
            expected="retry_after_ms in the error",
            seen=answer.error,
            on=answer,
            pointer="/data/error/retry_after_ms",
        )
    for number, answer in enumerate(outcomes, 1):
        good = answer.status == "applied" and counted(answer) == number
        if not good or number == BURST:
            ctx.check(
                "ERR-007",
                good,
                expected=f"applied, with last_action_seq {number}",
                seen=f"{answer}, {answer.position}",
                on=answer,
                why=f"action {number} of a burst of {BURST}",
            )


@case("ERR-003", "ERR-004", phase=Phase.HOSTILE)
async def faulty_requests_are_refused(ctx: Context) -> None:
    """Every request with a member missing or of a wrong type gets 4001, and a pointer to it."""
    session = ctx.session(ctx.user())
    live = await ctx.open(session.user)
    sent = [
        (fault, await target.send("faulty", body=fault.body))
        for target, types in ((session, OPEN), (live, OTHERS))
        for fault in faulty_requests(ctx.checker, target, types)
    ]
    for fault, pending in sent:
        answer = await pending.answer()
        why = f"{fault.body.get('type', 'a request')} where {fault.what}"
        if ctx.refused("ERR-003", answer, 4001, why=why) and answer is not None:
            points_at(ctx, answer, fault, why)
    ping = await live.ask("session.ping")
    ctx.equal("ERR-003", "session.pong", ping.type, on=ping, why="the session after all of them")
