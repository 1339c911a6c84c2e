"""Writes the results stream from the events of a run, or of a transcript that is judged again."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from omnisession_conformance.engine.events import (
    CaseEnded,
    RunEnded,
    RunStarted,
    TargetChosen,
    TargetFound,
)
from omnisession_conformance.engine.run import kit_version
from omnisession_conformance.protocol.kinds.tables import in_order
from omnisession_conformance.protocol.roles import in_order as profiles_in_order
from omnisession_conformance.protocol.verdict import ENDED_AT_FAILURE, Status
from omnisession_conformance.protocol.version import PROTOCOL
from omnisession_conformance.results import (
    BaselineResult,
    CaseEnd,
    CheckResult,
    Header,
    Results,
    ResultsError,
    ResultsWriter,
    RunStatus,
    Selection,
    TargetInfo,
    close,
    evidence,
    summarise,
)
from omnisession_conformance.results.baseline import expect
from omnisession_conformance.results.summary import OBSERVED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from omnisession_conformance.engine.events import Event, RunOutcome
    from omnisession_conformance.files import Folder
    from omnisession_conformance.outputs.wording import Wording
    from omnisession_conformance.protocol.verdict import Verdict
    from omnisession_conformance.results import RequirementResult
    from omnisession_conformance.results.baseline import Baseline
    from omnisession_conformance.traffic.redact import Redactor

_EXPLAINED = (Status.FAIL, Status.WARN, Status.HARNESS, Status.INCONCLUSIVE)
_UNKNOWN = TargetChosen(mode="spawn", url="", label="")
Mode = Literal["attach", "spawn", "transcript"]
_MODES: dict[str, Mode] = {"attach": "attach", "spawn": "spawn", "transcript": "transcript"}


class ResultsStream:
    """Writes the lines of a results stream as things happen, and verdicts and footer at the end.

    Without `path` the lines are kept only. Raises OSError where the file cannot be made.
    """

    name = "the results stream"

    def __init__(
        self,
        path: Path | None,
        redactor: Redactor,
        wording: Wording,
        baseline: Baseline | None = None,
        folder: Folder | None = None,
        *,
        strict: bool = False,
    ) -> None:
        self._strict = strict
        self._writer = ResultsWriter(path, redactor, folder)
        self._redactor = redactor
        self._wording = wording
        self._baseline = baseline
        self._begun = time.monotonic()
        self._started: RunStarted | None = None
        self._found: TargetFound | None = None

    def on(self, event: Event) -> None:
        """Write what an event is about, if it is about anything here; raises OSError."""
        if isinstance(event, RunStarted):
            self._writer.write(self._header(event))
            self._started = event
        elif isinstance(event, TargetChosen):
            self._redactor.learn(event.secrets)
        elif isinstance(event, TargetFound):
            for each in event.parts or (event,):
                self._writer.write(_target(each))
            self._found = event
        elif isinstance(event, CaseEnded):
            self._writer.write(_case_end(event))
        elif isinstance(event, RunEnded) and self._started is not None:
            self._finish(event.outcome, self._started)

    def results(self, outcome: RunOutcome) -> Results:
        """What was told, as reports read it.

        Raises ResultsError, with the reason of the outcome, where not even the first line was written.
        """
        if self._started is None:
            raise ResultsError(outcome.lost or "the run ended before it began")
        return self._writer.results().settled(reason=outcome.lost or "")

    def close(self) -> None:
        """Close the file; a stream without a footer stays what it is, an aborted run."""
        self._writer.close()

    def _header(self, event: RunStarted) -> Header:
        return Header(
            kit=kit_version(),
            protocol=PROTOCOL,
            run_id=secrets.token_hex(8),
            started_at=time.time_ns() // 1_000_000,
            command=self._wording.command,
            seed=event.seed,
            selection=Selection(
                filtered=event.filtered,
                requirements=event.requirements,
                cases=event.cases,
                profiles=event.profiles,
                of=len(event.catalogue.registry),
                pair=event.pair,
            ),
        )

    def _finish(self, outcome: RunOutcome, started: RunStarted) -> None:
        if self._found is None:
            chosen = outcome.chosen or _UNKNOWN
            self._writer.write(_target(TargetFound(chosen, None, None)))
        checks, baseline = self._expected(
            [self._check(v, outcome, pair=started.pair) for v in outcome.verdicts], outcome
        )
        requirements = summarise(
            checks, started.catalogue.registry, selected=frozenset(started.requirements)
        )
        lacking = self._lacking(outcome, requirements, filtered=started.filtered)
        footer = close(
            checks,
            requirements,
            run_status=run_status(outcome),
            reason=outcome.interrupted or outcome.lost or "",
            filtered=started.filtered,
            pair=started.pair,
            wall_ms=round((time.monotonic() - self._begun) * 1_000, 1),
            records=Counter(str(record.party) for record in outcome.records),
            baseline=baseline,
            strict=self._strict,
            lacking=lacking,
        )
        told = () if baseline is None else (baseline,)
        for line in (*checks, *requirements, *told):
            self._writer.write(line)
        # Without a footer there is no verdict.
        self._writer.check()
        self._writer.write(footer)

    def _lacking(
        self, outcome: RunOutcome, requirements: Sequence[RequirementResult], *, filtered: bool
    ) -> tuple[str, ...]:
        """What is missing of what the target was expected to declare; a part of a run counts nothing."""
        found = self._found
        claim = None if found is None else found.chosen.claim
        if claim is None or found is None or found.declared is None:
            return ()
        missing = claim.broken(found.declared)
        if filtered or run_status(outcome) is not RunStatus.COMPLETE:
            return missing
        return missing + claim.too_few(sum(r.status in OBSERVED for r in requirements))

    def _check(self, verdict: Verdict, outcome: RunOutcome, *, pair: bool) -> CheckResult:
        shown = ()
        if verdict.status in _EXPLAINED:
            blamed = [number for o in verdict.observations for number in o.records]
            shown = evidence(
                blamed,
                outcome.records,
                redactor=self._redactor,
                started_ns=outcome.started_ns,
                pair=pair,
            )
        return CheckResult.of(verdict, self._wording.rerun(verdict), shown)

    def _expected(
        self, checks: list[CheckResult], outcome: RunOutcome
    ) -> tuple[list[CheckResult], BaselineResult | None]:
        if self._baseline is None or self._started is None:
            return checks, None
        return expect(
            self._baseline,
            checks,
            self._started.catalogue.checks(),
            complete=run_status(outcome) is RunStatus.COMPLETE and not _ended_early(outcome),
            today=datetime.now(UTC).date(),
        )


def run_status(outcome: RunOutcome) -> RunStatus:
    """How a run ended, in the word of its footer."""
    if outcome.interrupted is not None:
        return RunStatus.INTERRUPTED
    return RunStatus.COMPLETE if outcome.lost is None else RunStatus.ABORTED


def _ended_early(outcome: RunOutcome) -> bool:
    return any(verdict.reason == ENDED_AT_FAILURE for verdict in outcome.verdicts)


def _target(event: TargetFound) -> TargetInfo:
    chosen, declared = event.chosen, event.declared
    return TargetInfo(
        mode=_MODES[chosen.mode],
        url=chosen.url,
        command=chosen.label if chosen.mode == "spawn" else None,
        name=declared.server if declared else None,
        version=declared.version if declared else None,
        profiles=profiles_in_order(chosen.role, declared.profiles) if declared else (),
        kinds=in_order(declared.kinds) if declared else (),
        limits=dict(declared.limits) if declared else {},
        broker=event.broker_version,
        role=chosen.role,
        actions=tuple(sorted(declared.actions)) if declared else None,
        weakened=chosen.weakened,
        hooks=chosen.hooks,
    )


def _case_end(event: CaseEnded) -> CaseEnd:
    result, case = event.result, event.result.case
    return CaseEnd(
        name=case.name,
        area=case.area,
        phase=case.phase,
        outcome=result.end,
        ms=result.ms,
        reason=result.reason,
        again=result.again,
    )
