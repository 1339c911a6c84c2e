"""The commands that a results stream shows: the one that made it, and those that judge a check again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.results import rerun_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.protocol.verdict import Verdict
    from omnisession_conformance.traffic.redact import Redactor

_SELECTING = ("--only", "--case", "--profile", "--skip", "--report", "--expected-failures")


@dataclass(frozen=True, slots=True)
class Wording:
    """The command line that made a stream, and for a verdict the one that judges its check again."""

    command: str
    rerun: Callable[[Verdict], str]


def of_check(argv: Sequence[str], redactor: Redactor) -> Wording:
    """The words of `omnisession check`, or of pytest, from the words that it was called with."""

    def rerun(verdict: Verdict) -> str:
        # Secrets of the run are known only by and by.
        return rerun_line(verdict, shlex.split(redactor.command(_target_options(argv))))

    return Wording(redactor.command(["omnisession", *argv[1:]]), rerun)


def of_judge(argv: Sequence[str], transcript: str) -> Wording:
    """The words of `omnisession judge`."""

    def rerun(verdict: Verdict) -> str:
        return shlex.join(["omnisession", "judge", transcript, "--only", str(verdict.check)])

    return Wording(shlex.join(["omnisession", *argv[1:]]), rerun)


def _target_options(argv: Sequence[str]) -> list[str]:
    """The options of a command line that chose the target, without those that select checks."""
    kept: list[str] = []
    words = iter(argv[2:])
    for word in words:
        name, has_value, _ = word.partition("=")
        if name in _SELECTING:
            if not has_value:
                next(words, None)
        else:
            kept.append(word)
    return kept
