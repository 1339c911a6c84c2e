"""What `omnisession doctor` looks at for a deployment: what its users can do, and what they have to.

Nothing here is a verdict. What is bad stops a run as well, for a run shows the same before its first case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.engine.conduct import begin
from omnisession_conformance.engine.examining import examined
from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.roles.deployment.driver import DeploymentDriver
from omnisession_conformance.roles.deployment.target import target_of
from omnisession_conformance.roles.deployment.telling import rights_of_all

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Connect as each client, and let it do what it has to; see `examined`."""

    async def look_at(run: Run, findings: list[Finding]) -> None:
        driver = DeploymentDriver(run)
        found = await begin(run, driver)
        who = ", ".join(repr(client.id) for client in driver.clients)
        told = f"{who} can do what clients have to"
        findings.append(Finding("ok", "clients", told, "deployment.clients"))
        findings += await rights_of_all(driver)
        claims = ", ".join(sorted(found.declared.profiles))
        findings.append(Finding("ok", "claims", f"profiles {claims}", "deployment.profiles"))

    return await examined(settings, target_of(settings), look_at)
