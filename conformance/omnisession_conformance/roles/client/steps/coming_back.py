"""Coming back to a session: by which request, from where, and with its subscriptions in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import texts
from omnisession_conformance.roles.client.actor import OPEN, RECOVERIES, RESUME
from omnisession_conformance.roles.client.gate.counting import subjects_of
from omnisession_conformance.roles.client.gate.subscribed import not_in_force
from omnisession_conformance.roles.client.profiles import CORE
from omnisession_conformance.roles.client.steps.openings import data_of, place_of, session_of

if TYPE_CHECKING:
    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.gate.seen import Seen

WAYS_BACK = (*RECOVERIES, OPEN)
"""An open of the same session brings back as well, though it had better not be used."""
NOTICES_S = 1.0
RECOVERY = "a recovery: session.resume from its position, or session.sync of all its kinds"


async def notices_its_loss(actor: Actor) -> None:
    """Wait until the client says that it is not live any more, or a while; its connection was cut."""
    await actor.stage.reported_of("phase", lambda told: told.phase != "live", within_s=NOTICES_S)


async def way_back(actor: Actor, *, since: int, within_s: float) -> Seen | None:
    """The first request of the present session that may bring it back, be it by an open."""
    session_id = actor.served.session_id

    def find() -> Seen | None:
        said = actor.said(*WAYS_BACK, since=since)
        return next((one for one in said if session_of(one) == session_id), None)

    return await actor.stage.bell.until(find, within_s=within_s)


async def comes_back_to_nothing(actor: Actor, *, over: bool) -> Seen | None:
    """Cut, with the session forgotten meanwhile, or known to be `over`; the request that is refused for it.

    None where there is none: an open under the old id makes a session anew that is forgotten.
    """
    await actor.fenced()
    mark = actor.mark()
    (actor.puppet.expire if over else actor.puppet.lose)(actor.served)
    actor.gate.cut()
    within_s = actor.patience_s("reconnect_ms", "retry_max_ms")
    asked = await way_back(actor, since=mark, within_s=within_s)
    return None if asked is None or (asked.type == OPEN and not over) else asked


async def recovers(
    actor: Actor, requirement: str, at: Position | None, *, since: int, within_s: float, why: str
) -> Seen | None:
    """Observe that a client recovers its session from its position; the request, None for none."""
    asked = await way_back(actor, since=since, within_s=within_s)
    if asked is None:
        actor.ctx.absent(requirement, expected=RECOVERY, waited_s=within_s, why=why)
        return None
    data, records = data_of(asked), actor.records([asked])
    if asked.type == RESUME and at is not None:
        whole = {"epoch": at.epoch, "seq": at.seq}
        told = {name: data.get(name) for name in whole}
        actor.ctx.equal(
            requirement, whole, told, on=records, why=f"{why}: the position it reported"
        )
    elif asked.type != OPEN:
        kinds = set(texts(data.get("kinds"))) or set(actor.served.kinds)
        missing = sorted(set(actor.served.kinds) - kinds)
        actor.ctx.equal(
            requirement, [], missing, on=records, why=f"{why}: kinds left out of a sync"
        )
    return asked


def in_force(actor: Actor, requirement: str, asked: Seen) -> bool:
    """Observe that a client hears its session when it asks for it."""
    wanted = subjects_of(actor.user_id, session_of(asked))
    if CORE not in actor.ctx.declared.profiles:
        wanted = tuple(one for one in wanted if one.endswith(b".state"))
    gate = actor.gate
    unheard = not_in_force(gate.seen, gate.round_trips, place_of(actor, asked), wanted)
    return actor.ctx.check(
        requirement,
        good=not unheard,
        expected="subscriptions in force at the broker when it is said",
        seen="none for " + ", ".join(one.decode() for one in unheard) if unheard else "in force",
        on=actor.records([asked]),
        why=f"{asked.type} on connection {asked.link}",
    )
