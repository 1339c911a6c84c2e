"""What `omnisession doctor` looks at for a pair: whether both start, and have something in common."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omnisession_conformance.engine.conduct import begin
from omnisession_conformance.engine.examining import examined, of_target
from omnisession_conformance.protocol.roles import in_order
from omnisession_conformance.roles.interop.driver import InteropDriver
from omnisession_conformance.roles.interop.target import target_of

if TYPE_CHECKING:
    from omnisession_conformance.engine.finding import Finding
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Start the broker, the client and the server; see `examined`."""

    async def look_at(run: Run, findings: list[Finding]) -> None:
        findings += await _both(run)

    return await examined(settings, target_of(settings), look_at)


async def _both(run: Run) -> list[Finding]:
    started = time.monotonic()
    found = await begin(run, InteropDriver(run))
    seconds = time.monotonic() - started
    findings: list[Finding] = []
    for part in found.parts:
        name = f"{part.declared.server} {part.declared.version}".strip()
        says = f"{name} answers as a {part.role} ({seconds:.2f} s with the start of both)"
        findings += of_target(says, part.declared, in_order(part.role, part.declared.profiles))
    return findings
