"""Pending actions and lost connections: each comes again, in the order of their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.steps.acts import Act, Acts, acting, number_of
from omnisession_conformance.roles.client.steps.coming_back import notices_its_loss
from omnisession_conformance.roles.client.steps.missing import (
    asked_back,
    came,
    hold_all,
    release,
)
from omnisession_conformance.roles.client.steps.pending import (
    REST,
    all_kept,
    comes_to_rest,
    keep_back,
    kept_of,
    serve,
)
from omnisession_conformance.roles.client.steps.ways import each_way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen

AGAIN = "HYB-008"
AGAIN_WITHIN_MS = 2_000
PENDING = 4


@case(AGAIN, REST, limit_ms=60_000)
async def pending_comes_again_after_a_cut(ctx: Context) -> None:
    """What was pending is sent again on a new connection, whether it had been acked or not."""
    for features in each_way(ctx):
        acts = await acting(ctx, features, types=3)
        actor, kept = acts.actor, keep_back(acts.actor)
        row = [await acts.acted() for _ in range(PENDING)]
        asked = [await kept_of(actor, kept, said) for _, said in row]
        late = await acts.deed()
        await actor.fenced()
        # Done, which the answer to the recovery tells; acked, and lost when the server stopped.
        actor.puppet.say_nothing_of(asked[0])
        actor.puppet.promise(asked[1])
        await actor.fenced()
        why = f"the connection was lost with {PENDING} actions pending"
        here, heard = _here(actor), len(kept)
        with actor.gate.refusing():
            await notices_its_loss(actor)
            behind = await acts.dispatch(late)
        left = [act for act, _ in row[1:]]
        if not await _come_again(ctx, acts, left, here, why, behind=behind):
            return
        if not await _answered_by_states(ctx, acts, left, f"{why}, twice"):
            return
        await actor.fenced()
        serve(actor, kept[heard:])
        await comes_to_rest(ctx, acts, f"{why}, and all are done by now")


async def _answered_by_states(ctx: Context, acts: Acts, row: Sequence[Act], why: str) -> bool:
    """Cut once more, with nothing left that a replay could bring: states are a reason to send as well."""
    actor, here = acts.actor, _here(acts.actor)
    with actor.gate.refusing():
        actor.step(deliver=False)
        actor.served.forget()
    return await _come_again(ctx, acts, row, here, f"{why}, and states answer the recovery")


@case(AGAIN, REST, limit_ms=60_000)
async def cut_again_while_it_recovers(ctx: Context) -> None:
    """A connection that is lost before its recovery was answered is another one: all come on the next."""
    acts = await acting(ctx, types=3)
    actor, kept = acts.actor, keep_back(acts.actor)
    row = await all_kept(acts, kept, PENDING)
    held = hold_all(actor)
    actor.gate.cut()
    back = await came(actor, held, within_s=actor.patience_s("reconnect_ms", "retry_max_ms"))
    ctx.require(back, "the client asks for no recovery after a lost connection (CLI-016)")
    here, heard = _here(actor), len(kept)
    actor.gate.cut()
    release(held)
    why = f"the connection was lost again before {PENDING} actions that were pending had come"
    if await _come_again(ctx, acts, [act for act, _ in row], here, why):
        await actor.fenced()
        serve(actor, kept[heard:])
        await comes_to_rest(ctx, acts, f"{why}, and all are done by now")


def _here(actor: Actor) -> tuple[int, int]:
    """Where what is said next will stand, and the number of the connection that is made next."""
    return actor.mark(), actor.gate.connections


async def _come_again(
    ctx: Context,
    acts: Acts,
    row: Sequence[Act],
    here: tuple[int, int],
    why: str,
    *,
    behind: Act | None = None,
) -> bool:
    """Observe that pending actions come on a new connection, and before what is `behind` them."""
    actor, (mark, links) = acts.actor, here
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    back = await asked_back(actor, mark, within_s=within_s)
    answered = back is not None and await actor.until(
        lambda: back.reply in actor.gate.answered, within_s=ctx.answer_s
    )
    ctx.require(answered, "the client asks for no recovery after a lost connection (CLI-016)")
    within_s = ctx.within(AGAIN_WITHIN_MS)
    there = await actor.until(
        lambda: all(_on_new_ones(acts, act, links) for act in row), within_s=within_s
    )
    firsts = [found[0] for act in row if (found := _on_new_ones(acts, act, links))]
    if not there:
        return ctx.absent(
            AGAIN,
            expected=f"copies of {len(row)} actions on the new connection",
            waited_s=within_s,
            on=actor.records(firsts),
            why=f"{why}; {len(firsts)} have come again since its recovery was answered",
        )
    # What was dispatched meanwhile has its turn when the session is live: HYB-017 says until when.
    firsts += [] if behind is None else _on_new_ones(acts, behind, links)[:1]
    numbers = [number_of(one) or 0 for one in _in_their_order(actor, firsts)]
    return ctx.equal(
        AGAIN, sorted(numbers), numbers, on=actor.records(firsts), why=f"{why}: first copies"
    )


def _on_new_ones(acts: Acts, act: Act, links: int) -> list[Seen]:
    return [one for one in acts.copies(act) if one.link >= links]


def _in_their_order(actor: Actor, said: Sequence[Seen]) -> list[Seen]:
    """What was said, as it passed the gate."""
    wanted = {id(one) for one in said}
    return [one for one in actor.gate.seen if id(one) in wanted]
