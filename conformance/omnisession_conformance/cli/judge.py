"""`omnisession judge`: judge a saved transcript again by the rules, without a target."""

from __future__ import annotations

import gc
import shlex
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from omnisession_conformance.cli.options import report_option
from omnisession_conformance.engine.plan import PROFILES
from omnisession_conformance.engine.plan import Selection as Wanted
from omnisession_conformance.engine.run import kit_version
from omnisession_conformance.errors import UsageError
from omnisession_conformance.outputs.publish import RESULTS_FILE, TRANSCRIPT_FILE, run_id
from omnisession_conformance.outputs.rejudge import Judgement, judge, uncertain
from omnisession_conformance.protocol.version import PROTOCOL
from omnisession_conformance.report.files import write_reports
from omnisession_conformance.report.terminal import render
from omnisession_conformance.results import (
    CheckResult,
    Header,
    Line,
    Results,
    ResultsWriter,
    RunStatus,
    Selection,
    TargetInfo,
    Transcript,
    TranscriptError,
    close,
    evidence,
    load_transcript,
    summarise,
)
from omnisession_conformance.suite import catalogue
from omnisession_conformance.traffic.redact import Redactor

if TYPE_CHECKING:
    from omnisession_conformance.protocol.verdict import Verdict


@click.command("judge")
@click.argument("transcript", type=click.Path(path_type=Path))
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Judge only this requirement (CTRL-007), check (CTRL-007@sweep) or area (CTRL); "
    "may be repeated.",
)
@click.option("--profile", "profiles", multiple=True, metavar="PROFILE", help="Judge this profile.")
@report_option(
    None, "Write the reports there, with a copy of the transcript; without it none are written."
)
def judge_(
    transcript: Path, only: tuple[str, ...], profiles: tuple[str, ...], folder: Path | None
) -> int:
    """Judge a saved transcript again, without a server.

    Only sweeps can be judged: what every message of a run shows. All other checks are not run, so
    that the result proves no conformance. Exit codes are those of check.
    """
    started = time.monotonic()
    if folder is not None and folder.resolve() == transcript.resolve().parent:
        raise UsageError(
            f"'{folder}' holds the report of the run itself. Name another folder with --report."
        )
    try:
        read = load_transcript(transcript)
    except TranscriptError as error:
        raise UsageError(
            f"{error}. A run of `omnisession check` writes {TRANSCRIPT_FILE} into its report folder."
        ) from error
    wanted = Wanted(only=only, profiles=profiles)
    # Everything that is read stays to the end: looking for garbage in it takes a third of the time.
    gc.disable()
    found = judge(read, catalogue(), wanted)
    lines = _lines(transcript, read, found, wanted, started)
    results = Results.of(lines).settled()
    if folder is not None:
        _write(lines, results, transcript, folder)
    console = Console(highlight=False, markup=False, emoji=False)
    render(results, console, folder=folder)
    if (doubt := uncertain(read)) is not None:
        click.echo(f"omnisession: note: {doubt}", err=True)
    return results.end.exit_code


def _lines(
    path: Path, transcript: Transcript, found: Judgement, wanted: Wanted, started: float
) -> list[Line]:
    registry = catalogue().registry
    checks = [_check(verdict, path, found) for verdict in found.verdicts]
    requirements = summarise(checks, registry, selected=())
    return [
        _header(found, wanted),
        _target(path, transcript),
        *checks,
        *requirements,
        close(
            checks,
            requirements,
            run_status=RunStatus.COMPLETE if found.lost is None else RunStatus.ABORTED,
            reason=found.lost or "",
            # What a transcript shows is never the whole.
            filtered=True,
            wall_ms=round((time.monotonic() - started) * 1_000, 1),
            records=Counter(str(record.party) for record in found.records),
        ),
    ]


def _header(found: Judgement, wanted: Wanted) -> Header:
    judged = {verdict.check.requirement for verdict in found.verdicts}
    registry = catalogue().registry
    return Header(
        kit=kit_version(),
        protocol=PROTOCOL,
        run_id=run_id(),
        started_at=time.time_ns() // 1_000_000,
        command=shlex.join(["omnisession", *sys.argv[1:]]),
        selection=Selection(
            filtered=True,
            requirements=tuple(r.id for r in registry if r.id in judged),
            cases=(),
            profiles=wanted.profiles or PROFILES,
            of=len(registry),
        ),
    )


def _target(path: Path, transcript: Transcript) -> TargetInfo:
    facts = transcript.facts
    if facts is None:
        return TargetInfo(mode="transcript", url=str(path))
    return TargetInfo(
        mode="transcript",
        url=str(path),
        name=facts.server,
        version=facts.version,
        profiles=facts.profiles,
        kinds=facts.kinds,
        broker=facts.broker,
    )


def _check(verdict: Verdict, path: Path, found: Judgement) -> CheckResult:
    blamed = [number for o in verdict.observations for number in o.records]
    first = found.records[0].t_ns if found.records else 0
    shown = evidence(blamed, found.records, redactor=Redactor(), started_ns=first)
    again = shlex.join(["omnisession", "judge", str(path), "--only", str(verdict.check)])
    return CheckResult.of(verdict, again, shown)


def _write(lines: list[Line], results: Results, transcript: Path, folder: Path) -> None:
    try:
        with ResultsWriter(folder / RESULTS_FILE, Redactor()) as writer:
            for line in lines:
                writer.write(line)
        shutil.copyfile(transcript, folder / TRANSCRIPT_FILE)
        write_reports(results, folder)
    except OSError as error:
        raise UsageError(
            f"Cannot write the report to '{folder}': {error.strerror}. "
            "Name another folder with --report."
        ) from error
