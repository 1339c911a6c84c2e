"""`omnisession judge`: judge a saved transcript again by the rules, without a target."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import click

from omnisession_conformance.cli.options import report_option
from omnisession_conformance.cli.strictness import strict_option
from omnisession_conformance.engine.plan import Selection
from omnisession_conformance.errors import UsageError, sentence
from omnisession_conformance.outputs.folder import ReportFolder
from omnisession_conformance.outputs.rejudge import choose_in, judge, uncertain
from omnisession_conformance.outputs.streams import say
from omnisession_conformance.outputs.terminal import print_report
from omnisession_conformance.outputs.wording import of_judge
from omnisession_conformance.report import PLAIN_TRANSCRIPT_FILE, TRANSCRIPT_FILE
from omnisession_conformance.results import (
    TranscriptError,
    load_transcript,
)
from omnisession_conformance.results.jsonl import PACKED
from omnisession_conformance.suite import everything
from omnisession_conformance.traffic.redact import Redactor


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
@strict_option
@report_option(
    None, "Write the reports there, with a copy of the transcript; without it none are written."
)
def judge_(
    transcript: Path,
    only: tuple[str, ...],
    profiles: tuple[str, ...],
    strict: bool,
    folder: Path | None,
) -> int:
    """Judge a saved transcript again, without a target.

    Only sweeps can be judged: what every message of a run shows. All other checks are not run, so
    that the result proves no conformance. Exit codes are those of check.
    """
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
    chosen = choose_in(read, everything(), Selection(only=only, profiles=profiles))
    # Everything that is read stays to the end: looking for garbage in it takes a third of the time.
    gc.disable()
    wording = of_judge(sys.argv, str(transcript))
    with ReportFolder(folder, Redactor(), wording, transcript=False, strict=strict) as report:
        outcome = judge(read, str(transcript), chosen, report.subscribers)
        results = report.results(outcome)
        if folder is not None:
            _copy(transcript, report)
        written = report.write_reports(results)
        report.tell_fault(outcome)
    print_report(results, written)
    if (doubt := uncertain(read)) is not None:
        say(f"omnisession: note: {doubt}")
    return results.end.exit_code


def _copy(transcript: Path, report: ReportFolder) -> None:
    name = TRANSCRIPT_FILE if transcript.suffix == PACKED else PLAIN_TRANSCRIPT_FILE
    try:
        report.copy(transcript, name)
    except OSError as error:
        # It is where it was, and what was found in it stands.
        why = error.strerror or sentence(error)
        say(
            f"omnisession: Cannot copy the transcript to '{report.folder}': {why}. It is in {transcript}."
        )
