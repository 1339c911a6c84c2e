"""Two sessions of one user and one of another act at once, and all of them come to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.interop.steps.scene import (
    GOES_ON,
    LATER_SESSIONS,
    MADE,
    OF_ALL,
    open_scene,
)

if TYPE_CHECKING:
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.steps.acts import Act
    from omnisession_conformance.roles.interop.steps.scene import Scene

ACTIONS = 14
MAKING = ("article.create", "chat.send", "url.create", "user.update")
CHANGING = {
    "article.create": ("article.update", "article.delete"),
    "chat.send": ("chat.edit", "chat.delete"),
    "url.create": ("url.update", "url.delete"),
}
LIMIT_MS = 60_000


@case(
    *OF_ALL, *MADE, LATER_SESSIONS, phase=Phase.LOUD, ends=(GOES_ON,), drawn=True, limit_ms=LIMIT_MS
)
async def converge(ctx: Context) -> None:
    """Two sessions of one user and one of another make, change and delete, and all come to the same."""
    scene = await open_scene(ctx, 2, 1)
    made = await _make(scene)
    await scene.acting.settled()
    scene.acting.needs_acks()
    await scene.rest()
    await _change(scene, made)
    await scene.acting.settled()
    scene.acting.needs_acks()
    scene.acting.acts.clear()
    await scene.rest()
    await scene.later()


async def _make(scene: Scene) -> list[Act]:
    """So many actions, of all kinds in turn, without waiting for any."""
    types = scene.makes(*MAKING)
    turns = [
        (player, turn) for player in scene.players for turn in range(max(1, len(player.members)))
    ]
    made: list[Act] = []
    for number in range(ACTIONS if types else 0):
        player, turn = turns[number % len(turns)]
        made.append(await scene.does(player, types[number % len(types)], turn=turn))
    return made


async def _change(scene: Scene, made: list[Act]) -> None:
    """Change one thing of each sort and delete it or another one, each by who has made it."""
    for type_, changes in CHANGING.items():
        found = [act for act in made if act.deed.type == type_ and act.made]
        for act, change in zip(found, scene.makes(*changes), strict=False):
            player = next(p for p in scene.players if p.user.id == act.user_id)
            await scene.does(player, change, act.made)
