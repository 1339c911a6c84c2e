"""What a run leaves in a folder: the results stream and the transcript, and the reports made of them."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING, Self

from omnisession_conformance.errors import Interrupted, cannot_write, first_line, sentence
from omnisession_conformance.files import Folder
from omnisession_conformance.outputs.crash import where_told
from omnisession_conformance.outputs.sole import SoleWriter
from omnisession_conformance.outputs.stream import ResultsStream
from omnisession_conformance.outputs.streams import say
from omnisession_conformance.outputs.transcript import TranscriptFile
from omnisession_conformance.report import (
    FORMATS,
    RESULTS_FILE,
    TRANSCRIPT_FILE,
    NotWritten,
    remove_programs,
    remove_reports,
    remove_transcripts,
    write_reports,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from omnisession_conformance.engine.events import RunOutcome, Subscriber
    from omnisession_conformance.outputs.wording import Wording
    from omnisession_conformance.results import Results
    from omnisession_conformance.results.baseline import Baseline
    from omnisession_conformance.traffic.redact import Redactor


ANOTHER = "another folder with --report"


class ReportFolder:
    """The files of one run or judgement; use it as a context manager.

    Without a folder the results are kept and nothing is written. Raises UsageError where the folder
    cannot be written to, or another run writes there.
    """

    def __init__(
        self,
        folder: Path | None,
        redactor: Redactor,
        wording: Wording,
        *,
        baseline: Baseline | None = None,
        transcript: bool = True,
        strict: bool = False,
    ) -> None:
        self.folder = folder
        self._redactor = redactor
        self._held: Folder | None = None
        self._stream: ResultsStream
        self._transcript: TranscriptFile | None = None
        self._sole: SoleWriter | None = None
        try:
            if folder is None:
                self._stream = ResultsStream(None, redactor, wording, baseline, strict=strict)
                return
            self._sole = SoleWriter(folder, ANOTHER)
            held = self._held = Folder(folder)
            self._stream = ResultsStream(
                folder / RESULTS_FILE, redactor, wording, baseline, held, strict=strict
            )
            remove_reports(held)
            remove_transcripts(held)
            remove_programs(held)
            if transcript:
                self._transcript = TranscriptFile(folder / TRANSCRIPT_FILE, redactor, held)
        except OSError as error:
            self._let_go()
            raise cannot_write(f"the report to '{folder}'", error, ANOTHER) from error

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        """What is to hear of the run; the stream last, so that it tells what became of the others."""
        return (self._stream,) if self._transcript is None else (self._transcript, self._stream)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for file in (self._stream, self._transcript):
            if file is not None:
                with contextlib.suppress(OSError):
                    file.close()
        self._let_go()

    def _let_go(self) -> None:
        for held in (self._held, self._sole):
            if held is not None:
                held.close()

    def copy(self, file: Path, name: str) -> None:
        """Copy a file into the folder under a name; raises OSError, and then no part of it is there."""
        if self._held is None:
            return
        try:
            with file.open("rb") as read, self._held.new_file(name) as written:
                shutil.copyfileobj(read, written)
        except OSError:
            with contextlib.suppress(OSError):
                self._held.remove(name)
            raise

    def results(self, outcome: RunOutcome) -> Results:
        """The settled results of a run that has ended; the files that its cases made are written.

        Raises ResultsError, with the reason, where not even their first line could be written.
        """
        results = self._stream.results(outcome)
        self._write_files(outcome)
        return results

    def _write_files(self, outcome: RunOutcome) -> None:
        if self._held is None:
            return
        for name, text in outcome.artifacts.items():
            try:
                self._held.write_new(name, self._redactor.text(text).encode())
            except OSError as error:
                # What it showed is in the results all the same.
                say(f"omnisession: {cannot_write(name, error, ANOTHER)}")

    def write_reports(self, results: Results) -> Path | None:
        """Make every report that can be made, and say which could not: the verdict stands without.

        Returns the folder, None where it does not hold all of them.
        """
        if self.folder is None or self._held is None:
            return None
        try:
            missing = told_of_missing(results, self._held, self._redactor)
        except Interrupted:
            say(f"omnisession: {_elsewhere(self.folder / RESULTS_FILE, 'the reports')}")
            raise
        for words in missing:
            say(f"omnisession: {words}")
        if not self._held.in_place:
            say(
                f"omnisession: something has taken '{self.folder}' away. The report is where that folder "
                "was moved to."
            )
            return None
        return None if missing else self.folder

    def tell_fault(self, outcome: RunOutcome) -> None:
        """Say where to find what nobody had expected and has ended the run, if anything did."""
        if outcome.fault is not None and outcome.lost is not None:
            told = where_told(outcome.fault, self._held, self._redactor)
            say(f"omnisession: {first_line(outcome.lost)}. {told}")


def told_of_missing(results: Results, held: Folder, redactor: Redactor) -> tuple[str, ...]:
    """Write the reports; a sentence for what could not be written, and one for the way out."""
    try:
        held.renew_if_gone()
        failed = write_reports(results, held).failed
    except OSError as error:
        failed = (NotWritten("", error),)
    if not failed:
        return ()
    causes: dict[str, list[NotWritten]] = {}
    for one in failed:
        causes.setdefault(sentence(one.error), []).append(one)
    folder = held.path
    stream = folder / RESULTS_FILE
    told = [
        f"Cannot write {_files(missing)} to '{folder}': {why}. {_elsewhere(stream, _them(missing))}"
        for why, missing in causes.items()
    ]
    riddles = [one.error for one in failed if not isinstance(one.error, OSError)]
    return (*told, *((where_told(riddles[0], held, redactor),) if riddles else ()))


def _elsewhere(stream: Path, what: str) -> str:
    return f"The verdict is in {stream}: `omnisession report {stream} --to FOLDER` makes {what} elsewhere."


def _files(missing: Sequence[NotWritten]) -> str:
    names = [one.file for one in missing if one.file]
    return ", ".join(names) if names and len(names) < len(FORMATS) else "the reports"


def _them(missing: Sequence[NotWritten]) -> str:
    return "it" if len(missing) == 1 and missing[0].file else "them"
