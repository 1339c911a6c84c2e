"""People in a room: they type, write, edit and delete, and each sees all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.case import Phase, case
from omnisession_conformance.engine.stops import Prerequisite
from omnisession_conformance.protocol.json import as_list, as_text, objects
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
    from omnisession_conformance.roles.interop.steps.scene import Player, Scene

CHAT, SEND, TYPING = "chat", "chat.send", "chat.typing"
MESSAGES_EACH = 3
EDITED, DELETED, TYPISTS = "CHAT-005", "CHAT-007", "CHAT-008"


@case(
    *OF_ALL,
    *(MADE[0], *MADE[3:]),
    EDITED,
    DELETED,
    TYPISTS,
    LATER_SESSIONS,
    needs=(CHAT, f"action:{SEND}"),
    phase=Phase.LOUD,
    ends=(GOES_ON,),
    drawn=True,
    limit_ms=60_000,
)
async def chat_room(ctx: Context) -> None:
    """Two users in a room type, write, edit and delete; each session sees the same room."""
    scene = await open_scene(ctx, 1, 1, kinds=(CHAT,))
    one, other = scene.players
    await _types(scene, one, other)
    sent = await _write(scene)
    await _edit_and_delete(scene, sent)
    await scene.rest()
    await scene.later()


async def _types(scene: Scene, one: Player, other: Player) -> None:
    """One types: the other is shown that, and the one not."""
    if not scene.can(TYPING):
        return
    for active in (True, False):
        act = await scene.does(one, TYPING, data={"active": active})
        await scene.acting.settled([act])
        scene.acting.needs_acks([act])
        for player, shown in ((other, active), (one, False)):
            await player.witness.fence()
            typists = as_list(player.witness.slice(CHAT)["typing_indicators"])
            words = "shown as typing" if shown else "not shown as typing"
            is_right = (one.user.id in typists) is shown
            scene.ctx.check(
                TYPISTS,
                is_right,
                expected=words,
                seen=words if is_right else typists,
                on=player.witness.stream[-1:],
                why=f"typing with active {active} was acked",
            )


async def _write(scene: Scene) -> list[Act]:
    sent = [
        await scene.does(player, SEND) for _ in range(MESSAGES_EACH) for player in scene.players
    ]
    await scene.acting.settled(sent)
    scene.acting.needs_acks(sent)
    await scene.rest()
    return sent


async def _edit_and_delete(scene: Scene, sent: list[Act]) -> None:
    """The first writer edits one message and deletes another one; all see that."""
    player = scene.players[0]
    mine = [act for act in sent if act.made and _is_of(act, player)]
    if len(mine) < 2:
        raise Prerequisite("the acks of chat.send name no message")
    await player.witness.fence()
    before = _ids(player)
    acts = [
        (type_, await scene.does(player, type_, act.made))
        for type_, act in zip(("chat.edit", "chat.delete"), mine, strict=False)
        if scene.can(type_)
    ]
    done = [act for _, act in acts]
    await scene.acting.settled(done)
    scene.acting.needs_acks(done)
    for player in scene.players:
        await player.witness.fence()
        for (type_, act), about in zip(acts, mine, strict=False):
            _shown(scene, player, type_, act, about)
        _in_place(scene, player, before)
    # What was deleted is not there any more.
    scene.acting.acts.clear()


def _shown(scene: Scene, player: Player, type_: str, act: Act, about: Act) -> None:
    messages = as_list(player.witness.slice(CHAT)["messages"])
    found = [one for one in messages if one.get("id") == about.made]
    if type_ == "chat.edit":
        expected = act.deed.data["content"]
        seen = found[0].get("content") if found else "no such message"
        scene.ctx.equal(EDITED, expected, seen, on=player.witness.stream[-1:])
    else:
        words = "no such message"
        seen = "the message" if found else words
        scene.ctx.check(
            DELETED, not found, expected=words, seen=seen, on=player.witness.stream[-1:]
        )


def _ids(player: Player) -> list[str]:
    messages = objects(player.witness.slice(CHAT)["messages"])
    return [as_text(one.get("id")) for one in messages]


def _in_place(scene: Scene, player: Player, before: list[str]) -> None:
    """Observe that the messages which are left stand in their old order."""
    now = _ids(player)
    expected = [id_ for id_ in before if id_ in now]
    scene.ctx.equal(EDITED, expected, now, on=player.witness.stream[-1:], pointer="/data/messages")


def _is_of(act: Act, player: Player) -> bool:
    return act.user_id == player.user.id
