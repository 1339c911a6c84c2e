"""LIMIT: limits are wide enough for all that the protocol asks to be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.limits import FLOOR_OF_RATE, FLOORS
from omnisession_conformance.roles.server.steps.control import opened
from omnisession_conformance.roles.server.steps.sending import NOOP, burst

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context
    from omnisession_conformance.roles.server.reply import Answer

TOO_FAST = 4290


@case("LIMIT-005")
async def no_limit_is_below_its_floor(ctx: Context) -> None:
    """A session of all kinds is told limits that are at their floors or above."""
    session = ctx.session(ctx.user())
    data = session.open_data(kinds=list(ctx.declared.kinds))
    answer = await (await session.send("session.open", data)).answer()
    if not opened(ctx, "LIMIT-005", answer, "an open of all kinds") or answer is None:
        return
    session.opened = answer
    told = session.limits
    ctx.require(bool(told), "session.opened tells no limit")
    for name, floor in FLOORS.items():
        if name in told:
            ctx.check(
                "LIMIT-005",
                told[name] >= floor,
                expected=f"{name} of {floor} or more",
                seen=told[name],
                on=answer,
                pointer=f"/data/limits/{name}",
            )


@case("LIMIT-006", first=True)
async def first_actions_of_a_second_are_taken(ctx: Context) -> None:
    """Of two users who sent nothing yet, as many actions at once as the floor says are not too many."""
    # A server that ends under any action is told by this one: of a burst nothing would be concluded.
    await (await ctx.open(ctx.user())).apply(NOOP)
    sessions = [await ctx.open(ctx.user()) for _ in range(2)]
    sent = [
        pending
        for session in sessions
        for pending in await burst(
            session, [session.action_body(NOOP) for _ in range(FLOOR_OF_RATE)]
        )
    ]
    answers: list[Answer] = [await one.must() for one in sent]
    refused = [answer for answer in answers if answer.code == TOO_FAST]
    ctx.check(
        "LIMIT-006",
        not refused,
        expected=f"no {TOO_FAST}",
        seen=f"{TOO_FAST} for {len(refused)} of them" if refused else "none",
        on=refused[:1] or answers[-1:],
        why=f"{FLOOR_OF_RATE} actions of each of two users who sent none before",
    )
