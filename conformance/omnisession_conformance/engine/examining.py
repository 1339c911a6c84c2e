"""Looks at what a run would need, for `omnisession doctor`: findings, and no verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from omnisession_conformance.engine.conduct import prepare
from omnisession_conformance.engine.finding import Finding
from omnisession_conformance.errors import BrokerError, KitError, UsageError
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.environment.settings import Settings
    from omnisession_conformance.environment.target import Target
    from omnisession_conformance.protocol.declared import Declared

    LookAt = Callable[[Run, list[Finding]], Awaitable[None]]
    """Adds what it finds, so that it is told whatever fails behind it."""


async def examined(settings: Settings, target: Target, look_at: LookAt) -> list[Finding]:
    """Prepare a run and look at it, as far as it is there; no finding shows a secret.

    Raises UsageError where the configuration makes no run; no other KitError.
    """
    findings: list[Finding] = []
    shown = Redactor(settings.secrets)
    try:
        async with prepare(settings, target) as run:
            shown.learn([run.fixture.config.secret or ""])
            await look_at(run, findings)
    except UsageError:
        raise
    except KitError as error:
        what = "broker" if isinstance(error, BrokerError) else "target"
        findings.append(Finding("bad", what, str(error), f"{what}.none"))
    return [replace(finding, text=shown.text(finding.text)) for finding in findings]


def of_target(answers: str, declared: Declared, profiles: Iterable[str]) -> list[Finding]:
    """That a target answers, and what it declares."""
    return [
        Finding("ok", "target", answers, "target.answers"),
        Finding("ok", "profiles", ", ".join(profiles) or "none", "target.profiles"),
        Finding("ok", "kinds", ", ".join(declared.kinds) or "none", "target.kinds"),
    ]
