"""The last look at a session that has acted: whether anything is pending that is known to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.json import as_text
from omnisession_conformance.roles.client.facts import Rest
from omnisession_conformance.roles.client.fence import FIRST_WAIT_S, LAST_WAIT_S
from omnisession_conformance.roles.client.polling import polled
from omnisession_conformance.roles.client.steps.acts import id_of, is_action, session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from omnisession_conformance.roles.client.actor import Actor
    from omnisession_conformance.roles.client.testee.messages import Report

NOT_AT_REST = frozenset({"opening", "recovering", "offline", "closed"})
"""Phases in which something is under way, or nothing comes any more."""
AGAIN_S = 2.0
"""How long a client whose report is not right is looked at: it may not have handled everything yet."""


def wrong_at_rest(report: Report, sent: Collection[str]) -> str:
    """What is wrong with a report at rest, in words; `sent` are the ids that it has sent in its session.

    What its position does not count is not known to be done, and may be pending.
    """
    if report.phase in NOT_AT_REST or report.position is None:
        return ""
    if report.pending is None:
        return "pending is null"
    counted = report.position.last_action_seq
    for one in report.pending:
        number, id_ = one.get("client_seq"), as_text(one.get("action_id"))
        if type(number) is int and number <= counted and id_ in sent:
            return f"{id_} is pending as number {number}, and its position counts {counted}"
    return "" if report.pending else unlike_slices(report)


def unlike_slices(report: Report) -> str:
    """How the view is unlike the slices, if it is; a client need not have one."""
    if report.view is None:
        return ""
    kinds = [kind for kind, slice_ in report.slices.items() if report.view.get(kind) != slice_]
    if not kinds:
        return ""
    return f"nothing is pending, and the view is unlike the slices of {', '.join(kinds)}"


async def _right_by_now(actor: Actor, wrong: Callable[[Report], str]) -> Report | None:
    async def look() -> Report | None:
        report = await actor.stage.session.report()
        return None if wrong(report) else report

    return await polled(look, first_s=FIRST_WAIT_S, last_s=LAST_WAIT_S, within_s=AGAIN_S)


def _is_at_the_head(actor: Actor, report: Report) -> bool:
    served = actor.puppet.sessions.by_id.get(report.session_id or "")
    return served is not None and report.head == served.position.head


async def look_at_rest(actor: Actor) -> Rest | None:
    """The last look at a session; None where nobody can tell. Raises AdapterError."""
    said = [one for one in actor.gate.seen if is_action(one)]
    records = actor.records(said[-1:])
    if not records:
        return None

    def wrong(report: Report) -> str:
        # Until what was promised is there, a client may keep what its position counts.
        if not _is_at_the_head(actor, report):
            return ""
        return wrong_at_rest(
            report, {id_of(one) for one in said if session_of(one) == report.session_id}
        )

    report = await actor.stage.session.report()
    if not _is_at_the_head(actor, report):
        return None
    if wrong(report):
        right = await _right_by_now(actor, wrong)
        if right is None and actor.ctx.run.clock.blames_nobody(AGAIN_S):
            return None
        report = right or report
    return Rest(records[0].n, wrong(report), actor.ctx.case.name)
