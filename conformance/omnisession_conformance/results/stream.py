"""The results stream as a file: written and flushed line by line, read back whatever happened."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from omnisession_conformance.errors import KitError
from omnisession_conformance.exits import Exit
from omnisession_conformance.markers import disarmed_json
from omnisession_conformance.protocol.areas import area_of
from omnisession_conformance.protocol.json import is_list, is_object
from omnisession_conformance.protocol.lacks import Lack
from omnisession_conformance.protocol.verdict import RunStatus, Status
from omnisession_conformance.results.codec import (
    ShapeError,
    decode,
    encode,
    member_names,
    read_json,
    why_unreadable,
)
from omnisession_conformance.results.jsonl import DamagedError, LineFile, read_lines
from omnisession_conformance.results.lines import (
    LINES,
    BaselineProblem,
    BaselineResult,
    CaseEnd,
    CheckResult,
    Evidence,
    Finding,
    Footer,
    Header,
    Line,
    RequirementResult,
    Selection,
    TargetInfo,
)
from omnisession_conformance.results.summary import close, cut_short, exit_code, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from omnisession_conformance.files import Folder
    from omnisession_conformance.traffic.redact import Redactor

# Members whose values are words of the kit itself: a match with a secret must not change them.
_OWN_WORDS = frozenset(
    {"line", "schema", "kit", "protocol", "mode", "area", "phase", "outcome", "status", "spec"}
    | {"problem", "role", "lacks"}
    | {"run_status", "level", "from", "id", "check", "checks", "cases", "requirements"}
)
_MEMBERS = frozenset(
    name
    for kind in (*LINES.values(), Selection, Finding, Evidence, Lack, BaselineProblem)
    for name in ("line", *member_names(kind))
)
_CODES = frozenset(int(code) for code in Exit)
NO_FOOTER = "the results stream has no footer: the run was cut short"


NO_HEADER = "a results stream begins with its header line, this one does not"


class ResultsError(KitError):
    """A file is no results stream."""


class NoHeaderError(ResultsError):
    """What was read begins with something else than a header."""


@dataclass(frozen=True, slots=True)
class Results:
    """All that a results stream says; `footer` is None where the run did not live to write one."""

    header: Header
    targets: tuple[TargetInfo, ...] = ()
    cases: tuple[CaseEnd, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    requirements: tuple[RequirementResult, ...] = ()
    footer: Footer | None = None
    baseline: BaselineResult | None = None

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Self:
        """Gather lines; the first must be the header, the last one of a sort, or of a role, counts."""
        all_lines = tuple(lines)
        if not all_lines or not isinstance(all_lines[0], Header):
            raise NoHeaderError(NO_HEADER)
        targets = [x for x in all_lines if isinstance(x, TargetInfo)]
        footers = [x for x in all_lines if isinstance(x, Footer)]
        baselines = [x for x in all_lines if isinstance(x, BaselineResult)]
        return cls(
            header=all_lines[0],
            targets=tuple({x.role: x for x in targets}.values()),
            cases=tuple(x for x in all_lines if isinstance(x, CaseEnd)),
            checks=tuple(x for x in all_lines if isinstance(x, CheckResult)),
            requirements=tuple(x for x in all_lines if isinstance(x, RequirementResult)),
            footer=footers[-1] if footers else None,
            baseline=baselines[-1] if baselines else None,
        )

    @property
    def target(self) -> TargetInfo | None:
        """Who was tested, the first of them where there were more."""
        return self.targets[0] if self.targets else None

    @property
    def end(self) -> Footer:
        """The footer of settled results."""
        if self.footer is None:
            raise ResultsError("these results are not settled: call settled() first")
        return self.footer

    def settled(self, reason: str = "") -> Results:
        """The results that a report may show.

        `reason` says why the footer could not be written, where there is none and that is known.
        Where the run is not complete nothing stays green: what was PASS or WARN, and every selected
        requirement without a verdict, is NOT_RUN (run cut short), and without a footer the exit
        code is 3.
        """
        if self.footer is not None and self.footer.run_status is RunStatus.COMPLETE:
            return self
        reason = (self.footer.reason if self.footer else reason) or NO_FOOTER
        checks = tuple(cut_short(c, f"run cut short: {reason}") for c in self.checks)
        requirements = self._requirements(checks, f"run cut short: {reason}")
        footer = close(
            checks,
            requirements,
            run_status=self.footer.run_status if self.footer else RunStatus.ABORTED,
            reason=reason,
            filtered=self.header.selection.filtered,
            pair=self.header.selection.pair,
            wall_ms=self.footer.wall_ms if self.footer else 0.0,
            records=self.footer.records if self.footer else {},
            strict=self.footer.strict if self.footer else False,
        )
        return replace(self, checks=checks, requirements=requirements, footer=footer)

    def strictly(self) -> Results:
        """Settled results as those of a strict run: what was not tested keeps it from passing."""
        footer = self.end
        code = exit_code(footer.run_status, self.requirements, self.baseline, strict=True)
        conformant = footer.conformant and code is Exit.CONFORMANT
        told = replace(footer, exit_code=int(code), conformant=conformant, strict=True)
        return replace(self, footer=told)

    def _requirements(
        self, checks: tuple[CheckResult, ...], reason: str
    ) -> tuple[RequirementResult, ...]:
        told = {r.id: r for r in self.requirements}
        fed: dict[str, list[CheckResult]] = {}
        for check in checks:
            fed.setdefault(check.id.requirement, []).append(check)
        ids = dict.fromkeys((*self.header.selection.requirements, *told, *fed))
        return tuple(_recount(i, told.get(i), fed.get(i, []), reason) for i in ids)


def _recount(
    requirement: str, told: RequirementResult | None, checks: list[CheckResult], reason: str
) -> RequirementResult:
    if told is None:
        told = RequirementResult(
            id=requirement,
            status=Status.NOT_RUN,
            level=checks[0].level if checks else "MUST",
            profile="",
            area=area_of(requirement),
            reason=reason,
        )
    if checks:
        return fold(told, checks)
    if told.status in (Status.PASS, Status.WARN):
        return replace(told, status=Status.NOT_RUN, reason=reason, excused=False, excuse="")
    return told


class ResultsWriter:
    """Writes a results stream, each line redacted and at once, so that a dead run leaves a trace.

    Use it as a context manager. `results()` is what was written so far, read as a report reads it.
    Without `path` that is all that becomes of it.
    """

    def __init__(self, path: Path | None, redactor: Redactor, folder: Folder | None = None) -> None:
        self._redactor = redactor
        self._file = None if path is None else LineFile(path, folder)
        self._lines: list[Line] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, line: Line) -> None:
        """Write one line; raises OSError, and then no part of it is in the file."""
        told = self._clean({"line": line.line, **encode(line)})
        if self._file is not None:
            text = json.dumps(told, ensure_ascii=True, separators=(",", ":"))
            self._file.append(f"{disarmed_json(text)}\n")
        self._lines.append(decode(type(line), told))

    def _clean(self, value: Any) -> Any:
        if is_object(value):
            return dict(self._clean_member(name, member) for name, member in value.items())
        if is_list(value):
            return [self._clean(v) for v in value]
        return self._redactor.text(value) if isinstance(value, str) else value

    def _clean_member(self, name: str, value: Any) -> tuple[str, Any]:
        # Names that are no members of a line come from the target, as those of its limits do.
        shown = name if name in _MEMBERS else self._redactor.text(name)
        return shown, value if name in _OWN_WORDS else self._clean(value)

    def check(self) -> None:
        """See whether the file holds what was written so far; raises ChangedError."""
        if self._file is not None:
            self._file.check()

    def results(self) -> Results:
        """The results so far."""
        return Results.of(self._lines)

    def close(self) -> None:
        """Close the file; a stream without a footer stays what it is, an aborted run."""
        if self._file is not None:
            self._file.close()


def read_results(path: Path) -> Results:
    """Read a results stream, packed or not; a last line that was cut off is left out.

    Raises ResultsError, with the number of the line, where it is no results stream.
    """
    try:
        return Results.of(_lines(path))
    except OSError as error:
        raise ResultsError(f"cannot read the results: {path}: {error.strerror}") from error
    except DamagedError as error:
        raise ResultsError(f"cannot read the results: {path}: {error}") from error
    except NoHeaderError as error:
        raise ResultsError(f"{path}: {error}") from None


def _lines(path: Path) -> Iterator[Line]:
    begun = False
    for line in read_lines(path):
        try:
            read = _read_line(line.text)
        except (ValueError, ShapeError, RecursionError) as error:
            if not line.whole:
                return
            raise ResultsError(f"{path}, line {line.number}: {why_unreadable(error)}") from error
        if read is not None:
            if not begun and not isinstance(read, Header):
                raise NoHeaderError(NO_HEADER)
            begun = True
            yield read


def _read_line(text: str) -> Line | None:
    value: Any = read_json(text)
    if not is_object(value):
        raise ShapeError("/: expected an object")
    kind = LINES.get(str(value.get("line")))
    if kind is None:
        # A line of a sort that this kit does not know comes from a newer one.
        return None
    read: Line = decode(kind, value)
    if isinstance(read, Footer) and read.exit_code not in _CODES:
        raise ShapeError(f"/exit_code: {read.exit_code} is none that a run ends with")
    return read
