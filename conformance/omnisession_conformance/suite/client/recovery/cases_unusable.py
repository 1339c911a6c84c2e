"""Messages of the stream that nobody can use: states close the gap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.engine.case import case
from omnisession_conformance.roles.client.actor import OPEN, RESUME, SYNC
from omnisession_conformance.roles.client.puppet.served import Message
from omnisession_conformance.roles.client.stage import WITHIN_S
from omnisession_conformance.roles.client.steps.missing import (
    ASKS_WITHIN_MS,
    longest_wait_ms,
    recoveries,
)
from omnisession_conformance.roles.client.steps.replays import answer_by, replayed
from omnisession_conformance.roles.client.steps.ways import all_well, each_way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omnisession_conformance.protocol.json import Object
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked

USELESS = "CLI-012"
BY_STATES = (SYNC, OPEN)
BROKEN: tuple[Mapping[str, Any], ...] = ({"data": 7}, {"data": {}}, {"v": "2.0"}, {})
"""In place of what a type has, or of the version that is spoken; the last lacks one member of its data."""
NO_BODY = b'{"v": "1.0", "type": "session.st'


@case(USELESS, needs=("core",), limit_ms=40_000)
async def unusable_message_leads_to_states(ctx: Context) -> None:
    """A message that lacks what its type has is asked for once more at most, and then for states."""
    await _all(ctx, comes=True)


@case(USELESS, needs=("core",), limit_ms=40_000)
async def unusable_message_in_a_replay(ctx: Context) -> None:
    """Such a message that a replay brings, and the next one again, is not asked for a third time."""
    await _all(ctx, comes=False)


async def _all(ctx: Context, *, comes: bool) -> None:
    for features in each_way(ctx):
        actor = await ctx.live(ctx.kinds(2), features)
        # As often as it is asked for, it is the same.
        actor.puppet.instead(RESUME, lambda asked, actor=actor: _replay(actor, asked))
        for members in BROKEN:
            if all_well(ctx):
                await _cannot_be_used(ctx, actor, members, comes=comes)


async def _cannot_be_used(
    ctx: Context, actor: Actor, members: Mapping[str, Any], *, comes: bool
) -> None:
    served = actor.served
    actor.step(2)
    await actor.fenced()
    mark = actor.mark()
    message = actor.step(kind=served.kinds[-1], deliver=False)
    broken = Message(message.subject, {**message.body, **(members or _lacking(message.body))})
    served.history[served.position.head] = broken
    if comes and members:
        actor.puppet.anyhow(broken.subject, broken.body)
    elif comes:
        # Nor can it be decoded.
        actor.puppet.raw(broken.subject, NO_BODY)
    actor.step()
    resumes = 1 if comes else 2
    shown = ", ".join(f"{name} {value}" for name, value in members.items())
    why = f"a message has {shown or 'not all of its data'}, each time it is told"
    if not await _asks_for_states(ctx, actor, mark, resumes, why):
        return
    if await actor.comes_to_the_head(USELESS, within_s=WITHIN_S, why=why):
        await actor.holds(USELESS, why=why)


def _lacking(body: Object) -> Object:
    """The data of a message without its last member that has a list or an entry."""
    data: Object = body["data"]
    last = [name for name, value in data.items() if isinstance(value, list | dict)][-1]
    return {"data": {name: value for name, value in data.items() if name != last}}


async def _asks_for_states(ctx: Context, actor: Actor, since: int, resumes: int, why: str) -> bool:
    """Observe that states are asked for, after so many resumes at most."""

    def done() -> bool:
        return bool(_by_states(actor, since)) or len(_first(actor, since)) > resumes

    within_s = ctx.within(ASKS_WITHIN_MS + (resumes + 1) * longest_wait_ms(actor))
    await actor.until(done, within_s=within_s)
    asked = _first(actor, since)
    if not _by_states(actor, since) and len(asked) <= resumes:
        return ctx.absent(USELESS, expected=SYNC, waited_s=within_s, why=why)
    return ctx.check(
        USELESS,
        good=len(asked) <= resumes,
        expected=f"{SYNC} after {resumes} {RESUME} at most",
        seen=f"{len(asked)} {RESUME}",
        on=actor.records(asked),
        why=why,
    )


def _by_states(actor: Actor, since: int) -> list[Seen]:
    return [one for one in recoveries(actor, since) if one.type in BY_STATES]


def _first(actor: Actor, since: int) -> list[Seen]:
    """The resumes that were asked before states were."""
    found: list[Seen] = []
    for one in recoveries(actor, since):
        if one.type in BY_STATES:
            break
        found.append(one)
    return found


def _replay(actor: Actor, asked: Asked) -> None:
    """Answer with the messages as they are, those too that no server says."""
    answer_by(actor, asked, replayed(actor, asked))
