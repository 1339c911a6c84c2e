"""The commands that a results stream shows: the one that made it, and those that judge a check again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omnisession_conformance.results import rerun_line, selecting
from omnisession_conformance.results.rerun import on_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omnisession_conformance.protocol.verdict import Verdict
    from omnisession_conformance.traffic.redact import Redactor

_SELECTING = ("--only", "--case", "--profile", "--skip", "--report", "--expected-failures")
SUITE = "omnisession_conformance.suite"
_OF_PYTEST = "--omni-"
_FLAGS_OF_PYTEST = ("--omni-allow-disruption", "--omni-no-transcript", "--omni-disguise")
_FLAGS = ("--fail-fast", "--no-transcript")
"""Options without a value that say how to run, not what."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The command line that made a stream, and for a verdict the one that judges its check again."""

    command: str
    rerun: Callable[[Verdict], str]


def of_check(argv: Sequence[str], redactor: Redactor, seed: int) -> Wording:
    """The words of `omnisession check`, from the words that it was called with and the run's seed."""
    drawn = _seed(argv, "--seed", seed)

    def rerun(verdict: Verdict) -> str:
        # Secrets of the run are known only by and by.
        return rerun_line(verdict, shlex.split(redactor.command([*_target_options(argv), *drawn])))

    return Wording(redactor.command(["omnisession", *argv[1:]]), rerun)


def of_pytest(argv: Sequence[str], redactor: Redactor, seed: int) -> Wording:
    """The words of pytest with the suite: to judge a check again needs none of its own options."""
    target = [*_own_options(argv), *_seed(argv, "--omni-seed", seed)]

    def rerun(verdict: Verdict) -> str:
        words = [*target, *(_as_pytest(word) for word in selecting(verdict))]
        told = shlex.split(redactor.command(words))
        return f"pytest --pyargs {SUITE} {on_one_line(told)}"

    return Wording(redactor.command(["pytest", *argv[1:]]), rerun)


def _seed(argv: Sequence[str], option: str, seed: int) -> tuple[str, ...]:
    """The option that draws the same again, where the command line has not got it already."""
    told = any(word == option or word.startswith(f"{option}=") for word in argv)
    return () if told else (option, str(seed))


def _as_pytest(word: str) -> str:
    return f"{_OF_PYTEST}{word.removeprefix('--')}" if word.startswith("--") else word


def _own_options(argv: Sequence[str]) -> list[str]:
    """The options of the suite among those of pytest, without those that select checks."""
    kept: list[str] = []
    words = iter(argv[1:])
    for word in words:
        name, has_value, _ = word.partition("=")
        if not name.startswith(_OF_PYTEST):
            continue
        value = [] if has_value or name in _FLAGS_OF_PYTEST else [next(words, "")]
        if f"--{name.removeprefix(_OF_PYTEST)}" not in (*_SELECTING, *_FLAGS):
            kept += (word, *value)
    return kept


def of_judge(argv: Sequence[str], transcript: str) -> Wording:
    """The words of `omnisession judge`."""

    def rerun(verdict: Verdict) -> str:
        return on_one_line(["omnisession", "judge", transcript, "--only", str(verdict.check)])

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
        elif name not in _FLAGS:
            kept.append(word)
    return kept
