"""A connection is cut in the middle: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.interop.steps.scene import MADE, OF_ALL, open_scene

if TYPE_CHECKING:
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.member import Member
    from omnisession_conformance.roles.interop.steps.scene import Player, Scene

MAKING = ("article.create", "chat.send", "url.create")
EACH = 3
COMES_BACK, HOLDS = "CLI-016", "CLI-024"
SENDS_LATER = "HYB-017"


@case(
    *OF_ALL,
    *MADE,
    COMES_BACK,
    HOLDS,
    SENDS_LATER,
    phase=Phase.LOUD,
    drawn=True,
    limit_ms=60_000,
)
async def cut_in_the_middle(ctx: Context) -> None:
    """The connection of a session is cut between its actions, and others go on meanwhile."""
    scene = await open_scene(ctx, 1, 1)
    one, other = scene.players
    member = scene.members[0]
    types = scene.makes(*MAKING)
    connections = member.gate.connections
    await _make(scene, one, types)
    with member.gate.refusing():
        # What was under way is lost with the connection, or is not: nobody can tell.
        await _make(scene, one, types, away=member)
        await _make(scene, other, types)
        for act in scene.acting.acts[-EACH:]:
            await scene.acting.settled([act])
    await _comes_back(scene, member, connections)
    await scene.acting.settled()
    _sent_later(scene)
    scene.acting.needs_acks()
    await scene.rest(HOLDS if ctx.has_events else None)


async def _make(
    scene: Scene, player: Player, types: tuple[str, ...], *, away: Member | None = None
) -> None:
    for number in range(EACH if types else 0):
        type_ = types[number % len(types)]
        if away is not None and type_ in away.takes:
            await scene.does_away(away, type_)
        elif away is None:
            await scene.does(player, type_)


async def _comes_back(scene: Scene, member: Member, connections: int) -> None:
    """Observe that the client connects again by itself, and is in its session again."""
    came = await member.bell.until(
        lambda: member.gate.connections > connections and member.gate.connected, within_s=WITHIN_S
    )
    expected = "a new connection, and a live session"
    if not came:
        scene.ctx.absent(COMES_BACK, expected=expected, waited_s=WITHIN_S)
        return
    if await member.live(COMES_BACK) is not None:
        scene.ctx.check(COMES_BACK, good=True, expected=expected, seen=expected)


def _sent_later(scene: Scene) -> None:
    """Observe that what was done without a connection was sent once there was one."""
    if not scene.ctx.judges(SENDS_LATER):
        return
    for act in scene.acting.acts:
        if act.away and act.refused is None:
            expected = f"{act.deed.type} is sent"
            seen = expected if act.copies else "nothing of it"
            scene.ctx.check(SENDS_LATER, bool(act.copies), expected=expected, seen=seen)
