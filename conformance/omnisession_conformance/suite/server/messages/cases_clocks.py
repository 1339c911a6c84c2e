"""ENV: the clock of a client, which may be off by years, decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.server.steps.any_kind import CHANGES, one_kind, open_any
from omnisession_conformance.roles.server.steps.chat import open_chat, takes_chat, text
from omnisession_conformance.roles.server.steps.control import (
    CLOSE,
    NOWHERE,
    OPEN,
    PING,
    RESUME,
    SYNC,
    answered,
)
from omnisession_conformance.roles.server.steps.sending import CHAT_SUBJECT, NOOP, chat_body
from omnisession_conformance.roles.server.steps.timers import DAY_MS, MINUTE_MS

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

ANSWERS = {
    OPEN: "session.opened",
    PING: "session.pong",
    SYNC: "session.syncing",
    RESUME: "session.resumed",
    CLOSE: "session.closed",
}
BEGIN, END = 1, 2**53 - 1
"""The first time that there is, and the last."""


def times(now_ms: int) -> dict[str, int]:
    """Times that a client may tell, in an order in which its clock is set back more than once."""
    return {
        "ten minutes ahead": now_ms + 10 * MINUTE_MS,
        "ten minutes ago": now_ms - 10 * MINUTE_MS,
        "the last that there is": END,
        "in a day": now_ms + DAY_MS,
        "a day ago": now_ms - DAY_MS,
        "the first that there is": BEGIN,
        "the same once more": BEGIN,
    }


@case("ENV-012")
async def requests_of_any_time(ctx: Context) -> None:
    """Sessions whose clients are years off, or set their clocks back, are served as others are."""
    user = ctx.user()
    for what, time_ms in times(ctx.session(user).request_body(PING)["timestamp"]).items():
        session = ctx.session(user)
        for type_, wanted in ANSWERS.items():
            data: dict[str, Any] = session.open_data() if type_ == OPEN else {}
            body = session.request_body(type_, NOWHERE if type_ == RESUME else data)
            answer = await (await session.send(type_, body=_dated(body, time_ms))).answer()
            if not answered(ctx, "ENV-012", answer, wanted, f"{type_} of {what}"):
                session.leave_open = True
                return
            if type_ == OPEN:
                session.opened = answer


@case("ENV-012")
async def requests_of_a_clock_that_is_set_back(ctx: Context) -> None:
    """One session asks on while its client's clock jumps, and each of its requests is answered."""
    session = await ctx.open(ctx.user())
    for what, time_ms in times(session.request_body(PING)["timestamp"]).items():
        for type_ in (PING, SYNC, RESUME):
            body = session.request_body(type_, NOWHERE if type_ == RESUME else {})
            answer = await (await session.send(type_, body=_dated(body, time_ms))).answer()
            if not answered(ctx, "ENV-012", answer, ANSWERS[type_], f"{type_} of {what}"):
                return


@case("ENV-012")
async def actions_of_any_time(ctx: Context) -> None:
    """An action is done whatever time its client makes it."""
    session = await ctx.open(ctx.user())
    for what, time_ms in times(session.action_body(NOOP, client_seq=1)["timestamp"]).items():
        body = _dated(session.action_body(NOOP), time_ms)
        ctx.acked("ENV-012", await session.outcome_of(body), why=f"a noop of {what}")


@case("ENV-012", needs=CHANGES)
async def changes_of_any_time(ctx: Context) -> None:
    """What an action changes is changed whatever time its client makes it."""
    kind = one_kind(ctx)
    session = await open_any(ctx, ctx.user(), kind)
    for what, time_ms in times(session.action_body(NOOP, client_seq=1)["timestamp"]).items():
        body = _dated(kind.new(ctx).body(session), time_ms)
        ctx.acked("ENV-012", await session.outcome_of(body), why=f"{body['type']} of {what}")


@case("ENV-012", needs=takes_chat("send"))
async def messages_of_any_time(ctx: Context) -> None:
    """So is what is said on the subject of the chat."""
    session = await open_chat(ctx, ctx.user())
    for what, time_ms in times(session.action_body(NOOP, client_seq=1)["timestamp"]).items():
        body = _dated(chat_body(session, text(ctx)), time_ms)
        answer = await session.outcome_of(body, subject=CHAT_SUBJECT)
        ctx.acked("ENV-012", answer, why=f"chat.send of {what}")


def _dated(body: dict[str, Any], time_ms: int) -> dict[str, Any]:
    return {**body, "timestamp": time_ms}
