"""Results of trials that the tests make up, and matrices of them."""

from __future__ import annotations

from dataclasses import replace

from omnisession_conformance.engine.plan import Selection
from omnisession_conformance.engine.role import NullTarget
from omnisession_conformance.protocol.registry import load_registry
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.selftest.listing import Fault, Listing, Variant
from omnisession_conformance.selftest.matrix import About, Matrix, Reruns, build
from omnisession_conformance.selftest.trial import Kind, Remark, Scope, Trial, TrialResult

REGISTRY = load_registry()
MUST, SHOULD = "CTRL-007", "DISC-001"
ABOUT = About(
    kit="0.1.0",
    protocol="1.0",
    started_at=1_790_000_000_000,
    command="omnisession selftest --server-cmd ./server",
    subject="./server",
    seed=0,
    jobs=2,
    whole=False,
    filtered=False,
    wall_ms=181_000,
)
BY_GENERATION = replace(ABOUT, filtered=True, programs=60)
RERUNS = Reruns(("--server-cmd", "./server"))


def trial(kind: Kind, name: str, scope: Scope = Scope.WHOLE, part: str = "") -> Trial:
    return Trial(kind, name, scope, Selection(), part=part)


def ran(
    made_on: Trial,
    *,
    passed: int = 300,
    lost: str | None = None,
    failed: str | None = None,
    exit_code: int = 0,
    remarks: tuple[Remark, ...] = (),
    **statuses: Status,
) -> TrialResult:
    """A result; statuses are named by requirements with an underscore."""
    by_id = {name.replace("_", "-"): status for name, status in statuses.items()}
    return TrialResult(made_on, by_id, remarks, exit_code, passed, lost, failed, 1_500)


def remark(check: str, status: Status = Status.FAIL, reason: str = "it was late") -> Remark:
    requirement = REGISTRY[check.partition("@")[0]]
    return Remark(check, status, requirement.mandatory, reason, ("--only", check))


def fault_trials(name: str, narrow: Status, whole: Status | None = None) -> tuple[TrialResult, ...]:
    """What came out for a fault that breaks CTRL-007."""
    results = [ran(trial(Kind.FAULT, name, Scope.REQUIREMENT), CTRL_007=narrow)]
    if whole is not None:
        results.append(ran(trial(Kind.FAULT, name), CTRL_007=whole))
    return tuple(results)


def control(**statuses: Status) -> TrialResult:
    plain = ran(trial(Kind.CONTROL, "control"), CTRL_007=Status.PASS)
    return replace(
        plain, statuses={i.replace("_", "-"): s for i, s in statuses.items()} or plain.statuses
    )


def faults(*names: str, requirement: str = MUST) -> tuple[Fault, ...]:
    return tuple(Fault(name, requirement, f"The server is {name}.") for name in names)


def variants(*names: str, warns: tuple[str, ...] = ()) -> tuple[Variant, ...]:
    return tuple(Variant(name, warns, f"The server is {name}.") for name in names)


def nulls(*names: str) -> tuple[NullTarget, ...]:
    return tuple(NullTarget(name, f"It is {name}.", ("null", name)) for name in names)


def matrix(
    listing: Listing,
    *results: TrialResult,
    demanded: tuple[str, ...] = (),
    about: About = ABOUT,
) -> Matrix:
    reruns = replace(RERUNS, programs=about.programs)
    return build(about, REGISTRY, listing, demanded, {r.trial.key: r for r in results}, reruns)


def by_generation(*found: tuple[Status | None, Status | None], whole: bool = True) -> Matrix:
    """Faults that break CTRL-007, with what generated traffic found of it and of CTRL-008."""
    names = [f"fault-{number}" for number in range(len(found))]
    results = [ran(trial(Kind.CONTROL, "control", Scope.GENERATED))]
    for name, statuses in zip(names, found, strict=True):
        told = zip((MUST, "CTRL-008"), statuses, strict=True)
        seen = {id_: status for id_, status in told if status is not None}
        results.append(replace(ran(trial(Kind.FAULT, name, Scope.GENERATED)), statuses=seen))
    return matrix(Listing(faults(*names)), *results, about=replace(BY_GENERATION, whole=whole))
