"""Rules on all that clients say: it keeps the form of the protocol, and no message ends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.trace import Trace


@rule("CLI-034")
def bodies_are_valid(trace: Trace, sweep: Sweep) -> None:
    """Judges that every body that a client sends is valid against its schema."""
    for record in trace.said:
        flaw = record.flaws[0] if record.flaws else None
        sweep.judge(
            "CLI-034",
            flaw is None,
            record,
            expected="a body that is valid against its schema",
            seen="" if flaw is None else flaw.message,
            pointer=None if flaw is None else flaw.pointer,
        )


@rule("CLI-029")
def clients_go_on(trace: Trace, sweep: Sweep) -> None:
    """Judges that no client ended, hung or failed because of what came to it."""
    by_number = {record.n: record for record in trace.records}
    for failure in trace.facts.failures:
        sweep.broken(
            "CLI-029",
            by_number[failure.record],
            expected="a client that goes on",
            seen=failure.said,
            why=failure.where,
        )
    sweep.ok("CLI-029", len(trace.said))
