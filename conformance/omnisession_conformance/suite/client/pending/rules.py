"""Rules on what clients keep pending: at rest that is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.trace import Trace


@rule("HYB-011")
def nothing_is_pending_at_rest(trace: Trace, sweep: Sweep) -> None:
    """Judges the last report of each session that has acted, when its case is over."""
    by_number = {record.n: record for record in trace.records}
    for rest in trace.facts.rests:
        if rest.record not in by_number:
            continue  # the transcript does not have it
        sweep.judge(
            "HYB-011",
            not rest.wrong,
            by_number[rest.record],
            expected="nothing is pending that the position counts, and without such the view is the slices",
            seen=rest.wrong,
            why=f"the last report of a session in the case {rest.case}",
        )
