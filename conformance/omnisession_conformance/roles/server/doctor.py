"""What `omnisession doctor` looks at: broker, rights, target and fixture, one finding each.

Nothing here is a verdict: a finding says whether a run would be possible and what it would leave out.
What is bad stops a run as well, for a run looks by the same means and says the same.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omnisession_conformance.engine.conduct import meet
from omnisession_conformance.engine.examining import examined, of_target
from omnisession_conformance.engine.finding import Finding, in_the_way
from omnisession_conformance.engine.looking import look
from omnisession_conformance.environment.users import ROLES
from omnisession_conformance.roles.server.anybody import anybody
from omnisession_conformance.roles.server.driver import ServerDriver
from omnisession_conformance.roles.server.target import target_of

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything that a run needs; see `examined` for errors."""

    async def look_at(run: Run, findings: list[Finding]) -> None:
        driver = ServerDriver(run)
        findings += await look(run, driver)
        if settings.access is not None:
            findings.append(await anybody(run))
        findings += _fixture(run)
        if in_the_way(findings) is None:
            findings += await _target(run, driver)

    return await examined(settings, target_of(settings), look_at)


def _fixture(run: Run) -> list[Finding]:
    fixture = run.fixture
    if fixture.mints:
        return [Finding("ok", "fixture", "users are minted with the secret", "fixture.users")]
    missing = [role for role in ROLES if f"role:{role}" not in fixture.offers()]
    told = f"{len(fixture.config.users)} users with tokens of their own"
    found = [Finding("ok", "fixture", told, "fixture.users")]
    if missing:
        told = f"no user of role {', '.join(missing)}: what needs one is not run"
        found.append(Finding("note", "fixture", told, "fixture.roles"))
    if "fixture:expired-token" not in fixture.offers():
        told = "no expired token: 4011 is not judged"
        found.append(Finding("note", "fixture", told, "fixture.expired"))
    return found


async def _target(run: Run, driver: ServerDriver) -> list[Finding]:
    started = time.monotonic()
    found = await meet(run, driver)
    declared = found.declared
    seconds = time.monotonic() - started
    name = f"{declared.server} {declared.version}".strip()
    answers = f"{name} answers ({seconds:.2f} s after it was asked first)"
    return of_target(answers, declared, sorted(declared.profiles))
