"""One run of the kit on a server that has one mutant, and what became of it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

RUN_S = 90
"""How long the kit gives a run on a machine that is not busy; a server that hangs is told of after this."""
GRACE_S = 30


class Outcome(StrEnum):
    """What became of a mutant."""

    FAIL = "fail"
    """A requirement failed."""
    WARN = "warn"
    """A requirement that a server should keep was seen broken."""
    NOT_TESTED = "not tested"
    """Nothing failed, and the run does not pass: what is claimed was not tested."""
    NO_START = "no start"
    """The server opened no session at all."""
    SURVIVED = "survived"
    NO_VERDICT = "no verdict"
    """The run was broken off, by a server that died or hung, or by the kit."""
    NOT_BUILT = "not built"
    KNOWN = "known"
    """It is in the triage as right, and did not run."""
    UNREACHED = "unreached"
    """No run of the kit comes to its line, so that a run of it would tell nothing; not noticed."""

    @property
    def killed(self) -> bool:
        """Whether the kit has noticed the mutant."""
        return self in (Outcome.FAIL, Outcome.WARN, Outcome.NOT_TESTED, Outcome.NO_START)


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant; `told` is the check that failed, or why there is no verdict."""

    outcome: Outcome
    told: str
    seconds: float


def run(
    command: Sequence[str],
    report: Path,
    options: Sequence[str] = (),
    within_s: int = RUN_S,
    *,
    to_the_end: bool = False,
) -> Trial:
    """Run the kit on a server until its first failure, or to the end all the same."""
    started = time.monotonic()
    kit = (
        sys.executable,
        "-P",
        "-m",
        "omnisession_conformance",
        "check",
        "--no-transcript",
        *(() if to_the_end else ("--fail-fast",)),
    )
    place = (
        "--report",
        str(report),
        "--timeout",
        str(within_s),
        "--server-cmd",
        shlex.join(command),
    )
    try:
        done = subprocess.run(
            (*kit, *place, *options),
            capture_output=True,
            text=True,
            check=False,
            timeout=within_s + GRACE_S,
        )
    except subprocess.TimeoutExpired:
        return Trial(
            Outcome.NO_VERDICT, f"no end after {within_s + GRACE_S} s", time.monotonic() - started
        )
    results = report / "results.jsonl"
    lines = results.read_text("utf-8").splitlines() if results.is_file() else []
    outcome, told = judged(done.returncode, map(json.loads, lines))
    return Trial(outcome, told or done.stderr.strip()[-300:], time.monotonic() - started)


def judged(code: int, lines: Iterable[dict[str, Any]]) -> tuple[Outcome, str]:
    """Say what an exit code and a results stream mean for a mutant."""
    failed, warned, reason, has_opened = "", "", "", False
    for line in lines:
        if line["line"] == "target":
            has_opened = has_opened or bool(line["profiles"])
        elif line["line"] == "check" and line["status"] == "FAIL":
            failed = failed or line["check"]
        elif line["line"] == "check" and line["status"] == "WARN":
            warned = warned or line["check"]
        elif line["line"] == "footer":
            reason = line["reason"]
    if code == 0:
        return (Outcome.WARN, warned) if warned else (Outcome.SURVIVED, "")
    if code == 1:
        return (Outcome.FAIL, failed) if failed else (Outcome.NOT_TESTED, reason)
    if not has_opened:
        return Outcome.NO_START, reason
    return Outcome.NO_VERDICT, f"exit code {code}: {reason}"
