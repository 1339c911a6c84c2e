"""Final outcomes: a nack ends one action and is told, and an ack is an ack whatever its status."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet import bodies
from omnisession_conformance.roles.client.steps.acts import Act, Acts, acting, number_of
from omnisession_conformance.roles.client.steps.again import (
    REFUSED_CODE,
    goes_on,
    same_again,
    unknown,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.puppet import Puppet

ONE_OUT, TOLD, DUPLICATE, UNKNOWN = "HYB-006", "HYB-015", "HYB-010", "CLI-020"
FORBIDDEN = 4030
CONFLICT, IN_USE = 4090, 4092
CODES = (FORBIDDEN, 4220, 4040, CONFLICT)
"""One after the other: what is final is so whatever a client makes of the code."""
NACKED, LAST = ((1,), (2, 3), (1, 2, 3)), 4
"""Which of some actions are refused: one, and several in a row."""
OF_ONE_CODE = 2
TELLS_WITHIN_MS = 2_000


@case(ONE_OUT, TOLD, limit_ms=40_000)
async def nack_ends_one_action(ctx: Context) -> None:
    """A final nack ends the action that it names and no other, be it one of several in a row."""
    for features in ctx.ways:
        for refused in NACKED:
            if not await _nack_some(ctx, features, refused):
                return


async def _nack_some(ctx: Context, features: tuple[str, ...], refused: tuple[int, ...]) -> bool:
    acts = await acting(ctx, features, types=1)
    puppet, before, nacked = acts.actor.puppet, None, list[tuple["Seen", int]]()
    for number in range(1, LAST + 1):
        code = CODES[number % len(CODES)]
        if number in refused:
            puppet.instead("actions", partial(_refuse_twice, puppet, code), times=1)
        if before is None:
            _, said = await acts.acted()
            await acts.done(said)
        else:
            which = "was refused for good" if number - 1 in refused else "is done"
            why = f"the action with the number {number - 1} {which}"
            said = await goes_on(ctx, acts, before, why, ONE_OUT)
            if said is None:
                return False
        if number in refused:
            nacked.append((said, code))
            await _is_told(ctx, acts, said, code)
        before = said
    for one, code in nacked[:-1]:
        # The next one that fails does not take the place of those before.
        await _is_told(ctx, acts, one, code)
    counted = acts.actor.served.counted
    why = f"{LAST} actions, {len(refused)} of them refused: all are numbered"
    return ctx.equal(ONE_OUT, LAST, counted, why=why)


def _refuse_twice(puppet: Puppet, code: int, asked: Asked) -> None:
    """Refuse an action for good, and tell it once more, as where a copy of it has come."""
    refusal = bodies.error(code)
    if code == CONFLICT:
        refusal["details"] = {"revision": 9}
    puppet.refuse_by(asked, refusal)
    puppet.tell(asked)


async def _is_told(ctx: Context, acts: Acts, said: Seen, code: int, *more: str) -> None:
    why = f"its nack has the code {code}, and is final"
    told = await acts.told(said, within_s=ctx.within(TELLS_WITHIN_MS))
    for requirement in (TOLD, *more):
        if told is None:
            ctx.absent(
                requirement,
                expected=f"refused of a report names the action, with the code {code}",
                waited_s=TELLS_WITHIN_MS / 1_000,
                on=acts.actor.records([said]),
                why=why,
            )
        else:
            on = acts.actor.records([said])
            ctx.equal(requirement, code, told.get("code"), on=on, why=f"what is told: {why}")


@case(TOLD, limit_ms=40_000)
async def nacks_of_one_code(ctx: Context) -> None:
    """Each action that is refused is told, be it by the code of the one before."""
    acts = await acting(ctx, types=1)
    puppet, row = acts.actor.puppet, list["Seen"]()
    refuse = partial(puppet.refuse_for_good, code=FORBIDDEN)
    for _ in range(OF_ONE_CODE):
        puppet.instead("actions", refuse, times=1)
        row.append((await acts.acted())[1])
        await _is_told(ctx, acts, row[-1], FORBIDDEN)
    await _is_told(ctx, acts, row[0], FORBIDDEN)


@case(TOLD, limit_ms=30_000)
async def nack_of_what_is_in_use(ctx: Context) -> None:
    """A nack with 4092 says that this action was not done: it is told as any other."""
    acts = await acting(ctx, types=1)
    puppet = acts.actor.puppet
    puppet.instead("actions", partial(puppet.refuse_for_good, code=IN_USE), times=1)
    _, said = await acts.acted()
    await _is_told(ctx, acts, said, IN_USE)


@case(ONE_OUT, limit_ms=30_000)
async def nack_among_several(ctx: Context) -> None:
    """Of actions that wait for their outcomes, a final nack takes one out; the others are done."""
    acts, kept = await acting(ctx, types=1), list["Asked"]()
    puppet = acts.actor.puppet
    puppet.instead("actions", kept.append)
    under_way: list[Act] = [await acts.dispatch(await acts.deed()) for _ in range(3)]
    under_way = [one for one in under_way if one.refused is None]
    ctx.require(bool(under_way), "the client takes no action here (HYB-016)")
    said = [await acts.said(one, within_s=10) for one in under_way]
    await acts.actor.until(lambda: len(kept) >= len(under_way), within_s=10)
    puppet.truthful_again("actions")
    ctx.require(len(kept) == len(under_way) and None not in said, "not all of them were sent")
    refused = kept[len(kept) // 2]
    for one in kept:
        if one is refused:
            puppet.refuse_for_good(one, FORBIDDEN)
        else:
            puppet.tell(one)
    last = said[-1]
    if last is not None:
        why = f"{len(kept)} waited for their outcomes, and one of these was a final nack"
        await goes_on(ctx, acts, last, why, ONE_OUT)


@case(UNKNOWN, ONE_OUT, TOLD, needs=("actions",), limit_ms=30_000)
async def nack_with_an_unknown_final_code(ctx: Context) -> None:
    """A code that the client does not know is final where the nack says so."""
    acts = await acting(ctx, types=1)
    puppet, refusal = acts.actor.puppet, unknown(REFUSED_CODE, retryable=False)
    puppet.instead("actions", partial(puppet.refuse_by, refusal=refusal), times=1)
    _, said = await acts.acted()
    await _is_told(ctx, acts, said, REFUSED_CODE, UNKNOWN)
    why = f"the one before was refused with the code {REFUSED_CODE}, which says that it is final"
    await goes_on(ctx, acts, said, why, UNKNOWN, ONE_OUT)


@case(DUPLICATE, limit_ms=45_000)
async def duplicate_is_an_ack(ctx: Context) -> None:
    """An ack that says `duplicate` ends an action as any other does."""
    for features in ctx.ways:
        acts = await acting(ctx, features, types=1)
        puppet = acts.actor.puppet
        puppet.instead("actions", partial(puppet.ack, status="duplicate"), times=2)
        _, said = await acts.acted()
        second = await _ended_well(ctx, acts, said, "its ack says duplicate")
        if second is None or await _ended_well(ctx, acts, second, "so did that before it") is None:
            return


@case(DUPLICATE, limit_ms=60_000)
async def copy_of_what_is_done(ctx: Context) -> None:
    """An action whose ack was lost is sent again, and its copy acked as a duplicate."""
    acts = await acting(ctx, types=1, timers={"outcome_ms": 150})
    puppet = acts.actor.puppet
    puppet.instead("actions", puppet.say_nothing_of, times=1)
    act, said = await acts.acted()
    why = "its first ack was lost"
    if await same_again(ctx, acts, act, 2, why, DUPLICATE) is not None:
        await _ended_well(ctx, acts, said, f"{why}, and that of its copy says duplicate")


async def _ended_well(ctx: Context, acts: Acts, said: Seen, why: str) -> Seen | None:
    following = await goes_on(ctx, acts, said, why, DUPLICATE)
    if following is None:
        return None
    told = await acts.told(said, within_s=0)
    on = acts.actor.records([said])
    ctx.equal(DUPLICATE, None, told, on=on, why=f"{why}: no failure of it is told")
    ctx.equal(DUPLICATE, number_of(following), acts.actor.served.counted, why=why)
    return following
