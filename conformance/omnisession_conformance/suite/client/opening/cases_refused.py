"""Opens that are refused: for now, and for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.engine.stops import NotOffered
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.client.actor import OPEN
from omnisession_conformance.roles.client.puppet.bodies import error, unknown_error
from omnisession_conformance.roles.client.steps.closed import tells_that_it_is_closed
from omnisession_conformance.roles.client.steps.openings import (
    AGAIN_MS,
    data_of,
    first_open,
    opens_again,
    place_of,
    session_of,
    side_by_side,
    start_unlike,
)

if TYPE_CHECKING:
    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

UNKNOWN, REPEATS = "CLI-020", "CLI-030"
FOR_NOW, FOR_GOOD = unknown_error(4777, retryable=True), unknown_error(5777, retryable=False)
"""Neither number says by its beginning what the error says of itself."""
EXPIRED, OVER = 4011, 4101


@case(UNKNOWN, slow=True, limit_ms=AGAIN_MS)
async def open_refused_for_now_by_an_unknown_code(ctx: Context) -> None:
    """An open that is refused for now, by whichever code, is asked again."""
    actor, first = await start_unlike(ctx, lambda puppet, asked: puppet.refuse_as(asked, FOR_NOW))
    _hears_answers(first)
    why = "its open got an error with an unknown code and retryable true"
    await opens_again(actor, UNKNOWN, since=0, number=2, why=why)


@case(UNKNOWN, slow=True, limit_ms=AGAIN_MS)
async def open_refused_for_good_by_an_unknown_code(ctx: Context) -> None:
    """An open that is refused for good, by whichever code, is not asked again."""
    await _refused(ctx, UNKNOWN, FOR_GOOD)


@case(REPEATS, slow=True, limit_ms=AGAIN_MS)
async def open_refused_for_its_user(ctx: Context) -> None:
    """An open is not repeated with a credential that was refused, nor where there is no room."""
    await side_by_side(
        ctx,
        lambda: _refused(ctx, REPEATS, error(4010), member="auth"),
        lambda: _refused(ctx, REPEATS, error(4031), member="auth"),
        lambda: _refused(ctx, REPEATS, error(4291), cut=True),
    )


@case(REPEATS, slow=True, limit_ms=AGAIN_MS)
async def open_refused_for_what_it_asks(ctx: Context) -> None:
    """An open is not repeated with versions or kinds that were refused."""
    other = error(4003, details={"supported": ["9.0"]})
    await side_by_side(
        ctx,
        lambda: _refused(ctx, REPEATS, other, member="protocol"),
        lambda: _refused(ctx, REPEATS, error(4220), member="kinds"),
    )


@case(REPEATS, slow=True, limit_ms=AGAIN_MS)
async def open_of_a_session_that_is_over(ctx: Context) -> None:
    """An open that got 4101 is not repeated under its id."""
    await _refused(ctx, REPEATS, error(OVER), anew=True)


@case(REPEATS, slow=True, limit_ms=AGAIN_MS)
async def token_expired(ctx: Context) -> None:
    """A token that has expired is not shown again, and the next one is."""
    actor = await _refused(ctx, REPEATS, error(EXPIRED), member="auth")
    actor.puppet.truthful_again(OPEN)
    token = ctx.draws.text("token")
    after = await ctx.start(token=token, beside=actor)
    opened = await first_open(after)
    shown = as_object(data_of(opened).get("auth")).get("token")
    ctx.equal(REPEATS, token, shown, on=after.records([opened]), why="started with another token")


async def _refused(
    ctx: Context,
    requirement: str,
    refusal: Object,
    *,
    member: str = "",
    anew: bool = False,
    cut: bool = False,
) -> Actor:
    """Refuse every open of a session, and observe that none comes again as it was.

    It is another one with another `member` of its data, or, `anew`, with another id. A `cut` behind the
    refusal is no reason either.
    """
    actor, first = await start_unlike(
        ctx, lambda puppet, asked: puppet.refuse_as(asked, refusal), times=None
    )
    _hears_answers(first)
    if cut:
        await actor.until(lambda: first.reply in actor.gate.answered, within_s=ctx.answer_s)
        await actor.fenced()
        actor.gate.cut()

    def again() -> Seen | None:
        rest = actor.said(OPEN, since=place_of(actor, first) + 1)
        return next((one for one in rest if _same(first, one, member, anew=anew)), None)

    found = await actor.stage.bell.until(again, within_s=actor.spell_s)
    words = f"no {OPEN} as the one that was refused"
    ctx.check(
        requirement,
        good=found is None,
        expected=words,
        seen=words if found is None else f"another {OPEN}",
        on=actor.records([first] if found is None else [found, first]),
        why=f"refused with {refusal['code']} and retryable {str(refusal['retryable']).lower()}",
    )
    if not anew and not member and actor.failed is None:
        await tells_that_it_is_closed(actor, requirement, "its open was refused for good")
    await actor.stop()
    return actor


def _same(first: Seen, other: Seen, member: str, *, anew: bool) -> bool:
    if anew:
        return session_of(other) == session_of(first)
    return not member or data_of(other).get(member) == data_of(first).get(member)


def _hears_answers(first: Seen) -> None:
    if not first.reply:
        raise NotOffered("the client opens without a reply subject: it hears of no refusal")
