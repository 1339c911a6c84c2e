"""Numbers beyond 32 bits: a server has said so much, or begun so many epochs, while a client was away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.roles.client.steps.coming_back import way_back

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.actor import Actor

BEYOND = 1 << 32
"""Whoever keeps 32 bits of it has none."""


async def far_seq(actor: Actor) -> None:
    """Cut, and let the stream go on beyond 32 bits before the client comes back."""
    with actor.gate.refusing():
        actor.served.skip_to(BEYOND)
        actor.step()
        await actor.puppet.flush()
        mark = actor.mark()
    await _is_back(actor, mark)


async def far_epoch(actor: Actor) -> None:
    """Cut, and let an epoch begin whose lower 32 bits are those of the one before."""
    with actor.gate.refusing():
        actor.puppet.take_over(actor.served, epoch=BEYOND + actor.served.epoch)
        await actor.puppet.flush()
        mark = actor.mark()
    await _is_back(actor, mark)


async def _is_back(actor: Actor, since: int) -> None:
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    asked = await way_back(actor, since=since, within_s=within_s)
    actor.ctx.require(asked is not None, "the client has not come back from a cut")
    await actor.fenced()
