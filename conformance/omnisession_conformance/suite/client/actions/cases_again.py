"""Actions without a final outcome: the same bytes once more, after a wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.steps.acts import Acts, acting, number_of, session_of
from omnisession_conformance.roles.client.steps.again import (
    AGAIN,
    Nacks,
    goes_on,
    same_again,
    unknown,
)
from omnisession_conformance.roles.client.steps.missing import lose_something
from omnisession_conformance.roles.client.steps.rows import EARLY_S
from omnisession_conformance.roles.client.steps.telling import telling_on

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

UNKNOWN, ONE_OUT = "CLI-020", "HYB-006"
GAP, RATE, STOPS = 4091, 4290, 5030
AFTER_MS, AFTER_A_CUT_MS, AFTER_A_SLOW_CUT_MS = 150, 500, 4_000
ROW, TWICE = 6, 2
WEEKS_MS = 2**31 + 60_000
OUTCOME_MS, TELLS_EVERY_S = 400, 0.05
LONGER = {"retry_base_ms": 200, "retry_max_ms": 1_000}
"""On a busy machine a round trip takes as long as the usual waits of a run."""
LEAST_PART = 0.1
"""Of the bounds of a row of waits: one that waits a random part of each has less once in 10 000 rows."""


@case(AGAIN, ONE_OUT, limit_ms=60_000)
async def nack_for_now(ctx: Context) -> None:
    """A retryable nack takes no number: the same bytes come again, not before `retry_after_ms`."""
    for features in ctx.ways:
        for refusal in (bodies.error(RATE, retry_after_ms=AFTER_MS), bodies.error(STOPS)):
            acts = await acting(ctx, features, types=1)
            if not await _refused_for_now(ctx, acts, refusal, AGAIN, ONE_OUT):
                return


@case(AGAIN, ONE_OUT, limit_ms=45_000)
async def nack_of_a_gap(ctx: Context) -> None:
    """A nack of a gap takes no number: what was refused is sent again."""
    acts = await acting(ctx, types=1)
    _, first = await acts.acted()
    await acts.done(first)
    expected = (number_of(first) or 0) + 1
    refusal = bodies.error(GAP, details={"expected": expected})
    await _refused_for_now(ctx, acts, refusal, AGAIN, ONE_OUT)


@case(AGAIN, slow=True, limit_ms=45_000)
async def nack_for_weeks(ctx: Context) -> None:
    """A `retry_after_ms` that no timer of 32 bits can hold is waited for: no copy comes."""
    acts = await acting(ctx, types=1)
    nacks = Nacks(acts, bodies.error(RATE, retry_after_ms=WEEKS_MS), [])
    acts.actor.puppet.instead("actions", nacks)
    act, said = await acts.acted()
    await acts.actor.until(lambda: nacks.at_s, within_s=ctx.answer_s)
    await acts.actor.fenced()
    await acts.said(act, 2, within_s=acts.actor.spell_s)
    copies = [one for one in acts.copies(act) if session_of(one) == session_of(said)]
    why = f"copies of an action in all, whose nack had the retry_after_ms {WEEKS_MS}"
    ctx.equal(AGAIN, 1, len(copies), on=acts.actor.records(copies), why=why)


@case(AGAIN, slow=True, limit_ms=60_000)
async def silence_in_a_busy_stream(ctx: Context) -> None:
    """What has no outcome is sent again, however much of others comes meanwhile."""
    acts = await acting(ctx, types=1, timers={"outcome_ms": OUTCOME_MS})
    puppet = acts.actor.puppet
    puppet.instead("actions", puppet.swallow, times=1)
    act, _ = await acts.acted()
    async with telling_on(acts.actor, every_s=TELLS_EVERY_S):
        # What others do counts none of it.
        await same_again(ctx, acts, act, 2, "it got lost, and others go on", AGAIN)


@case(UNKNOWN, AGAIN, needs=("actions",), limit_ms=45_000)
async def nack_with_an_unknown_code(ctx: Context) -> None:
    """A code that the client does not know is for now where the nack says so."""
    acts = await acting(ctx, types=1)
    await _refused_for_now(ctx, acts, unknown(retry_after_ms=AFTER_MS), UNKNOWN, AGAIN)


async def _refused_for_now(
    ctx: Context, acts: Acts, refusal: Mapping[str, object], *requirements: str
) -> bool:
    nacks = Nacks(acts, refusal, [])
    acts.actor.puppet.instead("actions", nacks, times=TWICE)
    act, first = await acts.acted()
    code, least_ms = refusal["code"], int(str(refusal.get("retry_after_ms", 0)))
    why = f"its nack has the code {code} and says that it is retryable"
    for number in range(TWICE):
        copy = await same_again(ctx, acts, act, number + 2, why, *requirements, is_free=True)
        if copy is None:
            return False
        _not_before(ctx, acts, nacks.at_s[number], copy.at_s, least_ms)
    return (
        await goes_on(ctx, acts, first, f"{why}, and its copy is done", *requirements) is not None
    )


def _not_before(ctx: Context, acts: Acts, from_s: float, at_s: float, least_ms: int) -> None:
    waited_ms = round((at_s - from_s) * 1_000, 1)
    if least_ms:
        ctx.check(
            AGAIN,
            good=waited_ms >= least_ms - EARLY_S * 1_000,
            expected=f"{least_ms} ms or more after its nack, which says retry_after_ms {least_ms}",
            seen=f"{waited_ms} ms after it",
            on=acts.actor.records(acts.actor.said(*acts.maker.types))[-1:],
        )


@case(AGAIN, limit_ms=60_000)
async def outcome_is_lost(ctx: Context) -> None:
    """An action whose outcome does not come is sent again as the same bytes, as often as it takes."""
    for features in ctx.ways:
        acts = await acting(ctx, features, types=1, timers={"outcome_ms": 150})
        acts.actor.puppet.instead("actions", acts.actor.puppet.swallow, times=2)
        act, first = await acts.acted()
        why = "no outcome of it has come"
        for number in (2, 3):
            if await same_again(ctx, acts, act, number, f"{why} {number - 1} times") is None:
                return
        if await goes_on(ctx, acts, first, f"{why} at first, and its copy is done", AGAIN) is None:
            return


@case(AGAIN, limit_ms=60_000)
async def retry_after_holds_over_a_cut(ctx: Context) -> None:
    """`retry_after_ms` of a nack holds on a new connection as well."""
    await _holds_over(ctx, "the connection was lost", lambda actor: actor.gate.cut())


@case(AGAIN, needs=(CORE,), limit_ms=60_000)
async def retry_after_holds_over_a_recovery(ctx: Context) -> None:
    """`retry_after_ms` of a nack holds as well where a recovery is asked for and answered meanwhile."""
    await _holds_over(ctx, "a gap was closed", lambda actor: lose_something(ctx, actor))


async def _holds_over(ctx: Context, what: str, happens: Callable[[Actor], None]) -> None:
    acts = await acting(ctx, types=1)
    actor = acts.actor
    least_ms = AFTER_A_CUT_MS if actor.takes_timers else AFTER_A_SLOW_CUT_MS
    nacks = Nacks(acts, bodies.error(RATE, retry_after_ms=least_ms), [])
    actor.puppet.instead("actions", nacks, times=1)
    act, first = await acts.acted()
    await actor.until(lambda: nacks.at_s, within_s=10)
    # So that it has its nack: one that was lost with the connection holds nobody.
    fenced = await actor.fenced()
    happens(actor)
    why = f"its nack has the code {RATE}, and {what} after it"
    copy = await same_again(ctx, acts, act, 2, why, is_free=fenced.exact)
    if copy is None:
        return
    if fenced.exact or not ctx.is_first:
        _not_before(ctx, acts, nacks.at_s[0], copy.at_s, least_ms)
    await goes_on(ctx, acts, first, f"{why}; its copy is done", AGAIN)


@case(AGAIN, alone=True, limit_ms=120_000)
async def waits_between_copies(ctx: Context) -> None:
    """Between a retryable nack and the next copy there is a wait, longer from time to time."""
    acts = await acting(ctx, types=1, timers=LONGER)
    actor = acts.actor
    nacks = Nacks(acts, bodies.error(STOPS), [])
    actor.puppet.instead("actions", nacks, times=ROW)
    act, _ = await acts.acted()
    for number in range(2, ROW + 2):
        why = f"it was refused {number - 1} times"
        if await same_again(ctx, acts, act, number, why, is_free=True) is None:
            return
    copies = acts.copies(act)[1 : ROW + 1]
    waits_ms = [(c.at_s - at) * 1_000 for c, at in zip(copies, nacks.at_s, strict=True)]
    bounds_ms = _bounds_ms(actor.wanted.timers if actor.takes_timers else {})
    least_ms = LEAST_PART * sum(bounds_ms)
    good = sum(waits_ms) >= least_ms
    if not good and ctx.is_first:
        ctx.unsure(AGAIN, "the waits may have been short by chance, so they are looked at again")
        return
    ctx.check(
        AGAIN,
        good=good,
        expected=f"{least_ms:.0f} ms or more in all, of waits of up to {sum(bounds_ms)} ms",
        seen=f"{sum(waits_ms):.0f} ms: " + ", ".join(f"{one:.0f}" for one in waits_ms),
        on=actor.records(copies),
        why=f"{ROW} retryable nacks of one action in a row",
    )


def _bounds_ms(timers: Mapping[str, int]) -> list[int]:
    base, most = timers.get("retry_base_ms", 200), timers.get("retry_max_ms", 10_000)
    return [min(base << tries, most) for tries in range(ROW)]
