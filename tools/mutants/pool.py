"""Runs mutants, some at a time, until enough have been run."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mutants.near import near
from mutants.targets import ROOT
from mutants.trial import RUN_S, Outcome, Trial, run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mutants.mutant import Mutant
    from mutants.targets import Target


SLOWER = 4
"""A watched server writes down where it comes, and may take so much longer."""


class UnwatchedError(Exception):
    """The run that shows where the kit comes was broken off; says why."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A mutant and what became of it."""

    mutant: Mutant
    trial: Trial


@dataclass(frozen=True, slots=True)
class Pool:
    """Where copies of a target are made, and how the kit is run on them."""

    target: Target
    folder: Path
    jobs: int
    options: Sequence[str]
    within_s: int = RUN_S
    known: Collection[str] = ()
    """Mutants that are known to be right: they are not run."""
    unreached: Collection[str] = ()
    """Mutants where no run comes: they are not run either."""

    def controlled(self) -> Iterator[str]:
        """Run the controls; says of each that came out otherwise than it must."""
        for control in self.target.controls:
            source = (ROOT / control.file).read_text("utf-8")
            if control.before not in source:
                yield f"control '{control.name}': {control.before!r} is not in {control.file}"
                continue
            changed = source.replace(control.before, control.after, 1) if control.before else source
            trial = self._tried(control.file, changed.encode())
            if trial.outcome != control.verdict:
                yield f"control '{control.name}': {trial.outcome}, not {control.verdict}: {trial.told}"

    def runs(self, mutants: Iterable[Mutant], count: int) -> Iterator[Ran]:
        """Run mutants in this order until so many could be run; each as it ends."""
        waiting = iter(mutants)
        with ThreadPoolExecutor(self.jobs) as threads:
            running: dict[Future[Ran], None] = {}
            left = count
            while True:
                while len(running) < min(self.jobs, left) and (mutant := next(waiting, None)):
                    running[threads.submit(self._run, mutant)] = None
                if not running:
                    return
                for ended in wait(running, return_when=FIRST_COMPLETED).done:
                    del running[ended]
                    ran = ended.result()
                    left -= ran.trial.outcome is not Outcome.NOT_BUILT
                    yield ran

    def watched(self) -> Path:
        """Run the kit on the server as it is, twice; return the folder with where it came.

        Raises UnwatchedError for a run without a verdict: it came to less than a whole one comes to.
        """
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        command = self.target.watched(folder)
        for number in (1, 2):
            options = ("--seed", str(number))
            report, within_s = folder / f"report-{number}", SLOWER * self.within_s
            trial = run(command, report, options, within_s, to_the_end=True)
            if trial.outcome is Outcome.NO_VERDICT:
                raise UnwatchedError(
                    f"The run that shows where the kit comes was broken off ({trial.told}). "
                    "Try again on a machine that is less busy, or with a longer --within."
                )
        return folder

    def _run(self, mutant: Mutant) -> Ran:
        if mutant.id in self.known:
            return Ran(mutant, Trial(Outcome.KNOWN, "", 0))
        if mutant.id in self.unreached:
            return Ran(mutant, Trial(Outcome.UNREACHED, "", 0))
        return Ran(
            mutant, self._tried(mutant.file, mutant.applied((ROOT / mutant.file).read_bytes()))
        )

    def _tried(self, file: str, data: bytes) -> Trial:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            command = self.target.made(folder, file, data)
            if command is None:
                return Trial(Outcome.NOT_BUILT, "", 0)
            options = self.options
            if areas := near(file):
                # Most mutants fail here, in less time than the whole run takes; only these are believed.
                trial = run(
                    command, folder / "near", (*options, *_each("--only", areas)), self.within_s
                )
                if trial.outcome in (Outcome.FAIL, Outcome.WARN):
                    return trial
                if trial.outcome is Outcome.SURVIVED:
                    # What has passed is not done again.
                    options = (*options, *_each("--skip", areas))
            trial = run(command, folder / "report", options, self.within_s)
            # A kit that was too busy says so once; a server that keeps it from a verdict does it again.
            if trial.outcome is Outcome.NO_VERDICT:
                trial = run(command, folder / "again", options, self.within_s)
            return trial
        finally:
            shutil.rmtree(folder)


def _each(option: str, values: Iterable[str]) -> Sequence[str]:
    return [word for value in values for word in (option, value)]
