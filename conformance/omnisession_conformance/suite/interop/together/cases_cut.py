"""A connection is cut in the middle: nothing is lost, and nothing is done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.roles.client.actor import OPEN, RECOVERIES
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.interop.steps.acts import SENDS_LATER
from omnisession_conformance.roles.interop.steps.scene import GOES_ON, MADE, OF_ALL, open_scene
from omnisession_conformance.roles.interop.steps.telling import SAME_AGAIN

if TYPE_CHECKING:
    from omnisession_conformance.roles.interop.context import Context
    from omnisession_conformance.roles.interop.member import Member
    from omnisession_conformance.roles.interop.steps.acts import Act
    from omnisession_conformance.roles.interop.steps.scene import Player, Scene

MAKING = ("article.create", "chat.send", "url.create")
EACH = 3
PASSES_WITHIN_S = 1.0
"""How long what was dispatched may take to the gate: nothing is judged by it."""
COMES_BACK, HOLDS, SENDS_AGAIN = "CLI-016", "CLI-024", "HYB-008"


@case(
    *OF_ALL,
    *MADE,
    COMES_BACK,
    HOLDS,
    SENDS_AGAIN,
    SENDS_LATER,
    phase=Phase.LOUD,
    ends=(GOES_ON,),
    drawn=True,
    limit_ms=90_000,
)
async def cut_in_the_middle(ctx: Context) -> None:
    """A connection is cut while actions are on their way, out and back, and others go on meanwhile."""
    scene = await open_scene(ctx, 1, 1)
    member, other = scene.members[0], scene.players[-1]
    number = EACH if ctx.keeps_pending else 1
    with member.gate.stalling(to_broker=False):
        # The server does these, and the client does not hear of it.
        done = await _make(scene, member, number if ctx.keeps_pending else 0)
        await scene.acting.settled(done)
        with member.gate.stalling(to_client=False):
            # These the server never hears of.
            lost = await _make(scene, member, number, away=True)
            await member.bell.until(
                lambda: all(act.copies for act in lost), within_s=PASSES_WITHIN_S
            )
            since = member.mark()
            with member.gate.refusing():
                await _make(scene, member, number, away=True)
                await _meanwhile(scene, other)
    await _comes_back(scene, member, since)
    await _sent_again(scene, lost, since)
    await scene.acting.settled()
    scene.acting.needs_acks()
    await scene.rest(HOLDS if ctx.has_events else None)


async def _make(scene: Scene, member: Member, number: int, *, away: bool = False) -> list[Act]:
    """So many actions of one session of the client, none where it sends no such."""
    types = [type_ for type_ in scene.makes(*MAKING) if type_ in member.takes]
    return [
        await scene.does_at(member, types[at % len(types)], away=away)
        for at in range(number if types else 0)
    ]


async def _meanwhile(scene: Scene, other: Player) -> None:
    """What the one who is away misses; another session of the client may do it, or the kit."""
    types = scene.makes(*MAKING)
    acts = [
        await scene.does_elsewhere(other, types[at % len(types)])
        for at in range(EACH if types else 0)
    ]
    await scene.acting.settled(acts)


async def _sent_again(scene: Scene, lost: list[Act], since: int) -> None:
    """Observe that what was on its way out is sent again on the new connection.

    A client that keeps nothing pending may give it up, and tells its user then.
    """
    name = SENDS_AGAIN if scene.ctx.keeps_pending else SAME_AGAIN
    if not scene.ctx.judges(name):
        return
    for act in lost:
        if act.refused is not None or not act.copies:
            continue
        expected = f"{act.deed.type} is sent again"
        if await scene.acting.repeated(act, since, within_s=WITHIN_S):
            scene.ctx.check(name, good=True, expected=expected, seen=expected)
        else:
            why = "it was on its way out when the connection was cut"
            scene.ctx.absent(name, expected=expected, waited_s=WITHIN_S, why=why)
            raise Prerequisite("the client has forgotten what was under way")


async def _comes_back(scene: Scene, member: Member, since: int) -> None:
    """Observe that the client connects again by itself, recovers, and is in its session again.

    Prerequisite where it does not recover: what it holds then is nobody's affair.
    """
    expected = "a new connection, and a recovery"

    def recovers() -> bool:
        return any(member.gate.published(type_, since=since) for type_ in (*RECOVERIES, OPEN))

    if not await member.bell.until(recovers, within_s=WITHIN_S):
        scene.ctx.absent(COMES_BACK, expected=expected, waited_s=WITHIN_S)
        raise Prerequisite("the client has not recovered after its connection was cut")
    if await member.live(COMES_BACK) is not None:
        scene.ctx.check(COMES_BACK, good=True, expected=expected, seen=expected)
