"""Rules on servers that end under what they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.deaths import LONGEST_BURST
from omnisession_conformance.engine.sweep import Sweep, rule

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.trace import Trace

UNDER_IT = "the server ended under this message, was started again, and ended under it again"
AMONG_MANY = (
    "the server ended in the midst of these {count} messages, was started again, and ended among them "
    "each time; one after the other they did not end it"
)
MOST_SHOWN = 4
"""Messages of a burst that may each have done it."""


@rule("ERR-005")
def no_message_ends_the_server(trace: Trace, sweep: Sweep) -> None:
    """Judges that no ordinary message ended the process of the server twice."""
    by_number = {record.n: record for record in trace.records}
    for death in trace.facts.deaths:
        found = [by_number[n] for n in death.records if n in by_number]
        if not found:
            continue
        count = len(death.records)
        why = UNDER_IT if count <= LONGEST_BURST else AMONG_MANY.format(count=count)
        said = f"; it said:\n{death.said}" if death.said else ""
        sweep.broken(
            "ERR-005",
            found[0],
            expected="a server that goes on serving",
            seen=f"its process ended with exit code {death.exit_code}",
            why=f"{why}{said}",
            also=tuple(found[1:MOST_SHOWN]),
        )
    sweep.ok("ERR-005", sum(bool(exchange.answers) for exchange in trace.exchanges))
