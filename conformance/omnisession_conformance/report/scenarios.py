"""What a server and a client came to together: the scenarios of a pair, each with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.areas import area_of
from omnisession_conformance.protocol.roles import CLIENT, SERVER
from omnisession_conformance.protocol.verdict import SWEEP, CaseOutcome, Status
from omnisession_conformance.results.summary import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omnisession_conformance.results import CheckResult, Results

OF_CLIENTS = frozenset({"CLI", "HYB"})
"""Areas of requirements that bind clients; all others bind servers, or both sides."""
_SHOWN = (Status.FAIL, *UNDECIDED, Status.NOT_RUN, Status.PASS, Status.NOT_CLAIMED)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case of a pair, and what came of it as a whole."""

    name: str
    status: Status


def scenarios(results: Results) -> tuple[Scenario, ...]:
    """The scenarios of a pair in their order; none where one target was judged."""
    if not results.header.selection.pair:
        return ()
    checks: dict[str, list[CheckResult]] = {}
    for check in results.checks:
        if check.id.source != SWEEP:
            checks.setdefault(check.id.source, []).append(check)
    ended = {case.name: case.outcome for case in results.cases}
    return tuple(
        Scenario(name, _status(mine, ended.get(name)))
        for name in sorted(checks, key=_place(results))
        for mine in [checks[name]]
    )


def _place(results: Results) -> _Place:
    return _Place({name: at for at, name in enumerate(results.header.selection.cases)})


@dataclass(frozen=True, slots=True)
class _Place:
    at: dict[str, int]

    def __call__(self, name: str) -> tuple[int, str]:
        return self.at.get(name, len(self.at)), name


def _status(checks: Sequence[CheckResult], ended: CaseOutcome | None) -> Status:
    statuses = {check.status for check in checks}
    for status in (Status.FAIL, *UNDECIDED):
        if status in statuses:
            return status
    if ended is None and statuses <= {Status.NOT_CLAIMED, Status.NOT_RUN}:
        lacks = any(check.lacks is not None for check in checks)
        return Status.NOT_CLAIMED if lacks else Status.NOT_RUN
    if ended is not CaseOutcome.DONE or not statuses & {Status.PASS, Status.WARN}:
        return Status.NOT_RUN
    return Status.PASS


def told(found: Iterable[Scenario]) -> str:
    """All of them by their verdicts, the worst first."""
    by_status: dict[Status, list[str]] = {}
    for one in found:
        by_status.setdefault(one.status, []).append(one.name)
    return "; ".join(
        f"{status.value.replace('_', ' ')}: {', '.join(by_status[status])}"
        for status in _SHOWN
        if status in by_status
    )


def counted(found: Sequence[Scenario]) -> str:
    """How many came out right, of how many that both sides claim."""
    claimed = [one for one in found if one.status is not Status.NOT_CLAIMED]
    right = sum(one.status is Status.PASS for one in claimed)
    noun = "scenario" if len(claimed) == 1 else "scenarios"
    rest = len(found) - len(claimed)
    return f"{right} of {len(claimed)} {noun}{f' ({rest} not claimed)' if rest else ''}"


def by_side(ids: Iterable[str]) -> dict[str, list[str]]:
    """Ids of requirements by whose they are to keep."""
    found: dict[str, list[str]] = {}
    for id_ in ids:
        found.setdefault(CLIENT if area_of(id_) in OF_CLIENTS else SERVER, []).append(id_)
    return found
