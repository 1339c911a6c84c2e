"""Runs the kit on mutants of both servers, in the order of a seed: `make mutants N=100 SEED=7`.

Exit codes: 0 all that the kit did not notice is in the triage, 1 there is more, which is shown, 2 it was
interrupted, 3 a control came out otherwise than it must or a server could not be read, 4 wrong usage.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mutants.go_source import GeneratorError
from mutants.kept import KeptError, read_runs, read_seed
from mutants.order import ordered
from mutants.pool import Pool, Ran, UnwatchedError
from mutants.report import line, survivors, table
from mutants.score import Score
from mutants.targets import ROOT, TARGETS, Target
from mutants.triage import FILE, Entry, TriageError, read_triage
from mutants.trial import RUN_S, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mutants.mutant import Mutant


def main(argv: Sequence[str] | None = None) -> int:
    """Run controls and mutants of each server, tell what came out, and return the exit code."""
    options = _parser().parse_args(argv)
    try:
        triage = read_triage(FILE.read_text("utf-8"))
    except TriageError as error:
        print(f"{FILE}: {error}", file=sys.stderr)
        return 4
    # What has run so far is told all the same, be it ended by hand or by a job that has no more time.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options.report.mkdir(parents=True, exist_ok=True)
    path = options.report / "mutants.jsonl"
    try:
        kept = path.read_text("utf-8") if options.go_on and path.is_file() else ""
        options.seed = read_seed(kept) if kept else options.seed
    except KeptError as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 4
    print(f"seed {options.seed}", flush=True)
    scores: list[Score] = []
    code = 0
    with path.open("a" if kept else "w", encoding="utf-8") as file:
        for name in options.server or _installed():
            runs: list[Ran] = []
            scores.append(Score(name, runs, triage))
            try:
                code = _run(TARGETS[name], options, triage, runs, file, kept) or code
            except KeyboardInterrupt:
                code = 2
                break
    told = "\n".join((table(scores, options.seed), *_new(scores)))
    (options.report / "mutants.txt").write_text(told + "\n", "utf-8")
    print(f"\n{told}")
    return code or int(any(score.new for score in scores))


def _installed() -> Sequence[str]:
    """Return the servers whose language is installed, and say which one is left out."""
    if "go" in TARGETS and shutil.which("go") is None:
        print("SKIPPED: Go is not installed, so the Go server has no mutants.", file=sys.stderr)
        return [name for name in TARGETS if name != "go"]
    return list(TARGETS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-n", type=int, default=300, help="how many of each server; without it 300")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(2**31), help="which, without it new ones"
    )
    parser.add_argument(
        "--server", action="append", choices=sorted(TARGETS), help="only this server"
    )
    parser.add_argument("--id", action="append", default=[], help="only the mutant of this id")
    parser.add_argument("--file", default="", help="only mutants of files with this in their name")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time; without it 1")
    parser.add_argument(
        "--within", type=int, default=RUN_S, help=f"seconds that a run may take; without it {RUN_S}"
    )
    parser.add_argument(
        "--continue",
        dest="go_on",
        action="store_true",
        help="go on with the sample in --report, with its seed, up to -n",
    )
    parser.add_argument(
        "--report", type=Path, default=Path("report-mutants"), help="where the results go"
    )
    return parser


def _run(
    target: Target,
    options: argparse.Namespace,
    triage: Mapping[str, Entry],
    runs: list[Ran],
    file: TextIO,
    kept: str,
) -> int:
    try:
        mutants = ordered(target.mutants(), options.seed)
    except GeneratorError as error:
        print(error, file=sys.stderr)
        return 3
    runs.extend(read_runs(kept, target.name, mutants))
    ran_before = {ran.mutant.id for ran in runs}
    chosen = [
        m
        for m in mutants
        if options.file in m.file
        and (not options.id or m.id in options.id)
        and m.id not in ran_before
    ]
    print(f"{target.name}: {len(chosen)} of {len(mutants)} mutants to choose from", flush=True)
    with tempfile.TemporaryDirectory(prefix="omnisession-mutants-") as folder:
        pool = Pool(
            target, Path(folder), options.jobs, ("--seed", str(options.seed)), options.within
        )
        if wrong := list(pool.controlled()):
            print("\n".join(f"{target.name}: {one}" for one in wrong), file=sys.stderr)
            return 3
        if not options.id:
            try:
                pool = _spared(pool, mutants, triage)
            except UnwatchedError as error:
                print(f"{target.name}: {error}", file=sys.stderr)
                return 3
        count = options.n - sum(ran.trial.outcome is not Outcome.NOT_BUILT for ran in runs)
        for ran in pool.runs(chosen, count):
            runs.append(ran)
            known = triage.get(ran.mutant.id)
            print(
                line(target.name, options.seed, ran, known and str(known.class_)),
                file=file,
                flush=True,
            )
            print(
                f"{len(runs):4} {ran.trial.outcome:10} {ran.trial.seconds:5.1f} s  {ran.mutant.title}",
                flush=True,
            )
    return 0


def _spared(pool: Pool, mutants: Sequence[Mutant], triage: Mapping[str, Entry]) -> Pool:
    """Return a pool that runs no mutant of which a run would tell nothing."""
    known = {id_ for id_, entry in triage.items() if entry.class_.is_right}
    unreached = pool.target.unreached(pool.watched(), mutants)
    print(f"{pool.target.name}: no run comes to {len(unreached)} of {len(mutants)}", flush=True)
    return replace(pool, known=known, unreached=unreached)


def _new(scores: Sequence[Score]) -> Sequence[str]:
    files = {ran.mutant.file for score in scores for ran in score.new}
    sources = {file: (ROOT / file).read_bytes() for file in files}
    return [one for score in scores for one in survivors(score, sources)]


if __name__ == "__main__":
    sys.exit(main())
