"""ACTION: the numbers of actions, and in which order they are applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.protocol.json import as_object
from omnisession_conformance.roles.server.steps.any_kind import (
    CHANGES,
    one_kind,
    open_any,
    shows_times,
)
from omnisession_conformance.roles.server.steps.outcomes import count_in, counted
from omnisession_conformance.roles.server.steps.sending import (
    NO_GAP,
    NOOP,
    UNKNOWN,
    Body,
    noops,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.context import Context

GRACE_MS = 500
"""How much later than `gap_ms` a refusal may be seen on a busy machine."""


@case("ACTION-007")
async def retryable_nack_is_forgotten(ctx: Context) -> None:
    """An action that came too early takes neither id nor number, and succeeds when it comes again."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    first, second = session.action_body(NOOP), session.action_body(NOOP)
    early = await session.needed_outcome_of(second)
    ctx.require(
        early.error.get("retryable") is True, f"no retryable nack of an early action, but {early}"
    )
    at = "/data/position/last_action_seq"
    ctx.equal("ACTION-007", 0, counted(early), on=early, pointer=at)
    pong = await session.ask("session.ping")
    ctx.equal("ACTION-007", 0, count_in(pong), on=pong, pointer=at)
    for number, body in enumerate((first, second), 1):
        answer = await session.outcome_of(body)
        why = f"client_seq {number}, after client_seq 2 had come first and was refused"
        ctx.acked("ACTION-007", answer, status="applied", why=why)
        ctx.equal("ACTION-007", number, counted(answer), on=answer, pointer=at, why=why)


@case("ACTION-008")
async def final_outcomes_advance_the_count(ctx: Context) -> None:
    """Whatever final outcome an action gets, it is counted, and its successor is next."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    known = session.action_body(NOOP)
    invalid = {**session.action_body(NOOP, client_seq=0), "data": None}
    steps: list[tuple[str, Body]] = [
        ("an ack without effect", known),
        ("a refusal with 4002", session.action_body(UNKNOWN, client_seq=0)),
        ("a refusal with 4001", invalid),
        ("a refusal with 4003", {**session.action_body(NOOP, client_seq=0), "v": "9.0"}),
        ("a refusal with 4092", {**known, "type": UNKNOWN}),
        ("the ack of a copy", known),
    ]
    for number, (what, body) in enumerate(steps, 1):
        answer = await session.needed_outcome_of({**body, "client_seq": number})
        final = answer.acked or answer.error.get("retryable") is False
        ctx.check(
            "ACTION-008",
            final and counted(answer) == number,
            expected=f"a final outcome with last_action_seq {number}",
            seen=f"{answer}, last_action_seq {counted(answer)}",
            on=answer,
            pointer="/data/position/last_action_seq",
            why=f"{what}, as the next action",
        )
    pong = await session.ask("session.ping")
    ctx.equal("ACTION-008", len(steps), count_in(pong), on=pong, why="all of them were final")


@case("ACTION-010")
async def used_number_is_refused(ctx: Context) -> None:
    """A number that was used is not used again, by a new action or by one of another number."""
    session = await ctx.open(ctx.user(), timers=NO_GAP)
    acks = await noops(session, 5)
    third = acks[2].data.get("action_id")
    for what, id_ in (("a new action_id", None), ("the action_id of client_seq 3", third)):
        for number in (1, 5):
            if id_ is None or isinstance(id_, str):
                body = session.action_body(NOOP, action_id=id_, client_seq=number)
                answer = await session.outcome_of(body)
                why = f"{what} under client_seq {number}, after five actions"
                ctx.refused("ACTION-010", answer, 4092, why=why)
                ctx.equal("ACTION-010", 5, counted(answer), on=answer, why=why)


@case("ACTION-010", needs=CHANGES)
async def used_number_has_no_effect(ctx: Context) -> None:
    """A change under a number that was used is not made."""
    kind = one_kind(ctx)
    session = await open_any(ctx, ctx.user(), kind, timers=NO_GAP)
    await noops(session, 5)
    deed = kind.new(ctx)
    ctx.refused("ACTION-010", await session.outcome_of(deed.body(session, client_seq=1)), 4092)
    await shows_times(ctx, "ACTION-010", session, deed, "under a number that was used", 0)


@case("ACTION-012")
async def action_ahead_of_the_count_is_refused(ctx: Context) -> None:
    """A number that leaves a gap gets a retryable 4091 in time, with the number that is awaited."""
    user = ctx.user()
    for timers in (NO_GAP, None):
        session = await ctx.open(user, timers=timers)
        await noops(session, 1)
        gap_ms = session.timers.get("gap_ms", 0)
        bound_s = ctx.within(gap_ms + GRACE_MS)
        why = f"client_seq 4 after 1, with gap_ms {gap_ms}"
        pending = await session.send_action(session.action_body(NOOP, client_seq=4))
        answer = await pending.outcome(bound_s)
        if answer is None:
            expected = f"4091 within {gap_ms} ms"
            ctx.absent("ACTION-012", expected=expected, waited_s=bound_s, why=why)
            continue
        ctx.refused("ACTION-012", answer, 4091, why=why)
        at = "/data/error/retryable"
        ctx.equal("ACTION-012", True, answer.error.get("retryable"), on=answer, pointer=at, why=why)
        expected = as_object(answer.error.get("details")).get("expected")
        at = "/data/error/details/expected"
        ctx.equal("ACTION-012", 2, expected, on=answer, pointer=at, why=why)
