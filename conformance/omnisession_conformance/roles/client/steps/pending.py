"""Actions that are pending: what a report says of them, and a server that keeps their outcomes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.stops import NotOffered, Prerequisite
from omnisession_conformance.protocol.json import as_text
from omnisession_conformance.roles.client.puppet.puppet import ACTIONS
from omnisession_conformance.roles.client.resting import unlike_slices
from omnisession_conformance.roles.client.steps.acts import Acts, id_of
from omnisession_conformance.roles.client.steps.deeds import takes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.protocol.position import Position
    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.context import Context
    from omnisession_conformance.roles.client.gate.seen import Seen
    from omnisession_conformance.roles.client.puppet.asked import Asked
    from omnisession_conformance.roles.client.puppet.overrides import Held
    from omnisession_conformance.roles.client.steps.acts import Act
    from omnisession_conformance.roles.client.testee.messages import Report

PENDING, REST = "HYB-002", "HYB-011"
COMES_WITHIN_S = 10.0
GONE_WITHIN_MS = 4_000
"""What is handled is pending no longer; without a count nobody knows when that was."""
SETTLED_WITHIN_S, WITHOUT_TIMERS_S = 15.0, 40.0


def keep_back(actor: Actor) -> list[Asked]:
    """Do nothing of what the user does from now on; what has come, in its order."""
    kept: list[Asked] = []
    actor.puppet.instead(ACTIONS, kept.append)
    return kept


async def kept_of(actor: Actor, kept: Sequence[Asked], said: Seen) -> Asked:
    """An action that is kept back, as it came first; Prerequisite where it has not come."""

    def find() -> Asked | None:
        return next((one for one in kept if one.body.get("action_id") == id_of(said)), None)

    found = await actor.stage.bell.until(find, within_s=COMES_WITHIN_S)
    if found is None:
        raise Prerequisite("an action has passed the gate, and has not come here")
    return found


async def all_kept(acts: Acts, kept: Sequence[Asked], number: int) -> list[tuple[Act, Seen]]:
    """So many actions, each of which was sent and is kept back."""
    row = [await acts.acted() for _ in range(number)]
    for _, said in row:
        await kept_of(acts.actor, kept, said)
    return row


def serve(actor: Actor, kept: Iterable[Asked]) -> None:
    """Be truthful again, to what was kept back as well."""
    actor.puppet.truthful_again(ACTIONS)
    for asked in kept:
        actor.puppet.tell(asked)


# -- what a report says


def names(report: Report) -> tuple[str, ...] | None:
    """The ids of what is pending, in its order; None where a report does not tell."""
    if report.pending is None:
        return None
    return tuple(as_text(one.get("action_id")) for one in report.pending)


async def stays(
    ctx: Context, acts: Acts, said: Seen, why: str, *, at: Position | None = None
) -> bool:
    """Observe that an action is pending, unless the client is beyond the place where nothing counts it yet.

    With `None` it is counted nowhere.
    """
    report = (await acts.actor.fenced()).report
    beyond = at is not None and report.head > at.head
    return ctx.check(
        PENDING,
        good=beyond or id_of(said) in (names(report) or ()),
        expected="pending of a report names the action",
        seen=f"pending {_shown(report)}, position {report.position}",
        on=acts.actor.records([said]),
        why=why,
    )


async def is_gone(
    ctx: Context, acts: Acts, said: Seen, why: str, *, held: Sequence[Held] = ()
) -> bool:
    """Observe that an action is pending no longer.

    Whoever has asked for a recovery whose answer is `held` may keep all that comes until it is there: then
    nothing is observed.
    """
    within_s = ctx.within(GONE_WITHIN_MS)
    report = await acts.actor.stage.reported_of(
        "pending",
        lambda found: any(one.asked for one in held) or _is_not_among(found, said),
        within_s=within_s,
    )
    if report is not None and not _is_not_among(report, said):
        return True
    expected = "pending of a report does not name the action"
    on = acts.actor.records([said])
    if report is None:
        return ctx.absent(PENDING, expected=expected, waited_s=within_s, on=on, why=why)
    return ctx.check(PENDING, good=True, expected=expected, seen=expected, on=on, why=why)


def _is_not_among(report: Report, said: Seen) -> bool:
    found = names(report)
    return found is not None and id_of(said) not in found


async def comes_to_rest(ctx: Context, acts: Acts, why: str) -> bool:
    """Observe that nothing is pending once all is done, and that the view is what the slices are."""
    actor = acts.actor
    within_s = SETTLED_WITHIN_S if actor.takes_timers else WITHOUT_TIMERS_S

    def rests(report: Report) -> bool:
        return report.session_id == actor.served.session_id and report.pending == ()

    found = await actor.stage.reported_of("pending", rests, within_s=within_s)
    expected = "a report in which nothing is pending"
    if found is None:
        return ctx.absent(REST, expected=expected, waited_s=within_s, why=why)
    report = (await actor.fenced()).report
    unlike = unlike_slices(report)
    return ctx.check(
        REST,
        good=not unlike and report.pending == (),
        expected="nothing is pending, and the view is as the slices are",
        seen=unlike or f"pending {_shown(report)}",
        why=why,
    )


def _shown(report: Report) -> str:
    ids = names(report)
    return "null" if ids is None else f"[{', '.join(ids)}]"


# -- what the user does


CREATES = ("article.create", "chat.send", "url.create")
"""What makes something, and makes it again where it is done again."""


def quiet_type(acts: Acts) -> str:
    """A type of action whose ack names no id, since it makes nothing; NotOffered where there is none."""
    known = takes(acts.actor.ctx.declared.actions, acts.actor.served.kinds)
    if not known or known[-1] in CREATES:
        raise NotOffered("dispatch takes no action but such as make something")
    return known[-1]
