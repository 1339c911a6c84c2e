"""What stands above the failures in every report: who was judged, the counts, what was not tested.

Only the words; each report lays them out in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.protocol.areas import area_title
from omnisession_conformance.protocol.roles import CLIENT
from omnisession_conformance.protocol.verdict import RunStatus, Status
from omnisession_conformance.report.scenarios import scenarios
from omnisession_conformance.report.scenarios import told as in_words
from omnisession_conformance.report.text import plural
from omnisession_conformance.report.words import STATUS_NAMES, less_than_claimed
from omnisession_conformance.results.summary import NOT_OBSERVABLE, UNDECIDED, untested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnisession_conformance.results import RequirementResult, Results, TargetInfo

_COLUMNS = (Status.PASS, Status.FAIL, Status.WARN, Status.NOT_RUN, Status.NOT_CLAIMED)
NOT_JUDGED = "NOT JUDGED"


def about(results: Results) -> list[tuple[str, str]]:
    """Who was tested by what, as labels with words."""
    header, targets = results.header, results.targets
    rows: list[tuple[str, str]] = []
    if not targets:
        rows.append(("Target", "none was found"))
    for target in targets:
        rows.append(("Target" if len(targets) == 1 else target.role.capitalize(), _who(target)))
        if target.name is not None:
            rows.append(("Declares", _declares(target)))
        if target.weakened:
            rows.append(("Weakened", "; ".join(target.weakened)))
    if found := scenarios(results):
        rows.append(("Scenarios", in_words(found)))
    if results.baseline is not None:
        told = f"{plural(results.baseline.entries, 'expected failure')} in {results.baseline.file}"
        rows.append(("Baseline", told))
    if less := less_than_claimed(results.end):
        rows.append(("Lacking", less))
    brokers = (_broker(target) for target in targets if target.mode != "transcript")
    rows += (("Broker", broker) for broker in dict.fromkeys(brokers))
    rows.append(("Judged by", f"kit {header.kit}, protocol {header.protocol}"))
    if header.seed is not None:
        rows.append(("Seed", f"{header.seed}, by which ids, names, order and pauses were drawn"))
    rows.append(("Command", header.command))
    return rows


def _broker(target: TargetInfo) -> str:
    return f"NATS {target.broker} at {target.url}" if target.broker else f"NATS at {target.url}"


def target_names(results: Results) -> str:
    """Names and versions of those who were tested, as far as they told."""
    return " and ".join(map(_name, results.targets)) or "no server"


def _name(target: TargetInfo) -> str:
    if target.name is None:
        return f"no {target.role}"
    return " ".join(filter(None, (target.name, target.version)))


def _who(target: TargetInfo) -> str:
    how = f"started with: {target.command}" if target.command else "already running"
    if target.mode == "transcript":
        told = " ".join(filter(None, (target.name, target.version))) or "unknown"
        return f"{told}, as its transcript shows it: {target.url}"
    if target.name is None and target.role == CLIENT and target.command:
        return f"no session of it was judged; {how}"
    if target.name is None:
        return f"did not answer; {how}" if target.command else f"no {target.role} answered"
    return f"{_name(target)}, {how}"


def _declares(target: TargetInfo) -> str:
    kinds = f"; kinds {', '.join(target.kinds)}" if target.kinds else ""
    return f"profiles {', '.join(target.profiles) or 'none'}{kinds}"


def what_happened(results: Results) -> str:
    """Why the run was not complete; "" where it was."""
    footer = results.end
    return "" if footer.run_status is RunStatus.COMPLETE else footer.reason


def heard_nothing(results: Results) -> bool:
    """Whether a run ended without a word of any target."""
    answered = any(target.name is not None for target in results.targets)
    return results.end.run_status is not RunStatus.COMPLETE and not answered


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of areas: the statuses that it counts."""

    title: str
    statuses: frozenset[Status]


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A row of the table of areas; `area` is "" in the last one, which counts all of them."""

    area: str
    title: str
    total: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AreaTable:
    """How many requirements of each area have which verdict."""

    columns: tuple[Column, ...]
    rows: tuple[AreaRow, ...]


def areas(requirements: Sequence[RequirementResult]) -> AreaTable:
    """Count the verdicts by area; what could not be judged has a column where there is any."""
    columns = [Column(STATUS_NAMES[s], frozenset({s})) for s in _COLUMNS]
    if any(r.status in UNDECIDED for r in requirements):
        columns.append(Column(NOT_JUDGED, UNDECIDED))

    def row(area: str, title: str, mine: Sequence[RequirementResult]) -> AreaRow:
        counts = tuple(sum(r.status in c.statuses for r in mine) for c in columns)
        return AreaRow(area, title, len(mine), counts)

    rows = [
        row(area, area_title(area), [r for r in requirements if r.area == area])
        for area in dict.fromkeys(r.area for r in requirements)
    ]
    if len(rows) != 1:
        rows.append(row("", "All", requirements))
    return AreaTable(tuple(columns), tuple(rows))


@dataclass(frozen=True, slots=True)
class NotTested:
    """Requirements that this run does not prove, and why; `blamed` where that spoils the verdict."""

    words: str
    ids: tuple[str, ...] = ()
    blamed: bool = False


def not_tested(results: Results, *, whole: bool = False) -> list[NotTested]:
    """What a run does not prove, never empty; `whole` tells each reason apart."""
    complete = results.end.run_status is RunStatus.COMPLETE
    filtered, pair = results.end.filtered, results.header.selection.pair
    groups: dict[tuple[bool, Status, str], list[str]] = {}
    for requirement in results.requirements:
        if requirement.status in (Status.NOT_RUN, Status.NOT_CLAIMED):
            blamed = complete and untested(requirement, strict=results.end.strict)
            key = (not blamed, requirement.status, _why(requirement, whole=whole))
            groups.setdefault(key, []).append(requirement.id)
    kept = "the run from passing" if filtered or pair else "the target from being conformant"
    found: list[NotTested] = []
    # What keeps the target from being conformant comes first, then what concerns most.
    for (excused, status, reason), ids in sorted(
        groups.items(), key=lambda item: (item[0][0], -len(item[1]))
    ):
        what = STATUS_NAMES[status].lower()
        blame = "" if excused else f", which keeps {kept}"
        words = f"{len(ids)} {what}: {reason or 'no reason was given'}{blame}"
        found.append(NotTested(words, tuple(ids), blamed=not excused))
    left_out = results.header.selection.of - len(results.requirements)
    if filtered and left_out > 0:
        what = plural(left_out, "requirement")
        found.append(
            NotTested(f"{what} not selected, so that this run proves no conformance", blamed=True)
        )
    elif not groups:
        found.append(NotTested("nothing: every requirement was observed"))
    return found


def _why(requirement: RequirementResult, *, whole: bool) -> str:
    if not whole and requirement.reason.startswith(NOT_OBSERVABLE):
        # Each has a reason of its own, the same in every run.
        return f"{NOT_OBSERVABLE}; `omnisession explain ID` says why"
    return requirement.reason
