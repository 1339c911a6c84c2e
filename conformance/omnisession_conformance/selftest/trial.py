"""One trial: a whole run of the kit on a target that is right, broken, unusual or none at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from omnisession_conformance.engine.plan import Selection
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.results.summary import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Mapping

FAULT_VARIABLE = "OMNISESSION_FAULT"
VARIANT_VARIABLE = "OMNISESSION_VARIANT"
GENERATING = ("--generate", "30s", "--only", "generated-traffic")
"""The options of a check that plays generated programs alone."""


class Kind(StrEnum):
    """What a trial is made on."""

    CONTROL = "control"
    FAULT = "fault"
    VARIANT = "variant"
    NULL = "null"


class Scope(StrEnum):
    """How much of the suite runs."""

    REQUIREMENT = "requirement"
    """The checks of one requirement."""
    SHARD = "shard"
    """Some of the cases, and every sweep over what they cause."""
    WHOLE = "whole"
    """All of it."""
    GENERATED = "generated"
    """Generated programs alone."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What to run; `command` replaces that of the target where there is one.

    `env` is added to its environment, `arguments` to its words. `part` says which of the shards it is,
    `again` what came out at first where it is the second try; `start_timeout_s` replaces how long its
    command may take to start where there is one. `programs` are so many that a trial by generated traffic
    plays.
    """

    kind: Kind
    name: str
    scope: Scope
    selection: Selection = field(default_factory=Selection)
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    command: tuple[str, ...] | None = None
    arguments: tuple[str, ...] = ()
    limit_s: float = 60.0
    part: str = ""
    again: str = ""
    start_timeout_s: float | None = None
    programs: int = 0
    instances: int = 1
    """How many of its command are started."""
    nodes: int = 1
    """How many nodes of the broker may end."""

    @property
    def key(self) -> tuple[Kind, str, Scope]:
        """What tells it from every other trial of a self-test."""
        return self.kind, self.name, self.scope


@dataclass(frozen=True, slots=True)
class Remark:
    """A check that a right target would have passed, with the options that judge it again."""

    check: str
    status: Status
    mandatory: bool
    reason: str
    rerun: tuple[str, ...] = ()

    @property
    def requirement(self) -> str:
        """The id of its requirement."""
        return self.check.partition("@")[0]


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What came out of a trial.

    `statuses` are the verdicts by requirement; `lost` says why the run was cut short, if it was;
    `failed` why there is no result to speak of.
    """

    trial: Trial
    statuses: Mapping[str, Status] = field(default_factory=dict[str, Status])
    remarks: tuple[Remark, ...] = ()
    exit_code: int = 3
    passed: int = 0
    lost: str | None = None
    failed: str | None = None
    ms: int = 0

    @property
    def trouble(self) -> str | None:
        """Why the trial proves nothing, if it does not: it failed, was cut short, or the kit failed."""
        if self.failed is not None:
            return self.failed
        if self.lost is not None:
            return f"the run was cut short: {self.lost}"
        broken = next((r for r in self.remarks if r.status is Status.HARNESS), None)
        return f"the kit itself failed in {broken.check}: {broken.reason}" if broken else None

    @property
    def undecided(self) -> bool:
        """Whether a slow machine may be all there is to it."""
        return any(status in UNDECIDED for status in self.statuses.values())

    def convicts(self, requirement: str, *, mandatory: bool) -> bool:
        """Whether the requirement was found broken: FAIL, for a SHOULD also WARN."""
        status = self.statuses.get(requirement)
        return status is Status.FAIL or (status is Status.WARN and not mandatory)
