"""What is missing: by what a client is made to recover, and which of its requests do that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnisession_conformance.protocol.json import as_object, texts
from omnisession_conformance.roles.client.actor import OPEN, RECOVERIES, RESUME, SYNC
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.stage import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.overrides import Held, Kept

WAYS_BACK = (*RECOVERIES, OPEN)
"""An open of a live session is a recovery as well, be it not a good one (CLI-037)."""
ASKS_WITHIN_MS = 2_000
"""From a gap to the recovery."""
OWN_LONGEST_WAIT_MS = 10_000
"""Of a client that takes no timers."""
EITHER = " or ".join(RECOVERIES)


def is_core(ctx: Context) -> bool:
    """Whether a client hears more than states, and goes by its position."""
    return CORE in ctx.declared.profiles


def longest_wait_ms(actor: Actor) -> int:
    """How long this client may wait before it asks again for what has failed."""
    timers = actor.stage.session.begun.timers or {}
    return timers.get("retry_max_ms", OWN_LONGEST_WAIT_MS)


def told_in(asked: Seen) -> dict[str, Any]:
    """The data of a request."""
    return as_object((asked.body or {}).get("data"))


def recoveries(actor: Actor, since: int = 0) -> list[Seen]:
    """What has been asked since a mark that brings back everything: no sync of a part of the kinds."""
    return [one for one in actor.said(*WAYS_BACK, since=since) if _is_whole(actor, one)]


def _is_whole(actor: Actor, asked: Seen) -> bool:
    kinds = texts(told_in(asked).get("kinds")) if asked.type == SYNC else ()
    return not kinds or set(actor.served.kinds) <= set(kinds)


async def asked_back(
    actor: Actor, since: int, *, number: int = 1, within_s: float = WITHIN_S
) -> Seen | None:
    """The n-th recovery since a mark, None where it does not come in time."""
    await actor.until(lambda: len(recoveries(actor, since)) >= number, within_s=within_s)
    found = recoveries(actor, since)
    return found[number - 1] if len(found) >= number else None


async def recovers(
    ctx: Context, actor: Actor, requirement: str, since: int, at: Position, why: str
) -> bool:
    """Observe that a recovery comes within 2 s, and from its position where it is a resume."""
    within_s = ctx.within(ASKS_WITHIN_MS)
    asked = await asked_back(actor, since, within_s=within_s)
    if asked is None:
        return ctx.absent(requirement, expected=EITHER, waited_s=within_s, why=why)
    if asked.type != RESUME:
        return ctx.check(requirement, good=True, expected=EITHER, seen=asked.type, why=why)
    told = told_in(asked)
    return ctx.equal(
        requirement,
        {"epoch": at.epoch, "seq": at.seq},
        {name: told.get(name) for name in ("epoch", "seq")},
        on=actor.records([asked]),
        why=f"{why}: the position of its resume",
    )


def hold_all(actor: Actor) -> list[Held]:
    """Keep the answer to the next recovery back, whatever it is."""
    return [actor.puppet.hold(type_) for type_ in WAYS_BACK]


def keep_all(actor: Actor) -> list[Kept]:
    """Let the next recovery have its effect when it comes, whatever it is, with its answer kept back."""
    return [actor.puppet.keep(type_) for type_ in WAYS_BACK]


async def came(actor: Actor, held: Sequence[Held], *, within_s: float = WITHIN_S) -> bool:
    """Wait until the server has a request whose answer is held; the gate has seen it before."""
    return await actor.until(lambda: any(one.asked for one in held), within_s=within_s)


async def first_of(
    actor: Actor, kept: Sequence[Kept], *, within_s: float = WITHIN_S
) -> Kept | None:
    """The one that was asked, once its states are said and its answer alone is kept; None for none."""
    await actor.until(lambda: any(one.asked for one in kept), within_s=within_s)
    found = next((one for one in kept if one.asked is not None), None)
    if found is not None:
        found.stream()
    return found


def release(held: Sequence[Held]) -> None:
    """Let the answers come that were kept back."""
    for one in held:
        one.release()


def instead_of_all(actor: Actor, rule: Callable[[Asked], None]) -> None:
    """Do something else for every recovery."""
    for type_ in WAYS_BACK:
        actor.puppet.instead(type_, rule)


def truthful_again(actor: Actor) -> None:
    """Answer recoveries as is true."""
    for type_ in WAYS_BACK:
        actor.puppet.truthful_again(type_)


def lose_something(ctx: Context, actor: Actor) -> None:
    """Make a client need a recovery: by a gap, or by a cut where it need not see gaps."""
    if is_core(ctx):
        actor.step(deliver=False)
        actor.step()
    else:
        actor.gate.cut()


async def returns(ctx: Context, actor: Actor, requirement: str, why: str) -> bool:
    """Observe that a client takes the place that it is told, be it a lower one."""
    head = actor.served.position.head
    report = await actor.reported(
        lambda report: (
            report.session_id == actor.served.session_id
            and report.head == actor.served.position.head
        ),
        within_s=WITHIN_S,
    )
    if report is None:
        return ctx.absent(requirement, expected=f"a report at {head}", waited_s=WITHIN_S, why=why)
    return ctx.check(requirement, good=True, expected=f"{head}", seen=f"{report.head}", why=why)
