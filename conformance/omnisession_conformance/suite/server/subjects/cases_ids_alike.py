"""SUBJ: ids of users and sessions that are taken for one, and such as mean something to a language."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.subjects import MAX_SESSION_BYTES, MAX_USER_BYTES
from omnisession_conformance.protocol.vocabulary import near
from omnisession_conformance.protocol.vocabulary.words import FEW
from omnisession_conformance.roles.server.steps.articles import unique
from omnisession_conformance.roles.server.steps.control import CLOSE, OPEN, answered, opened
from omnisession_conformance.roles.server.steps.outcomes import counted
from omnisession_conformance.roles.server.steps.sending import NOOP, noops

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from omnisession_conformance.environment.users import User
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.session import Session

AT_A_TIME = 6
"""Sessions of one user at a time: the limit may be no higher than eight."""
RANDOM = 16
"""Random bytes in a session id."""


@case("SUBJ-004")
async def near_session_ids_are_other_sessions(ctx: Context) -> None:
    """Session ids that only case, spaces, forms or signs tell apart are ids of different sessions."""
    user, count = ctx.user(), len(near.ids(_stem()))
    await ctx.open(user)
    for at in range(1, count, AT_A_TIME - 1):
        # Each time around another stem: a session that is over is so for good.
        first, *others = near.ids(_stem()).items()
        some = others[at - 1 : at + AT_A_TIME - 2]
        if not await _sessions(ctx, user, dict([first, *some])):
            return
    await _sessions(ctx, user, near.lengths(secrets.token_hex(MAX_SESSION_BYTES // 2)))


def _stem() -> str:
    return f"{secrets.token_hex(RANDOM)}-e"


async def _sessions(ctx: Context, user: User, alike: Mapping[str, str]) -> bool:
    whys = [f"a session id that differs from others in {what}" for what in alike.values()]
    return await _apart(ctx, [ctx.session(user, id_) for id_ in alike], whys)


@case("SUBJ-004", needs=("fixture:mint",))
async def near_user_ids_are_other_users(ctx: Context) -> None:
    """User ids that only case, spaces, forms or signs tell apart are ids of different users."""
    await ctx.open(ctx.user())
    longest = ctx.draws.digits().ljust(MAX_USER_BYTES, "z")
    stem, digits, id_ = unique(ctx, "u"), ctx.draws.digits(), secrets.token_hex(RANDOM)
    alike = {**near.ids(stem), **near.numbers(digits), **near.lengths(longest)}
    sessions = [ctx.session(ctx.user(user_id=it), id_) for it in alike]
    whys = [f"a user id that differs from others in {what}" for what in alike.values()]
    await _apart(ctx, sessions, whys)


@case("SUBJ-004", needs=("fixture:mint",))
async def joined_ids_are_two(ctx: Context) -> None:
    """Users and sessions, and users and actions, that are one text when joined are two pairs."""
    stem, rest = unique(ctx, "j"), secrets.token_hex(RANDOM)
    inner = ctx.user(user_id=stem)
    await noops(await ctx.open(inner), 1)
    for sign, *ids in near.ambiguous(stem, rest):
        users = [inner if id_ == stem else ctx.user(user_id=id_) for id_, _ in ids]
        sessions = [ctx.session(user, id_) for user, (_, id_) in zip(users, ids, strict=True)]
        why = f"user and session that are one text with others when they are joined by {sign!r}"
        # The same ids again, of actions: copies are known by user and action id.
        if not await _apart(ctx, sessions, [why, why], [id_ for _, id_ in ids]):
            return


@case("SUBJ-004", needs=("fixture:mint",))
async def ids_may_be_any_words(ctx: Context) -> None:
    """Users, sessions and actions whose ids mean something to a language or a store are as any."""
    await noops(await ctx.open(ctx.user()), 1)
    sessions = [ctx.session(ctx.user(), word) for word in FEW]
    whys = [f"a session and an action with the id {word!r}" for word in FEW]
    if await _apart(ctx, sessions, whys, FEW):
        named = [ctx.session(ctx.user(user_id=word)) for word in FEW]
        await _apart(ctx, named, [f"the user {word!r}" for word in FEW], [None] * len(FEW))


async def _apart(
    ctx: Context,
    sessions: Sequence[Session],
    whys: Sequence[str],
    action_ids: Iterable[str | None] | None = None,
) -> bool:
    """Observe that sessions open as new ones, and live until they are closed, whatever ends beside them.

    With `action_ids` each acts once, None for an id of its client. Returns False where one does not
    open, or not as a new one: what comes then is of no use.
    """
    asked = [await session.send(OPEN, session.open_data()) for session in sessions]
    answers = [await pending.answer() for pending in asked]
    for session, answer, why in zip(sessions, answers, whys, strict=True):
        if not opened(ctx, "SUBJ-004", answer, why) or answer is None:
            return False
        session.opened = answer
        seq = answer.position.seq if answer.position is not None else None
        pointer = "/data/position/seq"
        if not ctx.equal("SUBJ-004", 0, seq, on=answer, pointer=pointer, why=f"{why}: its open"):
            return False
    if action_ids is not None:
        await _act_apart(ctx, sessions, whys, action_ids)
    for session in sessions:
        session.leave_open = True
    ended = [await session.send(CLOSE) for session in sessions]
    for pending, why in zip(ended, whys, strict=True):
        answered(ctx, "SUBJ-004", await pending.answer(), "session.closed", f"{why}: its end")
    return True


async def _act_apart(
    ctx: Context, sessions: Sequence[Session], whys: Sequence[str], ids: Iterable[str | None]
) -> None:
    """Observe that each session's first action is applied, and counted there alone."""
    bodies = [s.action_body(NOOP, action_id=id_) for s, id_ in zip(sessions, ids, strict=True)]
    sent = [await s.send_action(body) for s, body in zip(sessions, bodies, strict=True)]
    for session, body, pending, why in zip(sessions, bodies, sent, whys, strict=True):
        answer = await pending.outcome()
        if answer is not None and answer.later_ms is not None:
            answer = await session.outcome_of(body)
        ctx.acked("SUBJ-004", answer, status="applied", why=f"{why}: its first action")
        ctx.equal("SUBJ-004", 1, counted(answer), on=answer, why=f"{why}: its count")
