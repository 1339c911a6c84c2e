"""What a client has had, or what is of an epoch that is over: it changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.puppet.served import Message
from omnisession_conformance.roles.client.steps.afar import far_epoch, far_seq
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context

OLD, MADE = "CLI-005", 3


@case(OLD, limit_ms=40_000)
async def duplicates_change_nothing(ctx: Context) -> None:
    """What comes a second time changes neither the slices nor the position."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        made = _made_and_undone(actor)
        last = actor.step()
        await actor.fenced()
        # Another message at the very place where the client is.
        place = {name: last.body[name] for name in ("epoch", "seq")}
        other = Message(made[0].subject, {**made[0].body, **place})
        for message in (*made, made[0], last, other):
            actor.puppet.deliver([message])
            why = f"something at seq {message.body['seq']} came again"
            if not await actor.holds(OLD, why=why, on=message):
                return
        if not await _back_again(actor):
            return
        actor.step(2)
        await actor.holds(OLD, why="after that the stream went on")


async def _back_again(actor: Actor) -> bool:
    """Let somebody come, go and come back: a copy of the message that they have gone changes nothing."""
    puppet, served = actor.puppet, actor.served
    gone = puppet.come_and_go(served)
    if gone is None:
        return True
    await actor.fenced()
    puppet.deliver([gone])
    why = "somebody has come back, and the message that they have gone came once more"
    return await actor.holds(OLD, why=why, on=gone)


@case(OLD)
async def old_epochs_change_nothing(ctx: Context) -> None:
    """What comes of an epoch that is over changes nothing, whatever its number is."""
    for features in each_way(ctx):
        actor = await ctx.live(features=features)
        made = _made_and_undone(actor)
        actor.puppet.take_over(actor.served)
        ctx.require(await _has_come(actor), "the client has not come into the new epoch")
        first = actor.served.history[1, 1]
        for message in (first, *made):
            # One of them has the number that the next one of the new epoch has.
            actor.puppet.deliver([message])
            why = f"seq {message.body['seq']} of epoch 1 came in epoch 2"
            if not await actor.holds(OLD, why=why, on=message):
                return
        actor.step(2)
        await actor.holds(OLD, why="after that the new epoch went on")


@case(OLD, limit_ms=60_000)
async def numbers_beyond_32_bits_are_compared_whole(ctx: Context) -> None:
    """What came long ago is below a great seq or epoch, though it is not below a part of its bits."""
    for features in each_way(ctx):
        await _below(ctx, features, far_seq, "the stream is beyond seq 2 to the power of 32")
        if all_well(ctx):
            await _below(ctx, features, far_epoch, "the epoch is beyond 2 to the power of 32")


async def _below(
    ctx: Context,
    features: tuple[str, ...],
    goes_far: Callable[[Actor], Awaitable[None]],
    why: str,
) -> None:
    actor = await ctx.live(features=features)
    made = _made_and_undone(actor)
    await actor.fenced()
    await goes_far(actor)
    for message in made:
        actor.puppet.deliver([message])
        told = f"{why}, and seq {message.body['seq']} of epoch 1 came again"
        if not await actor.holds(OLD, why=told, on=message):
            return
    await actor.stop()


def _made_and_undone(actor: Actor) -> list[Message]:
    """Messages that would bring back what is gone; those that took it away have come behind them."""
    puppet, served = actor.puppet, actor.served
    made: list[Message] = []
    numbers: list[int] = []
    for _ in range(MADE):
        made.append(actor.step())
        numbers.append(puppet.steps)
    for number in numbers:
        puppet.undo(served, number)
    return made


async def _has_come(actor: Actor) -> bool:
    report = await actor.stage.caught_up(actor.served)
    return report is not None
