"""ERR: bytes that are no messages, on every subject that a server reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.malformed import NO_OBJECTS, generated, nasty
from omnisession_conformance.roles.server.steps.outcomes import count_in
from omnisession_conformance.roles.server.steps.sending import (
    CHAT_SUBJECT,
    EDIT_SUBJECT,
    NO_GAP,
    NOOP,
    Body,
    chat_body,
    edit_body,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session

BAD_TOKENS = ("=", "=zz", "=2E", "%41", "a@b", "é", "x" * 300)
PART = 100
"""Messages of garbage between two right ones on the same subject."""


def valid(ctx: Context, session: Session, number: int) -> dict[str, Body]:
    """A right message for each subject that a server reads; actions have the number given."""
    return {
        session.control_subject: session.request_body("session.ping"),
        session.actions_subject: session.action_body(NOOP, client_seq=number),
        EDIT_SUBJECT: edit_body(session, unique(ctx, "none"), client_seq=number),
        CHAT_SUBJECT: chat_body(session, 5, client_seq=number),
    }


async def _still_served(ctx: Context, requirement: str, session: Session, why: str) -> None:
    """Observe that a right message on each subject gets its answer."""
    for subject in valid(ctx, session, 1):
        if not await _served_on(ctx, requirement, session, subject, why):
            return


async def _served_on(
    ctx: Context, requirement: str, session: Session, subject: str, why: str
) -> bool:
    pong = await _pings(ctx, requirement, session, why)
    if pong is None or pong.position is None:
        return False
    body = valid(ctx, session, count_in(pong) + 1)[subject]
    answer = await (await session.send(body["type"], body=body, subject=subject)).answer()
    wanted = ("session.pong",) if "client_seq" not in body else ("action.ack", "action.nack")
    expected = f"{' or '.join(wanted)} to {body['type']} on {subject}"
    if answer is None:
        return ctx.absent(requirement, expected=expected, why=why)
    good = answer.type in wanted and (answer.code is None or answer.code < 5000)
    return ctx.check(requirement, good, expected=expected, seen=str(answer), on=answer, why=why)


async def _pings(ctx: Context, requirement: str, session: Session, why: str) -> Answer | None:
    answer = await (await session.send("session.ping")).answer()
    if answer is None:
        ctx.absent(requirement, expected="session.pong", why=why)
    else:
        good, seen = answer.type == "session.pong", str(answer)
        ctx.check(requirement, good, expected="session.pong", seen=seen, on=answer, why=why)
    return answer


@case("ERR-002", phase=Phase.HOSTILE)
async def bodies_that_are_no_object(ctx: Context) -> None:
    """On every subject, what is no JSON object is answered 4000 where it can be, and changes nothing."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    before = await session.fence()
    subjects = list(valid(ctx, session, 1))
    sent = [
        (what, subject, await session.send("garbage", body=body, subject=subject))
        for subject in subjects
        for what, body in NO_OBJECTS
    ]
    for subject in subjects:
        for _, body in NO_OBJECTS:
            await session.send("garbage", body=body, subject=subject, reply="")
    for what, subject, pending in sent:
        ctx.refused("ERR-002", await pending.answer(), 4000, why=f"{what} on {subject}")
    pong = await session.ask("session.ping")
    after = count_in(pong)
    ctx.equal(
        "ERR-002", before.last_action_seq, after, on=pong, why="last_action_seq after all of it"
    )
    await _still_served(ctx, "ERR-002", session, "after bodies that are no JSON objects")


@case("ERR-005", phase=Phase.HOSTILE, limit_ms=12_000)
async def garbage_stops_nothing(ctx: Context) -> None:
    """After nasty and random bytes on every subject, all sessions and subjects are served as before."""
    user = ctx.user()
    victim, mine, theirs = await ctx.open(user), await ctx.open(user), await ctx.open(ctx.user())
    for seed, (subject, good) in enumerate(valid(ctx, victim, 1).items()):
        # The shared subjects lead to the same place as a user's own: each has a half of the list.
        bodies = [*nasty(good)]
        bodies = [*(bodies[seed % 2 :: 2] if seed > 1 else bodies), *generated(good, seed)]
        why = f"after garbage on {subject}"
        for at in range(0, len(bodies), PART):
            await _throw(victim, subject, bodies[at : at + PART])
            await _served_on(ctx, "ERR-005", victim, subject, why)
        for session in (mine, theirs):
            await _pings(ctx, "ERR-005", session, why)
    for token in BAD_TOKENS:
        for subject in (
            f"session.{token}.{victim.id}.control",
            f"session.{ctx.tok(user.id)}.{token}.control",
            f"user.actions.{token}",
        ):
            await victim.send("session.ping", subject=subject)
    await _still_served(ctx, "ERR-005", victim, "after subjects that name nobody")
    for session in (mine, theirs):
        await _pings(ctx, "ERR-005", session, "after all garbage")
    fresh = ctx.session(user)
    answer = await fresh.open()
    ctx.equal(
        "ERR-005", "session.opened", answer.type, on=answer, why="a new session, after garbage"
    )


async def _throw(session: Session, subject: str, bodies: Sequence[bytes]) -> None:
    for number, body in enumerate(bodies):
        reply = "" if number % 2 else None
        await session.send("garbage", body=body, subject=subject, reply=reply)
