"""Lines of a results stream for tests that mean certain ones, and a small registry for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnisession_conformance.protocol.registry import Registry, Requirement
from omnisession_conformance.results import (
    CheckResult,
    Header,
    Line,
    RequirementResult,
    ResultsWriter,
    Selection,
)
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omnisession_conformance.protocol.verdict import Status

HEADER = Header(
    "0.1.0",
    "1.0",
    "k1",
    0,
    "omnisession check",
    Selection(False, ("STATE-001", "STATE-002", "CTRL-001"), ("a",), ("core",), 3),
)


def told(check: CheckResult) -> RequirementResult:
    return RequirementResult(
        check.id.requirement, check.status, check.level, "core", "STATE", checks=(check.check,)
    )


def write(path: Path, lines: Sequence[Line], redactor: Redactor | None = None) -> Path:
    with ResultsWriter(path, redactor or Redactor()) as writer:
        for line in lines:
            writer.write(line)
    return path


def requirement(id_: str, level: str = "MUST", excluded: str | None = None) -> Requirement:
    spec = f"state.md#{id_.lower()}"
    return Requirement(id_, level, "server", "core", "Title", "Text.", spec, "1.0", "so", excluded)


REGISTRY = Registry(
    "1.0",
    (
        requirement("STATE-001"),
        requirement("STATE-002", "SHOULD"),
        requirement("STATE-003", excluded="nobody can see it"),
    ),
)


def check(name: str, status: Status, *, excused: bool = False, reason: str = "") -> CheckResult:
    level = REGISTRY[name.partition("@")[0]].level
    return CheckResult(name, status, level, 1, "rerun", reason, excused)
