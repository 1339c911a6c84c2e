"""The same bytes again and again, as clients send them, until there is an answer that is not for now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from omnisession_conformance.engine.stops import NoRoom, Prerequisite

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer
    from omnisession_conformance.roles.server.session import Session
    from omnisession_conformance.roles.server.steps.sending import Body

T = TypeVar("T")

TRIES = 20
"""So often a step is made that a server may refuse for now, or not answer."""
AGAIN_S = 0.5
"""What had no answer for so long is sent again."""
TAKEOVER_S = 30.0
"""How long a takeover may take, as the page on durability has it."""
MOST = 200
"""A bound on copies, whatever they are answered."""
REST_S = 0.05
"""How long after a first refusal for now the same is sent again, where the refusal does not say."""
TOO_FAST = 4290
GONE = (4041, 4101)
"""What a session is refused that is not there, or is over."""


async def patiently(ctx: Context, step: Callable[[], Awaitable[T]]) -> T:
    """Make a step again and again, as one may fail while others take over; Prerequisite where each does."""
    for _ in range(TRIES - 1):
        try:
            return await step()
        except NoRoom:
            raise
        except Prerequisite:
            await ctx.log.wait((), lambda: None, timeout_s=AGAIN_S)
    return await step()


def patience_s(session: Session) -> float:
    """How long others may take until they serve in the place of one that ended."""
    return max(TAKEOVER_S, session.start_timeout_s)


async def until_final(
    session: Session,
    body: Body,
    *,
    subject: str | None = None,
    within_s: float | None = None,
) -> Answer | None:
    """Send the same bytes until an outcome is final; None where none is in time, or within `patience_s`."""

    async def send() -> Answer | None:
        return await (await session.send_action(body, subject=subject)).outcome(AGAIN_S)

    return await _until_final(session, send, within_s)


async def until_answered(
    session: Session, type_: str, data: Mapping[str, Any] | None = None
) -> Answer:
    """Ask until there is an answer that is no refusal for now; Prerequisite where none is in time."""

    async def send() -> Answer | None:
        return await (await session.send(type_, data)).answer(AGAIN_S)

    answer = await _until_final(session, send)
    if answer is None:
        raise Prerequisite(f"{type_} was not answered within {patience_s(session):g} s")
    return answer


async def _until_final(
    session: Session, send: Callable[[], Awaitable[Answer | None]], within_s: float | None = None
) -> Answer | None:
    left_s, rest_s = patience_s(session) if within_s is None else within_s, REST_S
    for _ in range(MOST):
        answer = await send()
        if answer is not None and answer.error.get("retryable") is not True:
            return answer
        if answer is None:
            left_s -= AGAIN_S
        else:
            later_s = rest_s if answer.later_ms is None else answer.later_ms / 1_000
            await session.wait(lambda: None, later_s)
            # Who says that it was too fast is there.
            left_s -= 0.0 if answer.code == TOO_FAST else max(later_s, REST_S)
            rest_s = min(2 * rest_s, AGAIN_S)
        if left_s <= 0:
            return None
    return None
