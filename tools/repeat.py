"""Runs the same check again and again: a check that comes out differently once is a bug of somebody.

`python tools/repeat.py 20 --server-cmd ./server` calls `omnisession check --server-cmd ./server` 20
times, with the seeds 1 to 20 unless there is a --seed among the options, and compares exit codes and
the status of every check with those of the first run. It exits with 1 where anything differs, and says
what; the reports of all runs are kept where it says.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omnisession_conformance.errors import KitError
from omnisession_conformance.results import read_results

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RESULTS = "results.jsonl"


@dataclass(frozen=True, slots=True)
class Once:
    """How one run came out: its exit code, and the status of every check that has one."""

    code: int
    statuses: Mapping[str, str]


def run(folder: Path, options: Sequence[str]) -> Once:
    """Run the check once, with its report in a folder; what it prints is shown if it has no results."""
    command = (sys.executable, "-m", "omnisession_conformance", "check", "--report", str(folder))
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    try:
        results = read_results(folder / RESULTS)
    except KitError:
        sys.stderr.write(done.stdout + done.stderr)
        return Once(done.returncode, {})
    return Once(done.returncode, {check.check: str(check.status) for check in results.checks})


def differences(runs: Sequence[Once]) -> Iterator[str]:
    """What each run after the first tells otherwise than the first, one line a thing."""
    first, *others = runs
    for number, other in enumerate(others, 2):
        if other.code != first.code:
            yield f"run {number}: exit code {other.code}, and {first.code} in run 1"
        for check in sorted({*first.statuses, *other.statuses}):
            before, now = (of.statuses.get(check, "nothing") for of in (first, other))
            if before != now:
                yield f"run {number}: {check} is {now}, and {before} in run 1"


def main(argv: Sequence[str] | None = None) -> int:
    """Run, compare, and tell; 0 if all runs came out alike and have checks."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("times", type=int)
    times, options = parser.parse_known_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="omnisession-repeat-"))
    runs: list[Once] = []
    for number in range(1, times.times + 1):
        seed = [] if "--seed" in options else ["--seed", str(number)]
        runs.append(run(folder / str(number), [*seed, *options]))
        print(f"run {number}: exit code {runs[-1].code}, {len(runs[-1].statuses)} checks")
    told = list(differences(runs))
    for line in told:
        print(line)
    if told or not all(once.statuses for once in runs):
        print(f"NOT ALIKE; the reports are in {folder}")
        return 1
    print(f"{len(runs)} runs came out alike; the reports are in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
