"""What `omnisession doctor` looks at for a client: whether its adapter starts, and keeps the contract.

Nothing here is a verdict. What is bad stops a run as well, for a run asks the same before its first case.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omnisession_conformance.engine.conduct import begin
from omnisession_conformance.engine.examining import examined, of_target
from omnisession_conformance.protocol.roles import CLIENT, in_order
from omnisession_conformance.roles.client.driver import ClientDriver
from omnisession_conformance.roles.client.target import target_of

if TYPE_CHECKING:
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Start the broker and the client, and let it open a session in each of its ways; see `examined`."""

    async def look_at(run: Run, findings: list[Finding]) -> None:
        findings += await _target(run)

    return await examined(settings, target_of(settings), look_at)


async def _target(run: Run) -> list[Finding]:
    started = time.monotonic()
    found = await begin(run, ClientDriver(run))
    declared, seconds = found.declared, time.monotonic() - started
    name = f"{declared.server} {declared.version}".strip()
    opens = f"{name} opens sessions and reports what it holds ({seconds:.2f} s with its start)"
    return of_target(opens, declared, in_order(CLIENT, declared.profiles))
