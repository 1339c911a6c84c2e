"""What `omnisession doctor` looks at for a client: whether its adapter starts, and keeps the contract.

Nothing here is a verdict. What is bad stops a run as well, for a run asks the same before its first case.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.conduct import begin, prepare
from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.errors import BrokerError, KitError, UsageError
from omnisession_conformance.protocol.roles import CLIENT, in_order
from omnisession_conformance.roles.client.driver import ClientDriver
from omnisession_conformance.roles.client.target import target_of
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings


async def examine(settings: Settings) -> list[Finding]:
    """Start the broker and the client, and let it open a session in each of its ways.

    Raises UsageError where the configuration makes no run; no other KitError.
    """
    findings: list[Finding] = []
    shown = Redactor(settings.secrets)
    try:
        async with prepare(settings, target_of(settings)) as run:
            findings += await _target(run)
    except UsageError:
        raise
    except KitError as error:
        what = "broker" if isinstance(error, BrokerError) else "target"
        findings.append(Finding("bad", what, str(error), f"{what}.none"))
    return [replace(finding, text=shown.text(finding.text)) for finding in findings]


async def _target(run: Run) -> list[Finding]:
    started = time.monotonic()
    found = await begin(run, ClientDriver(run))
    declared, seconds = found.declared, time.monotonic() - started
    name = f"{declared.server} {declared.version}".strip()
    opens = f"{name} opens sessions and reports what it holds ({seconds:.2f} s with its start)"
    profiles = in_order(CLIENT, declared.profiles)
    return [
        Finding("ok", "target", opens, "target.answers"),
        Finding("ok", "profiles", ", ".join(profiles) or "none", "target.profiles"),
        Finding("ok", "kinds", ", ".join(declared.kinds) or "none", "target.kinds"),
    ]
