"""Expected failures: checks that are known to fail, each with a reason and perhaps an end.

A baseline never makes anything green that is not: what it expects is shown as expected, and an entry
that says nothing true about the run fails it, so that no list of excuses outlives its failures.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from omnisession_conformance.errors import UsageError, first_line
from omnisession_conformance.files import MB, read_file
from omnisession_conformance.protocol.registry import closest
from omnisession_conformance.protocol.verdict import CheckId, Status
from omnisession_conformance.results.lines import BaselineProblem, BaselineResult, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from omnisession_conformance.protocol.registry import Registry
    from omnisession_conformance.results import CheckResult

FILE_NAME = "expected-failures.yaml"
LIST = "expected_failures"
MEMBERS = ("check", "reason", "expires")
EXAMPLE = f"{LIST}: [{{check: STATE-003@sweep, reason: …}}]"
_TEXT = "tag:yaml.org,2002:str"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_UNDECIDED = (Status.HARNESS, Status.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One expected failure and the line of the file on which it stands."""

    check: CheckId
    reason: str
    line: int
    expires: date | None = None
    """The last day on which it holds."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A file of expected failures."""

    file: str
    entries: tuple[Entry, ...]


def load_baseline(path: Path, registry: Registry) -> Baseline:
    """Read a baseline; UsageError names the file, the line and what to write instead."""
    try:
        root = yaml.compose(read_file(path, MB).decode("utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise UsageError(
            f"Cannot read the expected failures {path}: {error.strerror}. "
            "`omnisession baseline write` makes such a file."
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no UTF-8 text: {error.reason}.") from error
    except RecursionError as error:
        raise UsageError(
            f"{path} is no list of expected failures: it is nested too deeply."
        ) from error
    except ValueError as error:
        raise UsageError(f"{path}: this is no YAML: {first_line(str(error))}.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        told = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise UsageError(f"{path}{where}: this is no YAML: {told}.") from error
    return Baseline(str(path), tuple(_Reader(str(path), registry).entries(root)))


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    registry: Registry

    def fail(self, node: Any, what: str) -> UsageError:
        line = 1 if node is None else node.start_mark.line + 1
        return UsageError(f"{self.path}, line {line}: {what}.")

    def entries(self, root: Any) -> Iterator[Entry]:
        if not isinstance(root, yaml.MappingNode):
            raise self.fail(root, f"write {EXAMPLE}")
        found = self.members(root, (LIST,)).get(LIST)
        if not isinstance(found, yaml.SequenceNode):
            raise self.fail(found or root, f"'{LIST}' is a list of entries: write {EXAMPLE}")
        for node in found.value:
            yield self.entry(node)

    def members(self, node: Any, known: tuple[str, ...]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                close = closest(name, known)
                hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"
                raise self.fail(key, f"there is no member '{name}'; {hint}")
            if name in members:
                raise self.fail(key, f"'{name}' is there twice: remove one")
            members[name] = value
        return members

    def entry(self, node: Any) -> Entry:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"an entry has members: {', '.join(MEMBERS)}")
        members = self.members(node, MEMBERS)
        for name in ("check", "reason"):
            if name not in members:
                raise self.fail(node, f"'{name}' is missing: each entry needs it")
        return Entry(
            check=self.check(members["check"]),
            reason=self.text(members["reason"], "reason"),
            line=node.start_mark.line + 1,
            expires=self.date(members["expires"]) if "expires" in members else None,
        )

    def text(self, node: Any, name: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag != _TEXT or not node.value.strip():
            raise self.fail(node, f"'{name}' needs a text that is not empty")
        return str(node.value).strip()

    def check(self, node: Any) -> CheckId:
        text = self.text(node, "check")
        try:
            check = CheckId.parse(text)
        except ValueError as error:
            raise self.fail(node, str(error)) from error
        if check.requirement not in self.registry:
            close = closest(check.requirement.upper(), tuple(r.id for r in self.registry))
            hint = f" Did you mean {' or '.join(close)}?" if close else ""
            raise self.fail(
                node,
                f"there is no requirement '{check.requirement}'.{hint} "
                "`omnisession list --cases` shows all checks",
            )
        return check

    def date(self, node: Any) -> date:
        text = str(node.value) if isinstance(node, yaml.ScalarNode) else ""
        try:
            if _DATE.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise self.fail(node, "'expires' is a day, written as YYYY-MM-DD")


# -- what it means for a run ----------------------------------------------------------------------------


def expect(
    baseline: Baseline,
    checks: Sequence[CheckResult],
    known: Collection[CheckId],
    *,
    complete: bool,
    today: date,
) -> tuple[list[CheckResult], BaselineResult]:
    """Mark the checks that fail as expected, and tell of every entry that does not hold.

    `checks` are those of the run, `known` all that the kit has. Entries on checks that were not
    selected are left alone, and a run that was cut short says nothing about any.
    """
    told = {check.check: check for check in checks}
    first: dict[str, Entry] = {}
    problems: list[BaselineProblem] = []
    for entry in baseline.entries:
        id_ = str(entry.check)
        found = _as_written(entry, known, first) or _as_judged(entry, told.get(id_), today)
        if found is not None:
            problem, text = found
            problems.append(BaselineProblem(id_, entry.line, problem, text))
        first.setdefault(id_, entry)
    marked = [
        replace(check, expected=first[check.check].reason)
        if check.check in first and (check.keeps or check.status is Status.WARN)
        else check
        for check in checks
    ]
    kept = tuple(problems) if complete else ()
    return marked, BaselineResult(baseline.file, len(baseline.entries), kept)


def _as_written(
    entry: Entry, known: Collection[CheckId], earlier: Mapping[str, Entry]
) -> tuple[Problem, str] | None:
    if entry.check not in known:
        close = closest(str(entry.check), tuple(map(str, known)))
        hint = f"did you mean {' or '.join(close)}?" if close else "remove the entry"
        return "unknown", f"this kit has no such check; {hint}"
    if (first := earlier.get(str(entry.check))) is not None:
        return "duplicate", f"it is expected in line {first.line} already; remove one of them"
    return None


def _as_judged(entry: Entry, check: CheckResult | None, today: date) -> tuple[Problem, str] | None:
    if check is None or check.status in _UNDECIDED:
        return None
    if check.status is Status.PASS:
        return "stale", "it passes now; remove the entry"
    if not check.keeps and check.status is not Status.WARN:
        status = check.status.value.replace("_", " ").lower()
        why = f" ({check.reason})" if check.reason else ""
        return "unmatched", f"it was {status} in this run{why}; remove the entry, or make it run"
    if entry.expires is not None and entry.expires < today:
        told = f"it was expected until {entry.expires.isoformat()} and still fails"
        return "expired", f"{told}; repair it, or agree on a later day"
    return None


# -- making one -----------------------------------------------------------------------------------------


def failures(checks: Iterable[CheckResult]) -> list[str]:
    """The ids of the checks that keep a run from passing, in order."""
    return [check.check for check in checks if check.keeps]


def written(checks: Sequence[str], reason: str, expires: date | None) -> str:
    """The text of a baseline that expects some checks to fail, all for one reason."""
    lines = [
        "# Checks that are known to fail: omnisession check --expected-failures FILE",
        "# An entry whose check passes fails the run, until it is removed.",
        f"{LIST}:" if checks else f"{LIST}: []",
    ]
    for check in checks:
        lines += [f"  - check: {check}", f"    reason: {json.dumps(reason, ensure_ascii=False)}"]
        if expires is not None:
            lines.append(f"    expires: {expires.isoformat()}")
    return "\n".join(lines) + "\n"
