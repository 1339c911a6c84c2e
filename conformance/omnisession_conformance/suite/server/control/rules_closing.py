"""CTRL: what a server says when it is about to go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.sweep import Sweep, rule

if TYPE_CHECKING:
    from omnisession_conformance.roles.server.reading.trace import Trace

UNAVAILABLE = 5030


@rule("CTRL-017")
def closings_tell_why(trace: Trace, sweep: Sweep) -> None:
    """Judges that a session that may come back is told the code of a planned stop."""
    for session in trace.sessions.values():
        for record in session.control:
            if record.type != "session.closing" or record.payload.get("reconnect") is not True:
                continue
            code = record.payload.get("code")
            sweep.judge(
                "CTRL-017",
                code == UNAVAILABLE,
                record,
                expected=f"code {UNAVAILABLE} where clients come back",
                seen=f"code {code}",
                pointer="/data/code",
            )
