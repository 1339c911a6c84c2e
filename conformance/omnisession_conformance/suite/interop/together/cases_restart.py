"""The server is started again: clients go on with their session, or open another one, and converge."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.interop.steps.scene import GOES_ON, MADE, OF_ALL, open_scene
from omnisession_conformance.roles.server.restart import revive

if TYPE_CHECKING:
    from collections.abc import Generator

    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.steps.scene import Scene

MAKING = ("article.create", "chat.send", "url.create")
ACTIONS = 6
RECOVERS, EPOCHS = "CLI-018", "ORDER-004"
BACK_WITHIN_S = 20.0


@case(
    *OF_ALL,
    *MADE,
    RECOVERS,
    needs=("hook:stop", "hook:restart"),
    phase=Phase.HOOKS,
    ends=(GOES_ON,),
    drawn=True,
    limit_ms=90_000,
)
async def server_restart(ctx: Context) -> None:
    """The server stops and is started again; the client comes back by itself, acts, and converges."""
    scene = await open_scene(ctx, 2, 1)
    await _act(scene)
    await scene.acting.settled()
    scene.acting.needs_acks()
    await scene.rest()
    with nobody_there(scene):
        try:
            await ctx.target.stop()
        finally:
            await revive(ctx)
    await scene.renewed(RECOVERS, within_s=BACK_WITHIN_S)
    scene.acting.acts.clear()
    await _act(scene)
    await scene.acting.settled()
    scene.acting.needs_acks()
    await scene.rest()


@contextlib.contextmanager
def nobody_there(scene: Scene) -> Generator[None]:
    """Let the gates say that nobody is there: the kit listens, so that the broker would not."""
    with contextlib.ExitStack() as gates:
        for member in scene.members:
            gates.enter_context(member.gate.nobody_there())
        yield


async def _act(scene: Scene) -> None:
    types = scene.makes(*MAKING)
    for number in range(ACTIONS if types else 0):
        player = scene.players[number % len(scene.players)]
        await scene.does(player, types[number % len(types)], turn=number // 2)
