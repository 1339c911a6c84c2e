"""A rule on all actions that clients send: none names what only the client's own view has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule
from omnisession_conformance.protocol.json import as_text
from omnisession_conformance.roles.client.steps.acts import FAMILIES
from omnisession_conformance.roles.client.steps.local_ids import named_in, own_local

if TYPE_CHECKING:
    from omnisession_conformance.roles.client.trace import Trace


@rule("HYB-018")
def no_local_ids(trace: Trace, sweep: Sweep) -> None:
    """Judges that no action names the local id of an action of its client."""
    said = [record for record in trace.said if record.address.family in FAMILIES]
    known = {as_text((record.body or {}).get("action_id")) for record in said} - {""}
    for record in said:
        ids = named_in(record.address.family, record.body)
        if ids:
            found = own_local(ids, known)
            sweep.judge(
                "HYB-018",
                found is None,
                record,
                expected="an id of the server",
                seen=found or "an id of the server",
                pointer="/data",
            )
