"""What a run says about itself: the results stream, and the transcript beside it.

A run writes one JSON line after another, `lines` are their types, `stream` the file. Verdicts hold
only once the footer is there: a stream without one is an aborted run, never a green one. Every
report is made from `Results` alone.
"""

from omnisession_conformance.exits import Exit
from omnisession_conformance.protocol.verdict import CaseOutcome, RunStatus
from omnisession_conformance.results.evidence import evidence
from omnisession_conformance.results.lines import (
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
from omnisession_conformance.results.rerun import rerun_line, selecting
from omnisession_conformance.results.stream import (
    Results,
    ResultsError,
    ResultsWriter,
    read_results,
)
from omnisession_conformance.results.summary import close, exit_code, summarise
from omnisession_conformance.results.transcript import (
    DeathLine,
    DisturbanceLine,
    FailureLine,
    Message,
    RestLine,
    Stretch,
    Transcript,
    TranscriptError,
    TranscriptFacts,
    TranscriptWriter,
    load_transcript,
    read_transcript,
    write_transcript,
)

__all__ = [
    "BaselineProblem",
    "BaselineResult",
    "CaseEnd",
    "CaseOutcome",
    "CheckResult",
    "DeathLine",
    "DisturbanceLine",
    "Evidence",
    "Exit",
    "FailureLine",
    "Finding",
    "Footer",
    "Header",
    "Line",
    "Message",
    "RequirementResult",
    "RestLine",
    "Results",
    "ResultsError",
    "ResultsWriter",
    "RunStatus",
    "Selection",
    "Stretch",
    "TargetInfo",
    "Transcript",
    "TranscriptError",
    "TranscriptFacts",
    "TranscriptWriter",
    "close",
    "evidence",
    "exit_code",
    "load_transcript",
    "read_results",
    "read_transcript",
    "rerun_line",
    "selecting",
    "summarise",
    "write_transcript",
]
