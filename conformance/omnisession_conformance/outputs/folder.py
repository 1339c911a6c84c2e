"""What a run leaves in a folder: the results stream and the transcript, and the reports made of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self

from omnisession_conformance.errors import KitError, UsageError, sentence
from omnisession_conformance.outputs.stream import ResultsStream
from omnisession_conformance.outputs.transcript import TranscriptFile
from omnisession_conformance.report import (
    RESULTS_FILE,
    TRANSCRIPT_FILE,
    remove_reports,
    write_reports,
)

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from omnisession_conformance.engine.events import RunOutcome, Subscriber
    from omnisession_conformance.outputs.wording import Wording
    from omnisession_conformance.results import Results
    from omnisession_conformance.results.baseline import Baseline
    from omnisession_conformance.traffic.redact import Redactor


class ReportFolder:
    """The files of one run or judgement; use it as a context manager.

    Without a folder the results are kept and nothing is written. Raises UsageError where the folder
    cannot be written to.
    """

    def __init__(
        self,
        folder: Path | None,
        redactor: Redactor,
        wording: Wording,
        *,
        baseline: Baseline | None = None,
        transcript: bool = True,
    ) -> None:
        self.folder = folder
        self._stream: ResultsStream
        self._transcript: TranscriptFile | None = None
        try:
            if folder is None:
                self._stream = ResultsStream(None, redactor, wording, baseline)
                return
            self._stream = ResultsStream(folder / RESULTS_FILE, redactor, wording, baseline)
            remove_reports(folder)
            if transcript:
                self._transcript = TranscriptFile(folder / TRANSCRIPT_FILE, redactor)
        except OSError as error:
            raise UsageError(
                f"Cannot write the report to '{folder}': {error.strerror}. "
                "Name another folder with --report."
            ) from error

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

    def results(self, outcome: RunOutcome) -> Results:
        """The settled results of a run that has ended.

        Raises ResultsError, with the reason, where not even their first line could be written.
        """
        return self._stream.results(outcome)

    def write_reports(self, results: Results) -> None:
        """Make every report; KitError says where the verdict is when that fails."""
        if self.folder is None:
            return
        try:
            write_reports(results, self.folder)
        except OSError as error:
            stream = self.folder / RESULTS_FILE
            raise KitError(
                f"Cannot write the reports to '{self.folder}': {sentence(error)}. The verdict is in "
                f"{stream}: `omnisession report {stream} --to FOLDER` makes them elsewhere."
            ) from error
