"""From a run to what people and machines read: results stream, transcript, reports, terminal."""

from __future__ import annotations

import asyncio
import secrets
import shlex
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from omnisession_conformance.engine.plan import PROFILES, Selection, select
from omnisession_conformance.engine.run import kit_version
from omnisession_conformance.errors import sentence
from omnisession_conformance.outputs.progress import Progress
from omnisession_conformance.protocol.verdict import Status
from omnisession_conformance.protocol.version import PROTOCOL
from omnisession_conformance.report.files import remove_reports, write_reports
from omnisession_conformance.report.terminal import render
from omnisession_conformance.results import (
    BaselineResult,
    CaseEnd,
    CheckResult,
    Header,
    Results,
    ResultsWriter,
    RunStatus,
    Stretch,
    TargetInfo,
    TranscriptFacts,
    TranscriptWriter,
    close,
    evidence,
    rerun_line,
    summarise,
)
from omnisession_conformance.results import Selection as SelectionLine
from omnisession_conformance.results.baseline import expect
from omnisession_conformance.roles.server.facts import Facts
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from rich.console import Console

    from omnisession_conformance.engine.case import Case
    from omnisession_conformance.engine.conduct import RunOutcome
    from omnisession_conformance.engine.plan import Catalogue, Plan
    from omnisession_conformance.engine.role import RunFacts
    from omnisession_conformance.engine.run import Run
    from omnisession_conformance.engine.scheduler import CaseResult
    from omnisession_conformance.protocol.verdict import Verdict
    from omnisession_conformance.results.baseline import Baseline
    from omnisession_conformance.traffic.log import Log
    from omnisession_conformance.traffic.record import Record

RESULTS_FILE = "results.jsonl"
TRANSCRIPT_FILE = "transcript.jsonl"
TRANSCRIBE_EVERY_S = 0.04
TRANSCRIBED_AT_ONCE = 120
"""Messages of one go: few enough, at some 30 µs each, not to be felt by what runs beside."""
_SELECTING = ("--only", "--case", "--profile", "--skip", "--report", "--expected-failures")
_EXPLAINED = (Status.FAIL, Status.WARN, Status.HARNESS, Status.INCONCLUSIVE)


class RunOutputs:
    """Writes the stream while a run goes on, and everything else when it has ended.

    Raises OSError where the folder cannot be written to.
    """

    def __init__(
        self,
        folder: Path,
        console: Console,
        catalogue: Catalogue,
        selection: Selection,
        secret_texts: Iterable[str],
        argv: Sequence[str],
        baseline: Baseline | None = None,
    ) -> None:
        self.folder = folder
        self.console = console
        self.catalogue = catalogue = catalogue.of(selection.role)
        self.baseline = baseline
        self.filtered = selection.filtered
        self.redactor = Redactor(secret_texts)
        self.argv = tuple(argv)
        self.started = time.monotonic()
        checks = select(catalogue, selection)
        # A whole run tells of every requirement, also of those that no check can observe.
        judged = {check.requirement for check in checks}
        known = {requirement.id for requirement in catalogue.registry}
        self.selected = frozenset(judged if selection.filtered else known)
        self.writer = ResultsWriter(folder / RESULTS_FILE, self.redactor)
        remove_reports(folder)
        self.writer.write(self._header(selection, checks))
        self.transcript = TranscriptWriter(folder / TRANSCRIPT_FILE, self.redactor)
        self.progress: Progress | None = None
        self.messages: Callable[[], int] = int
        self.done = 0
        self.label = ""

    def _header(self, selection: Selection, checks: Iterable[object]) -> Header:
        command = shlex.join(["omnisession", *self.argv[1:]])
        return Header(
            kit=kit_version(),
            protocol=PROTOCOL,
            run_id=run_id(),
            started_at=time.time_ns() // 1_000_000,
            command=self.redactor.command(shlex.split(command)),
            selection=SelectionLine(
                filtered=selection.filtered,
                requirements=tuple(r.id for r in self.catalogue.registry if r.id in self.selected),
                cases=tuple(dict.fromkeys(str(check).partition("@")[2] for check in checks)),
                profiles=selection.profiles or PROFILES,
                of=len(self.catalogue.registry),
            ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop_progress()
        self.writer.close()
        self.transcript.close()

    def _stop_progress(self) -> None:
        if self.progress is not None:
            self.progress.__exit__(None, None, None)
            self.progress = None

    # -- while it runs --------------------------------------------------------------------------------

    def target_found(self, outcome: RunOutcome) -> None:
        """Write who is tested."""
        self.redactor.learn(outcome.secrets)
        self.label = outcome.label
        self.writer.write(_target_info(outcome))

    def planned(self, plan: Plan, run: Run) -> None:
        """Start the progress line."""
        self.messages = run.log.mark
        self.progress = Progress(self.console, len(plan.cases), self.label)
        self.progress.__enter__()

    async def follow(self, log: Log) -> None:
        """Write the transcript while cases wait for the target; ends when it is cancelled."""
        while True:
            await asyncio.sleep(TRANSCRIBE_EVERY_S)
            self._transcribe(log.records, TRANSCRIBED_AT_ONCE)

    def _transcribe(self, records: Sequence[Record], most: int | None = None) -> None:
        begin = self.transcript.heard
        self.transcript.write(records[begin : None if most is None else begin + most])

    def case_started(self, case: Case[Any]) -> None:
        """Nothing to tell yet."""

    def case_ended(self, result: CaseResult) -> None:
        """Write the end of a case."""
        case = result.case
        self.writer.write(
            CaseEnd(
                name=case.name,
                area=case.area,
                phase=case.phase,
                outcome=result.end,
                ms=result.ms,
                reason=result.reason,
                again=result.again,
            )
        )
        # A case that runs again was counted in its turn.
        self.done += not result.again
        if self.progress is not None:
            self.progress.update(self.done, self.messages())

    # -- when it has ended ------------------------------------------------------------------------------

    def finish(self, outcome: RunOutcome) -> Results:
        """Write verdicts, footer, transcript and reports; return what they say."""
        self._stop_progress()
        self.redactor.learn(outcome.secrets)
        try:
            self._finish_transcript(outcome)
        except OSError as error:
            outcome.lose(f"the transcript failed: {sentence(error)}")
        if outcome.declared is None:
            self.writer.write(_target_info(outcome))
        checks = [self._check(verdict, outcome) for verdict in outcome.verdicts]
        told: BaselineResult | None = None
        if self.baseline is not None:
            checks, told = expect(
                self.baseline,
                checks,
                self.catalogue.checks(),
                complete=_status(outcome) is RunStatus.COMPLETE,
                today=datetime.now(UTC).date(),
            )
        for check in checks:
            self.writer.write(check)
        requirements = summarise(checks, self.catalogue.registry, selected=self.selected)
        for requirement in requirements:
            self.writer.write(requirement)
        if told is not None:
            self.writer.write(told)
        self.writer.write(
            close(
                checks,
                requirements,
                run_status=_status(outcome),
                reason=outcome.interrupted or outcome.lost or "",
                filtered=self.filtered,
                wall_ms=round((time.monotonic() - self.started) * 1_000, 1),
                records=Counter(str(record.party) for record in outcome.records),
                baseline=told,
            )
        )
        results = self.writer.results().settled()
        write_reports(results, self.folder)
        return results

    def _finish_transcript(self, outcome: RunOutcome) -> None:
        self._transcribe(outcome.records)
        if outcome.facts is not None:
            self.transcript.tell(_transcript_facts(outcome, outcome.facts))
        self.transcript.close()

    def show(self, results: Results) -> None:
        """Print the report."""
        render(results, self.console, folder=self.folder)

    def _check(self, verdict: Verdict, outcome: RunOutcome) -> CheckResult:
        shown = ()
        if verdict.status in _EXPLAINED:
            blamed = [number for o in verdict.observations for number in o.records]
            shown = evidence(
                blamed, outcome.records, redactor=self.redactor, started_ns=outcome.started_ns
            )
        return CheckResult.of(verdict, rerun_line(verdict, self._target_options()), shown)

    def _target_options(self) -> tuple[str, ...]:
        """The options of the command line that chose the target, without those that select checks."""
        kept: list[str] = []
        words = iter(self.argv[2:])
        for word in words:
            name, has_value, _ = word.partition("=")
            if name in _SELECTING:
                if not has_value:
                    next(words, None)
            else:
                kept.append(word)
        return tuple(shlex.split(self.redactor.command(kept)))


def run_id() -> str:
    """A mark of one run or judgement."""
    return secrets.token_hex(8)


def _status(outcome: RunOutcome) -> RunStatus:
    if outcome.interrupted is not None:
        return RunStatus.INTERRUPTED
    return RunStatus.COMPLETE if outcome.lost is None else RunStatus.ABORTED


def _transcript_facts(outcome: RunOutcome, facts: RunFacts) -> TranscriptFacts:
    declared = outcome.declared
    server = facts if isinstance(facts, Facts) else Facts()

    def stretches(found: Iterable[tuple[int, int]]) -> tuple[Stretch, ...]:
        return tuple(Stretch(start, end if end < sys.maxsize else None) for start, end in found)

    return TranscriptFacts(
        run_status=_status(outcome),
        reason=outcome.interrupted or outcome.lost or "",
        server=declared.server if declared else None,
        version=declared.version if declared else None,
        broker=outcome.broker_version,
        profiles=tuple(p for p in PROFILES if p in facts.profiles),
        kinds=declared.kinds if declared else (),
        private_prefixes=server.private_prefixes,
        users=tuple(sorted(server.emails)),
        editors=None if server.editors is None else tuple(sorted(server.editors)),
        outages=stretches(facts.outages),
        stalls=stretches(facts.stalls),
        role=outcome.role,
    )


def _target_info(outcome: RunOutcome) -> TargetInfo:
    declared = outcome.declared
    spawned = outcome.mode == "spawn"
    return TargetInfo(
        mode="spawn" if spawned else "attach",
        url=outcome.url,
        command=outcome.label if spawned else None,
        name=declared.server if declared else None,
        version=declared.version if declared else None,
        profiles=tuple(p for p in PROFILES if p in declared.profiles) if declared else (),
        kinds=declared.kinds if declared else (),
        limits=dict(declared.limits) if declared else {},
        broker=outcome.broker_version,
        role=outcome.role,
    )
