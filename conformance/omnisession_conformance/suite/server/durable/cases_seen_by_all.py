"""DUR: whoever asks whichever instance sees what was acked, and two of them never promise one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_int
from omnisession_conformance.protocol.position import Position
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    each_kind,
    open_any,
)
from omnisession_conformance.roles.server.steps.articles import (
    create_article,
    entry,
    open_articles,
    takes,
    unique,
)
from omnisession_conformance.roles.server.steps.urls import address, code, open_urls, takes_url
from omnisession_conformance.suite.server.durable.again import until_answered, until_final
from omnisession_conformance.suite.server.durable.needs import AS_ONE, LIMIT_MS
from omnisession_conformance.suite.server.durable.streams import is_full
from omnisession_conformance.suite.server.durable.there import several_or_stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.pending import PendingRequest
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.any_kind import Deed
    from omnisession_conformance.roles.server.steps.sending import Body

SEEN, REVISION, CODE = "DUR-014", "DUR-015", "DUR-016"
USERS, EACH, ROUNDS = 4, 2, 6
"""Whatever deals them out to instances, hardly all of them are dealt to one."""
REVISIONS, CODES = 6, 6


@case(SEEN, needs=(*AS_ONE, *CHANGES), limit_ms=LIMIT_MS)
async def whoever_asks_after_an_ack_sees_the_effect(ctx: Context) -> None:
    """Right after an ack all sessions that are shown it are pinged, one syncs and one is opened anew."""
    await several_or_stop(ctx)
    kind = each_kind(ctx)[-1]
    users = [ctx.user() for _ in range(USERS if kind.everybody else 1)]
    each = EACH if kind.everybody else USERS * EACH
    sessions = [await open_any(ctx, user, kind) for user in users for _ in range(each)]
    for number in range(ROUNDS):
        acting, asking = sessions[number % len(sessions)], sessions[(number + 1) % len(sessions)]
        deed = kind.new(ctx)
        ack = await until_final(acting, deed.body(acting))
        if ack is None or not ack.acked:
            raise Prerequisite(f"{deed.type} was not acked: {ack}")
        seen = await _seen_by_all(ctx, deed, ack, sessions, asking)
        if not seen:
            return


async def _seen_by_all(
    ctx: Context, deed: Deed, ack: Answer, sessions: Sequence[Session], asking: Session
) -> bool:
    """Ask all at once; one of them syncs besides, and its user opens another one."""
    pings = [(one, await one.send("session.ping")) for one in sessions]
    syncing = await asking.send("session.sync")
    fresh = await open_any(ctx, asking.user, deed.kind)
    seen = [_shows(ctx, deed, fresh, _begun(fresh), (ack,), "that was opened after the ack")]
    for session, ping in pings:
        pong = await _answer(session, ping, "session.ping")
        upto = pong.position_or_stop("session.pong")
        await session.reach(upto)
        seen.append(_shows(ctx, deed, session, upto, (pong, ack), "that was pinged after the ack"))
    told = await _answer(asking, syncing, "session.sync")
    at = told.position_or_stop("session.syncing")
    upto = Position(at.epoch, at.seq + len(told.data.get("kinds") or ()))
    await asking.reach(upto)
    seen.append(_shows(ctx, deed, asking, upto, (told, ack), "that asked for a sync after the ack"))
    await fresh.close()
    fresh.leave_open = True
    return all(seen)


async def _answer(session: Session, pending: PendingRequest, type_: str) -> Answer:
    """The answer of a request, which is asked again where it was refused for now."""
    answer = await pending.must()
    if answer.error.get("retryable") is True:
        return await until_answered(session, type_)
    return answer


def _begun(session: Session) -> Position | None:
    """Where the first states of a session end."""
    at = None if session.opened is None else session.opened.position
    return None if at is None else Position(at.epoch, at.seq + len(session.kinds))


def _shows(
    ctx: Context,
    deed: Deed,
    session: Session,
    upto: Position | None,
    on: Sequence[Answer],
    which: str,
) -> bool:
    """Observe that a session shows it; what a list that is full has not may have been cut off."""
    slice_ = session.slice(deed.kind.name, upto=upto)
    shown = deed.shown(slice_)
    if not shown and is_full(deed.kind, slice_, session.limits):
        return True
    return ctx.check(
        SEEN,
        shown,
        expected=f"{deed.marker} in its {deed.kind.name} up to {upto}",
        seen="it is shown" if shown else "it is not shown",
        on=on,
        why=f"a session {which}",
    )


@case(REVISION, needs=(*AS_ONE, *takes("create", "update")), limit_ms=LIMIT_MS)
async def of_updates_that_expect_one_revision_one_is_acked(ctx: Context) -> None:
    """Sessions of one user update an article at once, all expecting the revision that it has."""
    await several_or_stop(ctx)
    user = ctx.user()
    sessions = [await open_articles(ctx, user) for _ in range(USERS)]
    article_id = await create_article(sessions[0])
    for _ in range(REVISIONS):
        listed = await entry(sessions[0], article_id)
        revision = as_int((listed or {}).get("revision"))
        bodies = [
            session.action_body(
                "article.update",
                {"article_id": article_id, "changes": {"title": unique(ctx, "title")}},
                expect={"revision": revision},
            )
            for session in sessions
        ]
        answers = await _at_once(sessions, bodies)
        if not _one_is_acked(ctx, REVISION, answers, f"updates that expect revision {revision}"):
            return


@case(CODE, needs=(*AS_ONE, *takes_url("create")), limit_ms=LIMIT_MS)
async def of_urls_with_one_code_one_is_made(ctx: Context) -> None:
    """Users make a url with the same short code at once: one of them has it."""
    await several_or_stop(ctx)
    users: list[User] = [ctx.user() for _ in range(USERS)]
    sessions = [await open_urls(ctx, user) for user in users]
    for _ in range(CODES):
        same = code(ctx)
        bodies = [
            session.action_body("url.create", {"target_url": address(ctx), "short_code": same})
            for session in sessions
        ]
        answers = await _at_once(sessions, bodies)
        if not _one_is_acked(ctx, CODE, answers, f"urls with the short code {same}"):
            return


async def _at_once(sessions: Sequence[Session], bodies: Sequence[Body]) -> list[Answer]:
    """Send an action of each session without waiting, and again what was refused for now."""
    sent = [await one.send_action(body) for one, body in zip(sessions, bodies, strict=True)]
    answers: list[Answer] = []
    for session, body, pending in zip(sessions, bodies, sent, strict=True):
        answer = await pending.outcome()
        if answer is None or answer.error.get("retryable") is True:
            answer = await until_final(session, body)
        if answer is None:
            raise Prerequisite(f"{body.get('type')} got no outcome, however often it was sent")
        answers.append(answer)
    return answers


def _one_is_acked(ctx: Context, requirement: str, answers: Sequence[Answer], what: str) -> bool:
    """Observe that of several that exclude each other no two are acked; none is a matter of others."""
    acked = [answer for answer in answers if answer.acked]
    ctx.require(bool(acked), f"of {len(answers)} {what} none was acked: {answers[0]}")
    return ctx.check(
        requirement,
        len(acked) == 1,
        expected="one ack, and refusals",
        seen=[str(answer) for answer in answers],
        on=acked,
        why=f"{len(answers)} {what}, sent at once in as many sessions",
    )
